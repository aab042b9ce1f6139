/** Errors of the feegrant module, numbered as in the Cosmos SDK. */
import { defineError } from '../../node/base/errors.ts';

export const FEE_LIMIT_EXCEEDED = defineError('feegrant', 2, 'fee limit exceeded');
export const FEE_LIMIT_EXPIRED = defineError('feegrant', 3, 'fee allowance expired');
export const INVALID_DURATION = defineError('feegrant', 4, 'invalid duration');
export const NO_ALLOWANCE = defineError('feegrant', 5, 'no allowance');
export const NO_MESSAGES = defineError('feegrant', 6, 'allowed messages are empty');
export const MESSAGE_NOT_ALLOWED = defineError('feegrant', 7, 'message not allowed');

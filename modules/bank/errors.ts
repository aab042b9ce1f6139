/** Errors of the bank module, numbered as in the Cosmos SDK. */
import { defineError } from '../../node/base/errors.ts';

export const NO_INPUTS = defineError('bank', 2, 'no inputs to send transaction');
export const NO_OUTPUTS = defineError('bank', 3, 'no outputs to send transaction');
export const SUMS_DIFFER = defineError('bank', 4, 'sum inputs != sum outputs');
export const SEND_DISABLED = defineError('bank', 5, 'send transactions are disabled');
export const MULTIPLE_SENDERS = defineError('bank', 9, 'multiple senders not allowed');

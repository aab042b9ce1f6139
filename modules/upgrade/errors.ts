/** What the Cosmos SDK answers when somebody else than the authority asks. */
import { defineError } from '../../node/base/errors.ts';

export const INVALID_SIGNER = defineError(
  'gov',
  13,
  'expected gov account as only signer for proposal message',
);

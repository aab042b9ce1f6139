/** Errors of the authz module, numbered as in the Cosmos SDK, and one of the bank's that grants of sends need. */
import { defineError } from '../../node/base/errors.ts';

export const NO_AUTHORIZATION = defineError('authz', 2, 'authorization not found');
export const INVALID_EXPIRATION = defineError(
  'authz',
  3,
  'expiration time of authorization should be more than current time',
);
export const UNKNOWN_TYPE = defineError('authz', 4, 'unknown authorization type');
export const EXPIRED = defineError('authz', 6, 'authorization expired');
export const GRANTEE_IS_GRANTER = defineError(
  'authz',
  7,
  'grantee and granter should be different',
);
export const NUMBER_OF_SIGNERS = defineError(
  'authz',
  9,
  'authorization can be given to msg with only one signer',
);
export const NEGATIVE_MAX_TOKENS = defineError('authz', 12, 'max tokens should be positive');
export const DUPLICATE_ENTRY = defineError('bank', 8, 'duplicate entry');

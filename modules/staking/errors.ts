/** Errors of the staking module, numbered as in the Cosmos SDK. */
import { defineError } from '../../node/base/errors.ts';

export const NO_VALIDATOR = defineError('staking', 3, 'validator does not exist');
export const OPERATOR_EXISTS = defineError(
  'staking',
  4,
  'validator already exist for this operator address; must use new validator operator address',
);
export const PUBKEY_EXISTS = defineError(
  'staking',
  5,
  'validator already exist for this pubkey; must use new validator pubkey',
);
export const PUBKEY_TYPE = defineError('staking', 6, 'validator pubkey type is not supported');

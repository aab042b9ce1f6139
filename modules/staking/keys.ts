/** Keys of the store `staking`, laid out as in the Cosmos SDK. */
import { concat, type Bytes } from '../../node/base/bytes.ts';

export const STORE = 'staking';
export const LAST_POWER_PREFIX = Uint8Array.of(0x11);
export const VALIDATOR_PREFIX = Uint8Array.of(0x21);
export const BY_CONSENSUS_PREFIX = Uint8Array.of(0x22);
export const PARAMS_KEY = Uint8Array.of(0x51);
/** Present while some validator's power may differ from what consensus was told. */
export const CHANGED_KEY = Uint8Array.of(0x61);

const sized = (address: Bytes): Bytes => concat(Uint8Array.of(address.length), address);

export const validatorKey = (operator: Bytes): Bytes => concat(VALIDATOR_PREFIX, sized(operator));
/** Holds the operator of the validator with this consensus address. */
export const byConsensusKey = (address: Bytes): Bytes =>
  concat(BY_CONSENSUS_PREFIX, sized(address));
/** Holds the power consensus was told last, as decimal text. */
export const lastPowerKey = (operator: Bytes): Bytes => concat(LAST_POWER_PREFIX, sized(operator));

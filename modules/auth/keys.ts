/** Keys of the store `acc`. The layout is that of the Cosmos SDK, so raw proofs of accounts carry over. */
import { concat, uint64ToBytes, utf8, type Bytes } from '../../node/base/bytes.ts';

export const STORE = 'acc';
export const PARAMS_KEY = Uint8Array.of(0);
export const ACCOUNT_PREFIX = Uint8Array.of(1);
/** The number the next new account gets, 8 bytes. */
export const NEXT_NUMBER_KEY = Uint8Array.of(2);
/** Followed by a time, 8 bytes, and a signer. */
export const NONCE_PREFIX = Uint8Array.of(90);
const NUMBER_PREFIX = utf8('accountNumber');

export const accountKey = (address: Bytes): Bytes => concat(ACCOUNT_PREFIX, address);
/** Holds the address of the account with this number. */
export const numberKey = (number: bigint): Bytes => concat(NUMBER_PREFIX, uint64ToBytes(number));

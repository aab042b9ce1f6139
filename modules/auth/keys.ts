/** Keys of the store `acc`. The layout is that of the Cosmos SDK, so raw proofs of accounts carry over. */
import { concat, uint64ToBytes, utf8, type Bytes } from '../../node/base/bytes.ts';
import type { TextKey } from '../../node/store/kv.ts';
import { textKey } from '../../node/store/text-key.ts';

export const STORE = 'acc';
const [PARAMS, ACCOUNT] = [0, 1] as const;
export const PARAMS_KEY = textKey(PARAMS).end();
export const ACCOUNT_PREFIX = Uint8Array.of(ACCOUNT);
/** The number the next new account gets, 8 bytes. */
export const NEXT_NUMBER_KEY = Uint8Array.of(2);
/** Followed by a time, 8 bytes, and a signer. */
export const NONCE_PREFIX = Uint8Array.of(90);
const NUMBER_PREFIX = utf8('accountNumber');

export const accountKey = (address: Bytes): TextKey => textKey(ACCOUNT).bytes(address).end();
/** Holds the address of the account with this number. */
export const numberKey = (number: bigint): Bytes => concat(NUMBER_PREFIX, uint64ToBytes(number));

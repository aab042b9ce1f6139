/** Keys of the `ledger` store (in the app hash) and the `ledger_tree` store (node values, not in it). */
import { concat, fromHex, uint64ToBytes, type Bytes } from '../../node/base/bytes.ts';
import { fieldToBytes } from './field.ts';
import type { PublicKey } from './schnorr.ts';

export const LEDGER_STORE = 'ledger';
export const TREE_STORE = 'ledger_tree';

const tag = (value: number): Bytes => Uint8Array.of(value);

export function uint32(value: number): Bytes {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, value);
  return out;
}

const uint16 = (value: number): Bytes => uint32(value).slice(2);

export const PARAMS_KEY = tag(0x00);
export const ROOT_KEY = tag(0x01);
/** Index of the next account to be opened. */
export const NEXT_INDEX_KEY = tag(0x02);
/** The batch that operations go into; absent when the last one was sealed and none has begun. */
export const OPEN_BATCH_KEY = tag(0x03);
/** Number of the last sealed batch. */
export const LAST_BATCH_KEY = tag(0x04);

export const LEAF_PREFIX = tag(0x10);
export const leafKey = (index: number): Bytes => concat(LEAF_PREFIX, uint32(index));
/** All accounts of one owner, by token. */
export const ownerPrefix = (key: PublicKey): Bytes =>
  concat(tag(0x11), fieldToBytes(key.ax), fieldToBytes(key.ay));
export const ownerKey = (key: PublicKey, token: number): Bytes =>
  concat(ownerPrefix(key), uint16(token));
export const INTENT_PREFIX = tag(0x12);
export const intentKey = (id: string): Bytes => concat(INTENT_PREFIX, fromHex(id));
export const QUOTE_PREFIX = tag(0x13);
export const quoteKey = (id: string): Bytes => concat(QUOTE_PREFIX, fromHex(id));
export const TOKEN_PREFIX = tag(0x14);
export const tokenKey = (token: number): Bytes => concat(TOKEN_PREFIX, uint16(token));
/** How much of a token the ledger holds. */
export const SUPPLY_PREFIX = tag(0x15);
export const supplyKey = (token: number): Bytes => concat(SUPPLY_PREFIX, uint16(token));

/** The standing quote of a paying account for what it takes in. */
export const pairKey = (outIdx: number, tokenIn: number): Bytes =>
  concat(tag(0x16), uint32(outIdx), uint16(tokenIn));

/** Marks a quote that its provider has replaced: it cannot be posted again. */
export const REPLACED_PREFIX = tag(0x17);
export const replacedKey = (hash: Bytes): Bytes => concat(REPLACED_PREFIX, hash);

export const nodeKey = (level: number, index: number): Bytes => concat(tag(level), uint32(index));

export const uint64 = uint64ToBytes;

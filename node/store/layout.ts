/**
 * Where things lie in the state database. Every key starts with one letter:
 *
 *   t                          tip record: newest version, its commit record and app hash
 *   b                          oldest version that is kept, 8 bytes
 *   c version                  commit record: root of every store at that version
 *   h version                  app hash: the marker that this version's batch is there
 *   n store version nonce      tree node
 *   o version store            nodes that this version no longer refers to
 *   v store key                newest value of a key
 *   d version store            store that was dropped at this version
 *   e ...                      what the owner of the database adds to a commit
 *
 * Versions are 8 bytes, most significant first, so that they sort; store names are length-prefixed.
 */
import { concat, uint64ToBytes, utf8, type Bytes } from '../base/bytes.ts';

const letter = (text: string): Bytes => utf8(text);

export const TIP_KEY = letter('t');
export const BASE_KEY = letter('b');

const COMMIT = letter('c');
const MARKER = letter('h');
const NODE = letter('n');
const ORPHANS = letter('o');
const VALUE = letter('v');
const DROPPED = letter('d');
const EXTRA = letter('e');

export const commitKey = (version: number): Bytes => concat(COMMIT, uint64ToBytes(version));
export const markerKey = (version: number): Bytes => concat(MARKER, uint64ToBytes(version));
export const extraKey = (key: Bytes): Bytes => concat(EXTRA, key);

export function storeLabel(name: string): Bytes {
  const bytes = utf8(name);
  return concat(Uint8Array.of(bytes.length), bytes);
}

export const nodePrefix = (name: string): Bytes => concat(NODE, storeLabel(name));
export const valuePrefix = (name: string): Bytes => concat(VALUE, storeLabel(name));

export function nodeKey(prefix: Bytes, version: number, nonce: number): Bytes {
  const key = new Uint8Array(prefix.length + 12);
  key.set(prefix);
  const view = new DataView(key.buffer, prefix.length);
  view.setUint32(0, Math.floor(version / 0x1_0000_0000));
  view.setUint32(4, version % 0x1_0000_0000);
  view.setUint32(8, nonce);
  return key;
}

export const orphansKey = (version: number, name: string): Bytes =>
  concat(ORPHANS, uint64ToBytes(version), storeLabel(name));
export const droppedKey = (version: number, name: string): Bytes =>
  concat(DROPPED, uint64ToBytes(version), storeLabel(name));

/** The store name at the end of an orphans or dropped key. */
export function labelOf(key: Bytes): string {
  return new TextDecoder().decode(key.subarray(10));
}

export const orphansFrom = (version: number): Bytes => concat(ORPHANS, uint64ToBytes(version));
export const droppedFrom = (version: number): Bytes => concat(DROPPED, uint64ToBytes(version));

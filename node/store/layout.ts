/**
 * Where things lie in the state database. Every key starts with one letter:
 *
 *   t                          tip record: newest version, its commit record and app hash
 *   b                          oldest version that is kept, 8 bytes
 *   c version                  commit record: root of every store at that version
 *   h version                  app hash: the marker that this version's batch is there
 *   n store version nonce      page of tree nodes
 *   o version store            pages that this version no longer refers to
 *   v store key                newest value of a key
 *   d version store            store that was dropped at this version
 *   e ...                      what the owner of the database adds to a commit
 *   r                          a restore is under way: what else is here counts for nothing
 *   s                          restored from a snapshot, and nothing committed since
 *
 * Versions are 8 bytes, most significant first, so that they sort; store names are length-prefixed.
 */
import { concat, uint64ToBytes, utf8, type Bytes } from '../base/bytes.ts';

const letter = (text: string): Bytes => utf8(text);

export const TIP_KEY = letter('t');
export const BASE_KEY = letter('b');
export const RESTORING_KEY = letter('r');
export const RESTORED_KEY = letter('s');

export const EVERYTHING = { start: letter('a'), end: letter('{') };

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

/** Bytes of version and nonce at the end of a page's key. */
export const NODE_PLACE_BYTES = 12;

interface NodePlace {
  readonly page: number;
  readonly nonce: number;
}

export function nodeKey(prefix: Bytes, place: NodePlace): Bytes {
  const key = new Uint8Array(prefix.length + NODE_PLACE_BYTES);
  writeNodeKey(key, 0, prefix, place);
  return key;
}

/** Returns the next free place. */
export function writeNodeKey(
  out: Uint8Array,
  start: number,
  prefix: Bytes,
  place: NodePlace,
): number {
  out.set(prefix, start);
  const at = start + prefix.length;
  writeUint32(out, at, Math.floor(place.page / 0x1_0000_0000));
  writeUint32(out, at + 4, place.page % 0x1_0000_0000);
  writeUint32(out, at + 8, place.nonce);
  return at + NODE_PLACE_BYTES;
}

function writeUint32(out: Uint8Array, at: number, value: number): void {
  out[at] = value >>> 24;
  out[at + 1] = (value >>> 16) & 0xff;
  out[at + 2] = (value >>> 8) & 0xff;
  out[at + 3] = value & 0xff;
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

/** The keys of the block database: one letter, then the height in eight bytes. */
import { concat, uint64ToBytes, utf8, type Bytes } from '../base/bytes.ts';

function byHeight(letter: string): (height: number) => Bytes {
  const prefix = utf8(letter);
  return (height) => concat(prefix, uint64ToBytes(height));
}

/** Block id and size. */
export const metaKey = byHeight('m');
export const blockKeyOf = byHeight('b');
/** The commit this node saw; the canonical one is in the next block. */
export const seenCommitKey = byHeight('c');
export const resultsKey = byHeight('r');
/** Results beyond the first portion, by height and number of the portion. */
export function resultsPortionKey(height: number, index: number): Bytes {
  return concat(utf8('q'), uint64ToBytes(height), uint64ToBytes(index));
}
/** Where the portions of these heights begin. */
export const resultsPortionsOf = byHeight('q');
/** Validators and consensus parameters in force at a height. */
export const validatorsKey = byHeight('v');
export const paramsKey = byHeight('p');
/** Pending evidence, by hash. */
export const EVIDENCE_PREFIX = utf8('e');
export const COMMITTED_EVIDENCE_PREFIX = utf8('E');
export const STATE_KEY = utf8('state');
export const BASE_KEY = utf8('base');
/** Hash of the genesis file this chain began with. */
export const GENESIS_KEY = utf8('genesis');
/** The height that came as a snapshot, if the chain here began with one. */
export const RESTORED_KEY = utf8('restored');

export function hashKey(hash: Bytes): Bytes {
  return concat(utf8('h'), hash);
}

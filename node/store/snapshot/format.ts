/** What a snapshot is to the outside: the terms of state sync. */
import { equal, type Bytes } from '../../base/bytes.ts';
import { sha256 } from '../../base/hash.ts';
import { MAX_SNAPSHOT_CHUNKS } from '../../base/limits.ts';

/** One state at one height, cut into chunks of SNAPSHOT_CHUNK_BYTES. */
export interface Snapshot {
  readonly height: number;
  readonly format: number;
  readonly chunks: number;
  /** SHA-256 of `metadata`. */
  readonly hash: Bytes;
  /** The SHA-256 of every chunk, 32 bytes each, in order. */
  readonly metadata: Bytes;
}

export type OfferVerdict = 'accept' | 'reject' | 'reject-format';

/** `retry`: the bytes are not those of the list; another peer may have them. `reject`: start over. */
export type ChunkVerdict = 'accept' | 'retry' | 'reject';

export const SNAPSHOT_FORMAT = 1;
export const HASH_BYTES = 32;

/** Do the numbers and hashes of an offer fit together? Nothing is known yet of the chunks. */
export function judgeOffer(offer: Snapshot): OfferVerdict {
  if (offer.format !== SNAPSHOT_FORMAT) return 'reject-format';
  const { height, chunks, hash, metadata } = offer;
  const isCounted = Number.isSafeInteger(chunks) && chunks >= 1 && chunks <= MAX_SNAPSHOT_CHUNKS;
  if (!isCounted || !Number.isSafeInteger(height) || height < 1) return 'reject';
  if (metadata.length !== chunks * HASH_BYTES || !equal(sha256(metadata), hash)) return 'reject';
  return 'accept';
}

export function listedHash(offer: Snapshot, index: number): Bytes {
  return offer.metadata.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
}

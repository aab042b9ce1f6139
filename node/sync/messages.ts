/** The messages of block sync: SyncRequest and SyncBlock of proto/bitscale/p2p/v1. */
import { EMPTY, type Bytes } from '../base/bytes.ts';
import { BitscaleError, defineError } from '../base/errors.ts';
import { MAX_SYNC_BLOCKS, MAX_SYNC_REQUEST_BYTES } from '../base/limits.ts';
import { checkCanonical, ProtoReader } from '../base/proto-reader.ts';
import { ProtoWriter } from '../base/proto-writer.ts';

export const ErrSyncMessage = defineError('sync', 1, 'malformed sync message');

export interface SyncRequest {
  readonly fromHeight: number;
  readonly count: number;
  /** Empty: decided blocks. */
  readonly hash: Bytes;
  /** The answer may be larger only if it is one block. */
  readonly maxBytes: number;
}

export interface SyncBlock {
  readonly height: number;
  readonly block: Bytes;
  /** Empty in the answer to a request by hash. */
  readonly commit: Bytes;
}

const HASH_BYTES = 32;

export function encodeSyncRequest(request: SyncRequest): Bytes {
  return new ProtoWriter()
    .int64(1, request.fromHeight)
    .int64(2, request.count)
    .bytes(3, request.hash)
    .int64(4, request.maxBytes)
    .finish();
}

/** Throws BitscaleError when malformed or out of bounds. */
export function decodeSyncRequest(bytes: Bytes): SyncRequest {
  return checkCanonical(bytes, readSyncRequest, encodeSyncRequest);
}

function readSyncRequest(bytes: Bytes): SyncRequest {
  const reader = new ProtoReader(bytes);
  let [fromHeight, count, hash, maxBytes] = [0, 0, EMPTY, 0];
  while (reader.next()) {
    if (reader.field === 1) fromHeight = reader.safeInteger();
    else if (reader.field === 2) count = reader.safeInteger();
    else if (reader.field === 3) hash = reader.bytes();
    else if (reader.field === 4) maxBytes = reader.safeInteger();
    else reader.unknown();
  }
  const goodHash = hash.length === 0 || hash.length === HASH_BYTES;
  const goodCount = count >= 1 && count <= MAX_SYNC_BLOCKS;
  const goodBytes = maxBytes >= 1 && maxBytes <= MAX_SYNC_REQUEST_BYTES;
  if (fromHeight < 1 || !goodCount || !goodBytes || !goodHash) {
    throw new BitscaleError(ErrSyncMessage, 'request out of bounds');
  }
  return { fromHeight, count, hash, maxBytes };
}

export function encodeSyncBlock(item: SyncBlock): Bytes {
  return new ProtoWriter()
    .int64(1, item.height)
    .bytes(2, item.block)
    .bytes(3, item.commit)
    .finish();
}

/** Throws BitscaleError when malformed; of blocks the bytes are not copied again to compare them. */
export function decodeSyncBlock(bytes: Bytes): SyncBlock {
  const reader = new ProtoReader(bytes);
  let [height, block, commit] = [0, EMPTY, EMPTY];
  while (reader.next()) {
    if (reader.field === 1) height = reader.safeInteger();
    else if (reader.field === 2) block = reader.bytes();
    else if (reader.field === 3) commit = reader.bytes();
    else reader.unknown();
    if (reader.field === 3 && commit.length === 0) {
      throw new BitscaleError(ErrSyncMessage, 'an empty commit is left out');
    }
  }
  if (height < 1 || block.length === 0) throw new BitscaleError(ErrSyncMessage, 'no block');
  return { height, block, commit };
}

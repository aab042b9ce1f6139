/** The messages of state sync: StateRequest and what answers it, of proto/bitscale/p2p/v1. */
import { EMPTY, equal, type Bytes } from '../base/bytes.ts';
import { BitscaleError } from '../base/errors.ts';
import { sha256 } from '../base/hash.ts';
import { MAX_SNAPSHOT_CHUNKS, MAX_VALIDATORS } from '../base/limits.ts';
import { checkCanonical, ProtoReader } from '../base/proto-reader.ts';
import { ProtoWriter } from '../base/proto-writer.ts';
import type { Snapshot } from '../app/abci.ts';
import { decodeCommit, decodeHeader } from '../consensus/decoding.ts';
import { encodeCommit, encodeHeader } from '../consensus/encoding.ts';
import { untrustedSet } from '../consensus/light.ts';
import type { RankedValidator } from '../consensus/validator-set.ts';
import type { LightRecord } from './expected.ts';
import { ErrSyncMessage } from './messages.ts';

export interface ChunkName {
  readonly height: number;
  readonly format: number;
  readonly index: number;
}

export type StateRequest =
  | { readonly type: 'light'; readonly height: number }
  | { readonly type: 'snapshots' }
  | ({ readonly type: 'chunk' } & ChunkName);

const HASH_BYTES = 32;
const ADDRESS_BYTES = 20;
const ALWAYS = { always: true } as const;

function malformed(why: string): never {
  throw new BitscaleError(ErrSyncMessage, why);
}

export function encodeStateRequest(request: StateRequest): Bytes {
  const writer = new ProtoWriter();
  if (request.type === 'light') return writer.int64(1, request.height).finish();
  if (request.type === 'snapshots') return writer.bool(2, true).finish();
  const { height, format, index } = request;
  const chunk = new ProtoWriter().int64(1, height).uint64(2, format).int64(3, index).finish();
  return writer.message(3, chunk, ALWAYS).finish();
}

/** Throws BitscaleError on anything but exactly one question. */
export function decodeStateRequest(bytes: Bytes): StateRequest {
  return checkCanonical(bytes, readStateRequest, encodeStateRequest);
}

function readStateRequest(bytes: Bytes): StateRequest {
  const reader = new ProtoReader(bytes);
  const found: StateRequest[] = [];
  while (reader.next()) {
    if (reader.field === 1) found.push({ type: 'light', height: reader.safeInteger() });
    else if (reader.field === 2 && reader.bool()) found.push({ type: 'snapshots' });
    else if (reader.field === 3) found.push({ type: 'chunk', ...reader.message(readChunkName) });
    else reader.unknown();
  }
  const [request] = found;
  if (request === undefined || found.length !== 1) return malformed('not exactly one question');
  if (request.type !== 'snapshots' && request.height < 1) return malformed('height below one');
  return request;
}

function readChunkName(reader: ProtoReader): ChunkName {
  let [height, format, index] = [0, 0, 0];
  while (reader.next()) {
    if (reader.field === 1) height = reader.safeInteger();
    else if (reader.field === 2) format = reader.uint32();
    else if (reader.field === 3) index = reader.safeInteger();
    else reader.unknown();
  }
  if (index < 0 || index >= MAX_SNAPSHOT_CHUNKS) return malformed('no such chunk');
  return { height, format, index };
}

export function encodeSnapshot({ height, format, chunks, hash, metadata }: Snapshot): Bytes {
  return new ProtoWriter()
    .int64(1, height)
    .uint64(2, format)
    .int64(3, chunks)
    .bytes(4, hash)
    .bytes(5, metadata)
    .finish();
}

/** Throws BitscaleError also when the numbers and hashes of the offer do not fit together. */
export function decodeSnapshot(bytes: Bytes): Snapshot {
  return checkCanonical(bytes, readSnapshot, encodeSnapshot);
}

function readSnapshot(bytes: Bytes): Snapshot {
  const reader = new ProtoReader(bytes);
  let [height, format, chunks, hash, metadata] = [0, 0, 0, EMPTY, EMPTY];
  while (reader.next()) {
    if (reader.field === 1) height = reader.safeInteger();
    else if (reader.field === 2) format = reader.uint32();
    else if (reader.field === 3) chunks = reader.safeInteger();
    else if (reader.field === 4) hash = reader.bytes();
    else if (reader.field === 5) metadata = reader.bytes();
    else reader.unknown();
  }
  if (height < 1) malformed('a snapshot of no height');
  if (chunks < 1 || chunks > MAX_SNAPSHOT_CHUNKS) malformed(`a snapshot of ${chunks} chunks`);
  if (metadata.length !== chunks * HASH_BYTES) malformed('not one hash for each chunk');
  if (!equal(sha256(metadata), hash)) malformed('the hash is not that of the list of chunks');
  return { height, format, chunks, hash, metadata };
}

function encodeValidator({ pubKey, power, priority }: RankedValidator): Bytes {
  return new ProtoWriter().bytes(1, pubKey).int64(2, power).int64(3, priority).finish();
}

export function encodeLightRecord({ block, params }: LightRecord): Bytes {
  const { header, commit, validators } = block;
  const writer = new ProtoWriter().bytes(1, encodeHeader(header)).bytes(2, encodeCommit(commit));
  for (const one of validators.validators) writer.message(3, encodeValidator(one), ALWAYS);
  const proposer = validators.indexOf(validators.proposer.address) ?? 0;
  return writer.int64(4, proposer).bytes(5, params).finish();
}

/** Well formed, not more: whether it is true is for the light verifier. Throws BitscaleError. */
export function decodeLightRecord(bytes: Bytes): LightRecord {
  return checkCanonical(bytes, readLightRecord, encodeLightRecord);
}

function readLightRecord(bytes: Bytes): LightRecord {
  const reader = new ProtoReader(bytes, { repeated: [3] });
  let [header, commit, params, proposer] = [EMPTY, EMPTY, EMPTY, 0];
  const ranked: RankedValidator[] = [];
  while (reader.next()) {
    if (reader.field === 1) header = reader.bytes();
    else if (reader.field === 2) commit = reader.bytes();
    else if (reader.field === 3) ranked.push(reader.message(readValidator));
    else if (reader.field === 4) proposer = reader.safeInteger();
    else if (reader.field === 5) params = reader.bytes();
    else reader.unknown();
    if (ranked.length > MAX_VALIDATORS) malformed('too many validators');
  }
  const first = ranked[proposer] ?? malformed('no such proposer');
  const validators = untrustedSet(ranked, first);
  return {
    block: { header: decodeHeader(header), commit: decodeCommit(commit), validators },
    params,
  };
}

function readValidator(reader: ProtoReader): RankedValidator {
  let [pubKey, power, priority] = [EMPTY, 0n, 0n];
  while (reader.next()) {
    if (reader.field === 1) pubKey = reader.bytes();
    else if (reader.field === 2) power = reader.int64();
    else if (reader.field === 3) priority = reader.int64();
    else reader.unknown();
  }
  return { address: sha256(pubKey).slice(0, ADDRESS_BYTES), pubKey, power, priority };
}

/** What the kit itself keeps in the state: consensus parameters and the facts of the newest block. */
import { ConsensusParams as ProtoParams } from 'cosmjs-types/tendermint/types/params';
import { bytesToUint64, concat, equal, uint64ToBytes, type Bytes } from '../base/bytes.ts';
import { assert } from '../base/errors.ts';
import { timeFromNanos, timeToNanos, type Time } from '../base/time.ts';
import type { KvReader, KvStore } from '../store/kv.ts';
import type { ConsensusParams } from './abci.ts';
import type { StoreSpec } from './module.ts';

/** Provable, as `cosmos.consensus.v1` needs it. */
export const PARAMS_STORE = 'consensus';
/** Of this node only: not part of the app hash. */
export const RECORD_STORE = 'chain';

export const KIT_STORES: readonly StoreSpec[] = [
  { name: PARAMS_STORE, kind: 'iavl' },
  // Written by every block; between a restored state and the next block nothing needs it.
  { name: RECORD_STORE, kind: 'plain', recovery: {} },
];

const PARAMS_KEY = Uint8Array.of(0);
const BLOCK_KEY = Uint8Array.of(1);
const NANOS_PER_SECOND = 1_000_000_000n;

export function toProtoParams(params: ConsensusParams): ProtoParams {
  const { maxAgeDurationNanos } = params.evidence;
  const maxAgeDuration = {
    seconds: maxAgeDurationNanos / NANOS_PER_SECOND,
    nanos: Number(maxAgeDurationNanos % NANOS_PER_SECOND),
  };
  return ProtoParams.fromPartial({
    block: params.block,
    evidence: {
      maxAgeNumBlocks: params.evidence.maxAgeNumBlocks,
      maxAgeDuration,
      maxBytes: params.evidence.maxBytes,
    },
    validator: { pubKeyTypes: [...params.validator.pubKeyTypes] },
    version: params.version,
  });
}

/** Throws on parameters that are incomplete: no chain stores such. */
export function fromProtoParams(proto: ProtoParams): ConsensusParams {
  const { block, evidence, validator, version } = proto;
  assert(block && evidence, 'stored consensus parameters are incomplete');
  const { seconds, nanos } = evidence.maxAgeDuration ?? { seconds: 0n, nanos: 0 };
  return {
    block: { maxBytes: block.maxBytes, maxGas: block.maxGas },
    evidence: {
      maxAgeNumBlocks: evidence.maxAgeNumBlocks,
      maxAgeDurationNanos: seconds * NANOS_PER_SECOND + BigInt(nanos),
      maxBytes: evidence.maxBytes,
    },
    validator: { pubKeyTypes: validator?.pubKeyTypes ?? [] },
    version: { app: version?.app ?? 0n },
  };
}

export function writeConsensusParams(store: KvStore, params: ConsensusParams): void {
  store.set(PARAMS_KEY, ProtoParams.encode(toProtoParams(params)).finish());
}

export function readConsensusParams(store: KvReader): ConsensusParams {
  const bytes = store.get(PARAMS_KEY);
  assert(bytes, 'consensus parameters are missing');
  return fromProtoParams(ProtoParams.decode(bytes));
}

/** The stored parameters, unless they are still `before`. */
export function changedParams(
  store: KvReader,
  before: ConsensusParams,
): ConsensusParams | undefined {
  const bytes = store.get(PARAMS_KEY);
  assert(bytes, 'consensus parameters are missing');
  if (equal(bytes, ProtoParams.encode(toProtoParams(before)).finish())) return undefined;
  return fromProtoParams(ProtoParams.decode(bytes));
}

export interface BlockRecord {
  readonly height: number;
  readonly time: Time;
}

export function writeBlockRecord(store: KvStore, { height, time }: BlockRecord): void {
  store.set(BLOCK_KEY, concat(uint64ToBytes(height), timeBytes(time)));
}

export function readBlockRecord(store: KvReader): BlockRecord | undefined {
  const bytes = store.get(BLOCK_KEY);
  if (!bytes) return undefined;
  const time = timeFromNanos(BigInt.asIntN(64, bytesToUint64(bytes, 8)));
  return { height: Number(bytesToUint64(bytes)), time };
}

function timeBytes(time: Time): Bytes {
  return uint64ToBytes(BigInt.asUintN(64, timeToNanos(time)));
}

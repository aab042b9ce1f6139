/**
 * Raw state queries with ICS-23 proofs, as `abci_query` on `/store/<name>/key` and
 * `/store/<name>/subspace` answers them. Refusals carry the codes and texts of the Cosmos SDK.
 */
import { utf8, type Bytes } from '../base/bytes.ts';
import { BitscaleError } from '../base/errors.ts';
import { MAX_SUBSPACE_BYTES, MAX_SUBSPACE_PAIRS } from '../base/limits.ts';
import { ProtoWriter } from '../base/proto-writer.ts';
import { INVALID_HEIGHT, INVALID_REQUEST, UNKNOWN_REQUEST } from '../base/sdk-errors.ts';
import { encodeProof } from './ics23/codec.ts';
import { iteratePrefix } from './kv.ts';
import type { ReadView } from './read-view.ts';

export interface StoreQuestion {
  readonly store: string;
  readonly key: Bytes;
  /** 0: the newest committed version. */
  readonly height: number;
  readonly prove: boolean;
}

export interface ProofOp {
  readonly type: string;
  readonly key: Bytes;
  readonly data: Bytes;
}

export interface StoreAnswer {
  readonly height: number;
  readonly key: Bytes;
  /** undefined: the key is absent. */
  readonly value: Bytes | undefined;
  readonly proofOps: readonly ProofOp[];
}

interface QueriedStores {
  readonly version: number;
  readonly base: number;
  kindOf(name: string): 'iavl' | 'plain' | undefined;
  at(version: number): ReadView;
}

const NO_PROOF = 'proof is unexpectedly empty; ensure height has not been pruned';

const TOO_MANY_PAIRS = `more than ${MAX_SUBSPACE_PAIRS} pairs or ${MAX_SUBSPACE_BYTES} bytes`;

/**
 * The rules of an application: no proofs at height 1 or below, because header 1 has no app hash of
 * it.
 */
export function queryStore(stores: QueriedStores, question: StoreQuestion): StoreAnswer {
  const height = question.height === 0 ? stores.version : question.height;
  if (question.prove && height <= 1) {
    const text = 'cannot query with proof when height <= 1; please provide a valid height';
    throw new BitscaleError(INVALID_REQUEST, text);
  }
  return answerAt(stores, { ...question, height });
}

/** The same at exactly this height, without the rule on height 1. */
export function answerAt(stores: QueriedStores, question: StoreQuestion): StoreAnswer {
  const { store, key, height, prove } = question;
  const view = viewOf(stores, store, height);
  if (key.length === 0) {
    throw new BitscaleError(INVALID_REQUEST, prove ? NO_PROOF : 'query cannot be zero length');
  }
  if (!prove) return { height, key, value: view.store(store).get(key), proofOps: [] };
  const proof = view.proveKey(store, key);
  const proofOps = [
    { type: 'ics23:iavl', key, data: encodeProof(proof) },
    { type: 'ics23:simple', key: utf8(store), data: view.storeProof(store) },
  ];
  return { height, key, value: proof.exist?.value.slice(), proofOps };
}

/** All pairs below a prefix as protobuf `Pairs`, without a proof. */
export function answerSubspace(
  stores: QueriedStores,
  question: Omit<StoreQuestion, 'prove'>,
): StoreAnswer {
  const height = question.height === 0 ? stores.version : question.height;
  const reader = viewOf(stores, question.store, height).store(question.store);
  const writer = new ProtoWriter();
  let [pairs, bytes] = [0, 0];
  for (const [key, value] of iteratePrefix(reader, question.key)) {
    pairs += 1;
    bytes += key.length + value.length;
    if (pairs > MAX_SUBSPACE_PAIRS || bytes > MAX_SUBSPACE_BYTES) {
      throw new BitscaleError(INVALID_REQUEST, TOO_MANY_PAIRS);
    }
    writer.message(1, new ProtoWriter().bytes(1, key).bytes(2, value).finish());
  }
  return { height, key: question.key, value: writer.finish(), proofOps: [] };
}

function viewOf(stores: QueriedStores, name: string, height: number): ReadView {
  const kind = stores.kindOf(name);
  if (kind === undefined) throw new BitscaleError(UNKNOWN_REQUEST, `no such store: ${name}`);
  if (kind === 'plain') {
    throw new BitscaleError(UNKNOWN_REQUEST, `store ${name} (type plain) doesn't support queries`);
  }
  if (!Number.isSafeInteger(height) || height < 0) {
    throw new BitscaleError(
      INVALID_HEIGHT,
      'cannot query with height < 0; please provide a valid height',
    );
  }
  if (height > stores.version) {
    const text = 'cannot query with height in the future; please provide a valid height';
    throw new BitscaleError(INVALID_HEIGHT, text);
  }
  if (height < stores.base) {
    throw new BitscaleError(INVALID_REQUEST, NO_PROOF);
  }
  const view = stores.at(height);
  if (view.has(name)) return view;
  throw new BitscaleError(UNKNOWN_REQUEST, `no such store at height ${height}: ${name}`);
}

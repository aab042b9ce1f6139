/** Proofs as `abci_query` hands them out: of a key under its store, and of the store under the app hash. */
import assert from 'node:assert/strict';
import { utf8 } from '../../../../node/base/bytes.ts';
import { BitscaleError } from '../../../../node/base/errors.ts';
import { decodeProof } from '../../../../node/store/ics23/codec.ts';
import {
  IAVL_SPEC,
  TENDERMINT_SPEC,
  type CommitmentProof,
} from '../../../../node/store/ics23/types.ts';
import {
  rootOfProof,
  verifyMembership,
  verifyNonMembership,
} from '../../../../node/store/ics23/verify.ts';
import { MemoryDb } from '../../../../node/store/memory-db.ts';
import { MultiStore } from '../../../../node/store/multi-store.ts';
import type { Random } from '../random.ts';

export interface Claim {
  readonly appHash: Uint8Array;
  readonly store: string;
  readonly key: Uint8Array;
  /** undefined: the key is absent. */
  readonly value: Uint8Array | undefined;
}

export interface Sample extends Claim {
  readonly proofs: readonly CommitmentProof[];
}

/** Is the claim proved? Throws on anything but a refusal. */
export function proves(claim: Claim, proofs: readonly CommitmentProof[]): boolean {
  const { appHash, store, key, value } = claim;
  const [first, second, ...more] = proofs;
  if (!first || !second || more.length > 0) return false;
  try {
    const root = rootOfProof(first);
    if (value) verifyMembership(IAVL_SPEC, first, { root, key, value });
    else verifyNonMembership(IAVL_SPEC, first, { root, key });
    verifyMembership(TENDERMINT_SPEC, second, { root: appHash, key: utf8(store), value: root });
    return true;
  } catch (error) {
    assert.ok(error instanceof BitscaleError, `not a refusal: ${String(error)}`);
    return false;
  }
}

const NAMES = ['acc', 'bank', 'ibc', 'mint', 'staking'];
const VERSIONS = 6;

/** Keys that are there and keys that are not, of several stores and versions, some with the same value. */
export async function sampleProofs(random: Random, count: number): Promise<Sample[]> {
  const stores = MultiStore.open(new MemoryDb(), { iavl: [...NAMES, 'single'], plain: [] });
  const hashes: Uint8Array[] = [];
  const keys: Uint8Array[] = [];
  for (let version = 1; version <= VERSIONS; version++) {
    stores.store('single').set(utf8('only'), random.bytes(3));
    for (let i = 0; i < 150; i++) {
      const key = i % 3 && keys.length ? random.pick(keys) : random.bytes(1 + random.below(12));
      keys.push(key);
      const value = random.chance(30) ? utf8('the same') : random.bytes(1 + random.below(40));
      stores.store(random.pick(NAMES)).set(key, value);
    }
    hashes[version] = await stores.commit();
  }
  const samples: Sample[] = [];
  while (samples.length < count) {
    const height = 2 + random.below(VERSIONS - 1);
    const store = random.pick([...NAMES, 'single']);
    const key = random.chance(50) ? random.pick(keys) : random.bytes(1 + random.below(12));
    const { value, proofOps } = stores.query({ store, key, height, prove: true });
    const proofs = proofOps.map(({ data }) => decodeProof(data));
    samples.push({ appHash: hashes[height]!, store, key, value, proofs });
  }
  return samples;
}

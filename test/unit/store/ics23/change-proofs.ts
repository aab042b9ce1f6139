import assert from 'node:assert/strict';
import { toHex } from '../../../../node/base/bytes.ts';
import { encodeProof } from '../../../../node/store/ics23/codec.ts';
import type { CommitmentProof } from '../../../../node/store/ics23/types.ts';
import { Random } from '../random.ts';
import { proves, sampleProofs } from './multi-proof.ts';
import { mutated, poolOf } from './mutations.ts';

const SAMPLES = 400;

const encoded = (proofs: readonly CommitmentProof[]): string =>
  proofs.map((proof) => toHex(encodeProof(proof))).join();

/** So many changed proofs, of keys and stores at several versions; those that were accepted. */
export async function changeProofs(count: number, seed: number): Promise<string[]> {
  const random = new Random(seed);
  const samples = await sampleProofs(random, SAMPLES);
  // In an empty store, and beside the only key of a store, not everything can be proved.
  const proved = samples.filter((sample) => proves(sample, sample.proofs));
  assert.ok(proved.length > 0.95 * SAMPLES);
  const pool = poolOf(random, proved);
  const accepted: string[] = [];
  for (let tried = 0; tried < count;) {
    const sample = random.pick(proved);
    const changed = mutated(pool, sample);
    if (!changed || encoded(changed) === encoded(sample.proofs)) continue;
    tried++;
    if (proves(sample, changed)) accepted.push(encoded(changed));
  }
  return accepted;
}

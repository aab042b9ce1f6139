import assert from 'node:assert/strict';
import { compare, equal, toHex } from '../../../../node/base/bytes.ts';
import { encodeProof } from '../../../../node/store/ics23/codec.ts';
import type { CommitmentProof } from '../../../../node/store/ics23/types.ts';
import { Random } from '../random.ts';
import { proves, sampleProofs } from './multi-proof.ts';
import { mutated, poolOf } from './mutations.ts';

const COUNT = Number(process.env['MUTATED_PROOFS'] ?? 100_000);

const encoded = (proofs: readonly CommitmentProof[]): string =>
  proofs.map((proof) => toHex(encodeProof(proof))).join();

describe('a changed ICS-23 proof', () => {
  it(`is never accepted: ${COUNT} of them, over key and store, of several versions`, async () => {
    const random = Random.announced('changed proofs');
    const samples = await sampleProofs(random, 400);
    // In an empty store, and of the only key of a store, not everything can be proved.
    const proved = samples.filter((sample) => proves(sample, sample.proofs));
    assert.ok(proved.length > 380);
    const pool = poolOf(random, proved);
    let tried = 0;
    while (tried < COUNT) {
      const sample = random.pick(proved);
      const changed = mutated(pool, sample);
      if (!changed || encoded(changed) === encoded(sample.proofs)) continue;
      tried++;
      assert.ok(!proves(sample, changed), `accepted: ${encoded(changed)}`);
    }
  });

  it('cannot show a present key as absent, or an absent one as present', async () => {
    const random = Random.announced('the other claim');
    const samples = await sampleProofs(random, 300);
    for (const claim of samples) {
      const value = claim.value ? undefined : random.pick(samples).value;
      if (!claim.value && !value) continue;
      for (let i = 0; i < 30; i++) {
        assert.ok(!proves({ ...claim, value }, random.pick(samples).proofs));
      }
    }
  });

  it('cannot show a present key as absent by leaving leaves out', async () => {
    const random = Random.announced('false absence');
    const samples = await sampleProofs(random, 300);
    let tried = 0;
    for (const claim of samples.filter(({ value }) => value)) {
      const same = samples.filter(
        (s) => s.store === claim.store && equal(s.appHash, claim.appHash),
      );
      const leaves = same.flatMap(({ proofs }) => {
        const { exist, nonexist } = proofs[0]!;
        return [exist, nonexist?.left, nonexist?.right].filter((leaf) => leaf !== undefined);
      });
      const below = leaves.filter(({ key }) => compare(key, claim.key) < 0);
      const above = leaves.filter(({ key }) => compare(key, claim.key) > 0);
      for (const left of [undefined, ...below]) {
        for (const right of [undefined, ...above]) {
          tried++;
          const proof = { nonexist: { key: claim.key, left, right } };
          assert.ok(!proves({ ...claim, value: undefined }, [proof, claim.proofs[1]!]));
        }
      }
    }
    assert.ok(tried > 1_000, `only ${tried} tried`);
  });
});

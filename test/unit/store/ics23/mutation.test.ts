import assert from 'node:assert/strict';
import { compare, equal } from '../../../../node/base/bytes.ts';
import { Random } from '../random.ts';
import { changeProofs } from './change-proofs.ts';
import { proves, sampleProofs } from './multi-proof.ts';

const ROUNDS = 5;
const PER_ROUND = 20_000;

describe('a changed ICS-23 proof', () => {
  for (let round = 1; round <= ROUNDS; round++) {
    it(`is never accepted, over key and store, of several versions: ${PER_ROUND}, ${round} of ${ROUNDS}`, async () => {
      const { seed } = Random.announced('changed proofs');
      assert.deepEqual(await changeProofs(PER_ROUND, seed), []);
    });
  }

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

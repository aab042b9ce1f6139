/** Rotation by priority: every recorded case of the reference implementation. */
import assert from 'node:assert/strict';
import { toHex } from '../../../node/base/bytes.ts';
import { BitscaleError } from '../../../node/base/errors.ts';
import { ValidatorSet } from '../../../node/consensus/validator-set.ts';
import { hex, readVector, validatorOfRow, vectorNames, type Json } from './vectors.ts';

/** Rows of the proposer vectors: [public key, address, power]. */
const given = (row: string[]) => validatorOfRow([row[1]!, row[0]!, row[2]!]);

const rows = (set: ValidatorSet) =>
  set.validators.map((one) => [toHex(one.address), String(one.power), String(one.priority)]);

const proposerIndex = (set: ValidatorSet) => set.indexOf(set.proposer.address) ?? -1;

describe('proposer rotation of a fixed set', () => {
  for (const name of vectorNames('proposer', /^(random-)?rotate-.*\.json$/)) {
    const vector = readVector(`proposer/${name}`);
    const initial = ValidatorSet.create(vector.validators_given.map(given));

    it(`${name}: every turn is as recorded`, () => {
      assert.deepEqual(rows(initial), vector.initial);
      assert.equal(proposerIndex(initial), vector.initial_proposer);
      let set = initial;
      for (const [index, [proposer, priorities]] of vector.steps.entries()) {
        set = set.advance(1);
        assert.equal(proposerIndex(set), proposer, `step ${index}`);
        if (priorities) {
          assert.deepEqual(
            set.validators.map((one) => String(one.priority)),
            priorities,
          );
        }
      }
    });

    it(`${name}: advancing many turns at once rescales once`, () => {
      for (const many of vector.increment_many as Json[]) {
        const set = initial.advance(many.times);
        assert.equal(proposerIndex(set), many.proposer);
        assert.deepEqual(
          set.validators.map((one) => String(one.priority)),
          many.priorities,
        );
      }
    });

    it(`${name}: leaders of heights and rounds are as recorded`, () => {
      let set = initial;
      for (const [index, row] of (vector.heights_and_rounds as Json[]).entries()) {
        if (index > 0) set = set.advance(1);
        const proposers: number[] = row.proposer_of_round_0_1_2_3;
        proposers.forEach((proposer, round) => {
          assert.equal(set.indexOf(set.leader(round).address), proposer);
        });
      }
    });
  }
});

describe('changes of a validator set', () => {
  for (const name of vectorNames('proposer', /^(random-)?change-.*\.json$/)) {
    it(`${name}: every change and turn is as recorded`, () => {
      const vector = readVector(`proposer/${name}`);
      let set = ValidatorSet.create(vector.validators_given.map(given));
      assert.deepEqual(rows(set), vector.initial);
      for (const [index, step] of vector.steps.entries()) {
        if (step.increment) set = set.advance(step.increment);
        else if (step.error) {
          assert.throws(() => set.update(step.changes.map(given)), BitscaleError, step.error);
        } else set = set.update(step.changes.map(given));
        assert.deepEqual(rows(set), step.after, `step ${index}`);
        if (step.total_power) assert.equal(String(set.totalPower), step.total_power);
        if (step.hash) assert.deepEqual(set.hash(), hex(step.hash));
        const proposer = step.increment ? step.proposer : step.proposer_after_change;
        assert.equal(proposerIndex(set), proposer, `step ${index}`);
      }
    });
  }

  it('refuses what the reference constructor refuses', () => {
    const { new_set: cases } = readVector('proposer/limits.json');
    const keys = readVector('proposer/rotate-2-equal.json').validators_given;
    for (const one of cases as Json[]) {
      if (one.powers.length === 0) continue; // A chain without validators is no chain: refused here.
      const make = () =>
        ValidatorSet.create(
          one.powers.map((power: string, i: number) => given([keys[i][0], keys[i][1], power])),
        );
      if (one.panic) assert.throws(make, BitscaleError, one.note);
      else assert.deepEqual(rows(make()), one.state, one.note);
    }
  });
});

/**
 * How well the rotation honours powers. It is CometBFT's to the bit (proposer.test.ts), so these are properties
 * of the reference as well: nobody is ever a turn ahead of their share, over a whole cycle everybody has exactly
 * their share, and between equals any window at all is within one turn. With very uneven powers a window in the
 * middle of a cycle may be off by a little more than two turns: the reference's price for deciding greedily.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { toHex } from '../../../node/base/bytes.ts';
import type { ValidatorSet } from '../../../node/consensus/validator-set.ts';
import { setOf } from './harness.ts';

/** Position in the set of the proposer of each of the next turns. */
function turns(set: ValidatorSet, count: number): number[] {
  const positions = new Map(set.validators.map(({ address }, index) => [toHex(address), index]));
  const found: number[] = [];
  for (let turn = 0, at = set; turn < count; turn++, at = at.advance(1)) {
    found.push(positions.get(toHex(at.proposer.address))!);
  }
  return found;
}

/** For each validator, how many turns more than its share it had after each number of turns. */
function surplus(set: ValidatorSet, order: readonly number[]): number[][] {
  const total = Number(set.totalPower);
  return set.validators.map(({ power }, index) => {
    let had = 0;
    return [
      0,
      ...order.map((one, turn) => {
        if (one === index) had++;
        return had - ((turn + 1) * Number(power)) / total;
      }),
    ];
  });
}

const powers = (max: number) =>
  fc.array(fc.integer({ min: 1, max }), { minLength: 1, maxLength: 12 });
const asSet = (list: readonly number[]) => setOf(list.map(BigInt));
const spread = (values: readonly number[]) => Math.max(...values) - Math.min(...values);

describe('the rotation of proposers honours powers', function () {
  this.timeout(60_000);

  it('nobody is a whole turn ahead of their share, nor two behind, after any number of turns', () => {
    fc.assert(
      fc.property(powers(2_000), (list) => {
        const set = asSet(list);
        for (const values of surplus(set, turns(set, 300))) {
          assert.ok(Math.max(...values) < 1 && Math.min(...values) > -2);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('between equals every window is within one turn', () => {
    const equals = fc.tuple(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 1_000_000 }),
    );
    fc.assert(
      fc.property(equals, ([size, power]) => {
        const set = asSet(Array.from({ length: size }, () => power));
        for (const values of surplus(set, turns(set, 4 * size))) assert.ok(spread(values) <= 1);
      }),
      { numRuns: 40 },
    );
  });

  it('any window is within two and a half turns, however uneven the powers', () => {
    const uneven = fc.array(
      fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 20, max: 2_000 })),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(uneven, (list) => {
        const set = asSet(list);
        for (const values of surplus(set, turns(set, 300))) assert.ok(spread(values) < 2.5);
      }),
      { numRuns: 60 },
    );
  });

  it('a window of as many turns as there is power gives everybody exactly their share', () => {
    fc.assert(
      fc.property(powers(12), fc.nat({ max: 200 }), (list, from) => {
        const set = asSet(list);
        const cycle = Number(set.totalPower);
        const order = turns(set, from + cycle).slice(from);
        const had = set.validators.map((_, index) => order.filter((one) => one === index).length);
        assert.deepEqual(
          had,
          set.validators.map(({ power }) => Number(power)),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('goes on fairly after the set has changed: a window after the change is within three turns', () => {
    const change = fc.record({
      at: fc.nat({ max: 60 }),
      who: fc.nat(),
      power: fc.integer({ min: 1, max: 50 }),
    });
    fc.assert(
      fc.property(powers(50), fc.array(change, { maxLength: 4 }), (list, changes) => {
        let set = asSet(list);
        for (const { at, who, power } of changes) {
          for (let turn = 0; turn < at; turn++) set = set.advance(1);
          const one = set.validators[who % set.size]!;
          set = set.update([{ ...one, power: BigInt(power) }]);
        }
        for (const values of surplus(set, turns(set.advance(1), 200)))
          assert.ok(spread(values) < 3);
      }),
      { numRuns: 60 },
    );
  });

  it('rounds take the turns of later heights, one by one', () => {
    fc.assert(
      fc.property(powers(40), fc.array(fc.nat({ max: 400 }), { maxLength: 8 }), (list, rounds) => {
        const set = asSet(list);
        for (const round of rounds) {
          const expected = round === 0 ? set.proposer : set.advance(round).proposer;
          assert.deepEqual(set.leader(round).address, expected.address);
        }
      }),
      { numRuns: 60 },
    );
  });
});

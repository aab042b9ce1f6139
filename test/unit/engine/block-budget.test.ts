import assert from 'node:assert/strict';
import { MIN_OFFERED_TXS } from '../../../node/base/limits.ts';
import { BlockBudget } from '../../../node/engine/block-budget.ts';

/** A budget of a second, and a clock that work moves. */
function budget() {
  let nowMs = 0;
  const clock = { now: () => nowMs, monotonic: () => nowMs };
  const made = new BlockBudget(clock, 1_000);
  const execute = (count: number, ms: number): void =>
    made.measured(count, () => void (nowMs += ms));
  return { budget: made, execute };
}

describe('engine/block-budget', () => {
  it('offers as many transactions as were executed of late in its time', () => {
    const { budget: own, execute } = budget();
    assert.equal(own.txs, Infinity, 'before anything was measured');
    execute(1_000, 500);
    assert.equal(own.txs, 2_000);
    execute(1_000, 1_500);
    assert.equal(own.txs, 1_000, 'half the newest, half what was before');
  });

  it('learns nothing from small blocks', () => {
    const { budget: own, execute } = budget();
    execute(49, 500);
    assert.equal(own.txs, Infinity);
    execute(50, 500);
    assert.equal(own.txs, MIN_OFFERED_TXS);
  });

  it('always offers some, and more again when the machine has time', () => {
    const { budget: own, execute } = budget();
    execute(100, 60_000);
    assert.equal(own.txs, MIN_OFFERED_TXS);
    for (let i = 0; i < 30; i++) execute(100, 10);
    assert.ok(own.txs > 9_000);
  });

  it('answers what the work answers, and passes its errors on', () => {
    const { budget: own } = budget();
    assert.equal(
      own.measured(1, () => 7),
      7,
    );
    assert.throws(
      () =>
        own.measured(1, () => {
          throw new RangeError('no');
        }),
      RangeError,
    );
  });
});

import assert from 'node:assert/strict';
import { utf8 } from '../../../node/base/bytes.ts';
import {
  MAX_SYNC_ASKS,
  MAX_SYNC_ASKS_PER_PEER,
  MAX_SYNC_BLOCKS,
  MAX_SYNC_BUFFER_BYTES,
  MAX_SYNC_REQUEST_BYTES,
  MAX_SYNC_WINDOW_BLOCKS,
} from '../../../node/base/limits.ts';
import type { SyncBlock } from '../../../node/sync/messages.ts';
import { SyncPlan, type Ask } from '../../../node/sync/sync-plan.ts';

const ALL = { probe: false };
const block = (height: number, size = 10): SyncBlock => ({
  height,
  block: new Uint8Array(size),
  commit: utf8('c'),
});
const run = (from: number, count: number, size?: number): SyncBlock[] =>
  Array.from({ length: count }, (_, index) => block(from + index, size));

/** A plan at height 0 that knows these peers, by name and height. */
function planWith(peers: Record<string, number>): SyncPlan {
  const plan = new SyncPlan(0);
  for (const [name, height] of Object.entries(peers)) plan.claimed(name, { height, base: 1 }, 0);
  return plan;
}

const heights = (asks: readonly Ask[]): string[] =>
  asks.map(({ peerId, fromHeight, count }) => `${peerId}:${fromHeight}+${count}`);

describe('the plan of block sync', () => {
  it('asks several peers at once for different runs of heights', () => {
    const plan = planWith({ a: 100, b: 100, c: 100 });
    assert.deepEqual(heights(plan.asks(0, ALL)), ['a:1+32', 'b:33+32', 'c:65+32']);
    assert.deepEqual(plan.asks(0, ALL), [], 'nobody is asked twice in the same moment');
  });

  it('asks nobody for what it does not claim to have', () => {
    const plan = new SyncPlan(10);
    plan.claimed('low', { height: 12, base: 1 }, 0);
    plan.claimed('pruned', { height: 50, base: 13 }, 0);
    assert.deepEqual(heights(plan.asks(0, ALL)), ['low:11+2', 'pruned:13+32']);
    assert.deepEqual(heights(plan.asks(100, ALL)), ['pruned:45+6']);
  });

  it('asks only for the next blocks while it is not sure to be behind', () => {
    const plan = planWith({ a: 1_000, b: 1_000 });
    assert.deepEqual(heights(plan.asks(0, { probe: true })), ['a:1+32']);
  });

  it('keeps to its bounds: questions, questions per peer, window', () => {
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`p${i}`, 10_000]));
    const plan = planWith(many);
    for (let now = 0; now < 900; now += 100) plan.asks(now, ALL);
    assert.equal(plan.openAsks.length, MAX_SYNC_ASKS);
    const one = planWith({ a: 10_000 });
    for (let now = 0; now < 900; now += 100) one.asks(now, ALL);
    assert.equal(one.openAsks.length, MAX_SYNC_ASKS_PER_PEER);
    const near = planWith({ a: 10_000 });
    let top = 0;
    for (let now = 0; now < 100_000; now += 100) {
      for (const { id, fromHeight, count } of near.asks(now, ALL)) {
        top = Math.max(top, fromHeight + count - 1);
        if (fromHeight > 1) near.answered(id, run(fromHeight, count), now);
      }
    }
    assert.equal(top, MAX_SYNC_WINDOW_BLOCKS);
  });

  it('while memory is full it asks for the very next blocks only', () => {
    const plan = planWith({ a: 10_000, b: 10_000 });
    const [first, second] = plan.asks(0, ALL);
    const large = Math.ceil((MAX_SYNC_BUFFER_BYTES - MAX_SYNC_REQUEST_BYTES) / MAX_SYNC_BLOCKS);
    plan.answered(second!.id, run(33, 32, large), 10);
    assert.ok(plan.heldBytes <= MAX_SYNC_BUFFER_BYTES);
    assert.deepEqual(plan.asks(100, ALL), []);
    plan.failed(first!.id, 'timed out', 200);
    assert.deepEqual(heights(plan.asks(200, ALL)), ['b:1+32']);
  });

  it('asks somebody else as well when the next block does not come', () => {
    const plan = planWith({ a: 32, b: 32, c: 32 });
    assert.deepEqual(heights(plan.asks(0, ALL)), ['a:1+32']);
    assert.deepEqual(plan.asks(999, ALL), []);
    assert.deepEqual(heights(plan.asks(1_000, ALL)), ['b:1+32']);
    assert.deepEqual(plan.asks(1_500, ALL), []);
    assert.deepEqual(heights(plan.asks(2_000, ALL)), ['c:1+32']);
  });

  it('a shorter answer is fine: the rest is asked for again', () => {
    const plan = planWith({ a: 32 });
    const [ask] = plan.asks(0, ALL);
    assert.equal(plan.answered(ask!.id, run(1, 5), 10), undefined);
    assert.deepEqual(heights(plan.asks(100, ALL)), ['a:6+27']);
  });

  it('forgets what the chain has got in another way', () => {
    const plan = planWith({ a: 32 });
    const [ask] = plan.asks(0, ALL);
    plan.answered(ask!.id, run(1, 32), 10);
    plan.reached(31);
    assert.equal(plan.next()?.height, 32);
    plan.reached(32);
    assert.equal(plan.heldBytes, 0);
    assert.equal(plan.next(), undefined);
  });

  it('knows when nobody has the next block any more', () => {
    const plan = new SyncPlan(10);
    assert.equal(plan.isCutOff(), false);
    plan.claimed('pruned', { height: 50, base: 12 }, 0);
    assert.equal(plan.isCutOff(), true);
    assert.deepEqual(plan.asks(0, ALL), []);
    plan.claimed('archive', { height: 50, base: 11 }, 0);
    assert.equal(plan.isCutOff(), false);
  });

  it('a peer that is gone is not waited for', () => {
    const plan = planWith({ a: 32, b: 32 });
    plan.asks(0, ALL);
    plan.gone('a');
    assert.deepEqual(heights(plan.asks(100, ALL)), ['b:1+32']);
    assert.equal(plan.peerCount, 1);
  });

  it('claims of who failed do not count for a while, longer each time', () => {
    const plan = planWith({ a: 32 });
    let now = 0;
    for (const doubt of [5_000, 10_000, 20_000, 40_000, 40_000]) {
      const [ask] = plan.asks(now, ALL);
      plan.failed(ask!.id, 'timed out', now);
      assert.equal(plan.best(now + doubt - 1), 0);
      now += doubt;
      assert.equal(plan.best(now), 32);
    }
  });

  it('a true block makes up for failures', () => {
    const plan = planWith({ a: 32 });
    const [first] = plan.asks(0, ALL);
    plan.failed(first!.id, 'timed out', 0);
    assert.equal(plan.promised(), 0);
    const [again] = plan.asks(5_000, ALL);
    plan.answered(again!.id, run(1, 1), 5_000);
    plan.accepted(plan.next()!);
    assert.equal(plan.promised(), 32);
    const [third] = plan.asks(5_100, ALL);
    plan.failed(third!.id, 'timed out', 5_100);
    assert.equal(plan.best(10_100), 32);
  });

  it('a block that is not true costs its sender everything it gave', () => {
    const plan = planWith({ a: 64, b: 64 });
    const [first, second] = plan.asks(0, ALL);
    plan.answered(first!.id, run(1, 1), 10);
    plan.answered(second!.id, run(33, 32), 10);
    const [third] = plan.asks(100, ALL);
    assert.equal(third!.peerId, 'a');
    plan.answered(third!.id, run(2, 31), 110);
    const fault = plan.refused(plan.next()!, 'wrong signature', 120);
    assert.deepEqual(fault.points, 100);
    assert.equal(plan.next(), undefined);
    assert.deepEqual(heights(plan.asks(200, ALL)), ['b:1+32']);
  });

  type Deed = (plan: SyncPlan, ask: Ask) => ReturnType<SyncPlan['answered']>;
  const VERDICTS: [string, Deed, number | undefined][] = [
    ['gives all it was asked for', (plan, { id }) => plan.answered(id, run(1, 32), 1), undefined],
    ['gives less', (plan, { id }) => plan.answered(id, run(1, 1), 1), undefined],
    ['gives nothing', (plan, { id }) => plan.answered(id, [], 1), 10],
    ['does not answer', (plan, { id }) => plan.failed(id, 'timed out', 1), 10],
    ['answers garbage', (plan, { id }) => plan.lied(id, 'malformed', 1), 100],
    ['gives more', (plan, { id }) => plan.answered(id, run(1, 33), 1), 100],
    ['begins at another height', (plan, { id }) => plan.answered(id, run(2, 2), 1), 100],
    ['leaves a gap', (plan, { id }) => plan.answered(id, [block(1), block(3)], 1), 100],
    ['repeats a height', (plan, { id }) => plan.answered(id, [block(1), block(1)], 1), 100],
    ['lowers its height', (plan) => plan.claimed('a', { height: 31, base: 1 }, 1), 100],
    ['raises its height', (plan) => plan.claimed('a', { height: 33, base: 1 }, 1), undefined],
    [
      'answers twice',
      (plan, { id }) => {
        plan.answered(id, run(1, 32), 1);
        return plan.answered(id, run(1, 33), 2);
      },
      undefined,
    ],
  ];
  for (const [what, deed, points] of VERDICTS) {
    it(`who ${what} is charged ${points ?? 'nothing'}`, () => {
      const plan = planWith({ a: 32 });
      const [ask] = plan.asks(0, ALL);
      assert.equal(deed(plan, ask!)?.points, points);
    });
  }
});

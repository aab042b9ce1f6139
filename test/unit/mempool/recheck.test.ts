import assert from 'node:assert/strict';
import type { Bytes } from '../../../node/base/bytes.ts';
import {
  MAX_COUNTED_SIGNERS,
  MAX_RECHECKS_FOR_ROOM,
  MAX_RECHECKS_PER_BLOCK,
  RECHECK_AFTER_BLOCKS,
} from '../../../node/base/limits.ts';
import { marked, pool, result, sharedWith, texts, tx } from './fake-app.ts';

describe('mempool/recheck', () => {
  it('rechecks after a block and drops what no longer passes, with what depended on it', () => {
    const { pool: mempool, app } = pool();
    for (const sequence of [0, 1, 2]) mempool.add(tx('a', sequence, 1));
    mempool.add(tx('b', 0, 1));
    // Another tx of a, unknown to this node, took sequence 0.
    const other = tx('a', 0, 2);
    app.commit([other]);
    mempool.update(1, [other], [result(0)]);
    assert.deepEqual(texts(mempool.txs(9)), ['a/1/1/1', 'a/2/1/1', 'b/0/1/1']);
    const more = [tx('a', 1, 3), tx('a', 2, 3)];
    app.commit(more);
    mempool.update(2, more, [result(0), result(0)]);
    assert.deepEqual(texts(mempool.txs(9)), ['b/0/1/1']);
  });

  it('checks nothing again that a block left in its place, until somebody builds on it', () => {
    const { pool: mempool, app } = pool();
    for (const sequence of [0, 1, 2]) mempool.add(tx('a', sequence, 1));
    mempool.add(tx('b', 0, 1));
    app.commit([tx('a', 0, 1)]);
    const before = app.checks;
    mempool.update(1, [tx('a', 0, 1)], [result(0)]);
    assert.equal(app.checks, before);
    assert.equal(mempool.add(tx('a', 3, 1)).code, 0);
    assert.equal(app.checks, before + 3, 'two that were pending, and the new one');
    assert.equal(mempool.add(tx('a', 4, 1)).code, 0);
    assert.equal(app.checks, before + 4);
    app.ask(tx('b', 1, 1));
    assert.equal(app.checks, before + 5, 'what is asked by others builds on it, too');
  });

  it('checks again what a block does not tell the fate of', () => {
    const rechecked = (change: (one: Bytes) => Bytes, block: readonly Bytes[] = [], code = 0) => {
      const { pool: mempool, app } = pool();
      mempool.add(change(tx('a', 0, 1)));
      mempool.add(tx('a', 1, 1));
      const before = app.checks;
      mempool.update(
        1,
        block,
        block.map(() => result(code)),
      );
      return app.checks - before;
    };
    const same = (one: Bytes): Bytes => one;
    assert.equal(rechecked(same), 0);
    assert.equal(
      rechecked((one) => marked('expires', one)),
      2,
    );
    assert.equal(
      rechecked((one) => sharedWith('b', 0, one)),
      2,
    );
    assert.equal(rechecked(same, [sharedWith('a', 0, tx('b', 0, 1))]), 2, 'a has signed it, too');
    assert.equal(rechecked(same, [sharedWith('c', 0, tx('b', 0, 1))]), 0, 'a has not');
    assert.equal(rechecked(same, [tx('a', 0, 1)], 5), 1, 'one that failed');
    assert.equal(rechecked(same, [tx('a', 7, 1)]), 2, 'a sequence that is not theirs');
    assert.equal(rechecked(same, [marked('unordered', tx('a', 0, 2))]), 2);
  });

  it('keeps what stands on the sequences of several senders, and what stands on that', () => {
    const { pool: mempool, app } = pool();
    const shared = sharedWith('b', 1, tx('a', 0, 1));
    const all = [tx('b', 0, 1), shared, tx('b', 2, 1), tx('a', 1, 1)];
    for (const one of all) assert.equal(mempool.add(one).code, 0);
    for (const height of [1, 2]) {
      app.commit([]);
      mempool.update(height, [], []);
      assert.equal(mempool.size(), 4, `after block ${height}`);
    }
    assert.equal(mempool.add(tx('b', 3, 1)).code, 0);
  });

  it('checks again those alone whom a transaction of several signers concerns', () => {
    const { pool: mempool, app } = pool();
    const senders = Array.from({ length: 50 }, (_, i) => `s${i}`);
    for (const sender of senders) mempool.add(tx(sender, 0, 1));
    mempool.add(sharedWith('s1', 1, tx('s0', 1, 1)));
    const checks = (of: () => unknown): number => {
      const before = app.checks;
      of();
      return app.checks - before;
    };
    const nextBlock = (height: number): void => {
      app.commit([]);
      mempool.update(height, [], []);
    };
    assert.equal(
      checks(() => nextBlock(1)),
      3,
      's0 has two and s1 one',
    );
    const ask = (): void => app.ask(sharedWith('s8', 1, tx('s7', 1, 1)));
    assert.deepEqual([checks(ask), checks(ask)], [2, 0], 'one of each signer, once');
    assert.equal(
      checks(() => nextBlock(2)),
      3,
    );
  });

  it('checks the rest again when asked, once after each block, and says whether some of it fell', () => {
    const { pool: mempool, app } = pool();
    for (const sender of ['a', 'b', 'c']) mempool.add(tx(sender, 0, 1));
    app.commit([]);
    mempool.update(1, [], []);
    assert.equal(mempool.recount(), false);
    // As when the money of its sender went in a block, which changes no sequence.
    app.committed.set('b', 9n);
    app.commit([]);
    mempool.update(2, [], []);
    assert.equal(mempool.size(), 3);
    assert.equal(mempool.recount(), true);
    assert.deepEqual(texts(mempool.txs(9)), ['a/0/1/1', 'c/0/1/1']);
    const before = app.checks;
    assert.equal(mempool.recount(), false);
    assert.equal(app.checks, before);
  });

  it('checks nothing again for one that more have signed than may', () => {
    for (const [signers, checked] of [
      [MAX_COUNTED_SIGNERS, MAX_COUNTED_SIGNERS],
      [MAX_COUNTED_SIGNERS + 1, 0],
    ] as const) {
      const { pool: mempool, app } = pool();
      const senders = Array.from({ length: signers }, (_, i) => `s${i}`);
      for (const sender of senders) mempool.add(tx(sender, 0, 1));
      app.commit([]);
      mempool.update(1, [], []);
      app.others = senders.slice(1);
      const before = app.checks;
      app.ask(tx('s0', 1, 1));
      assert.equal(app.checks - before, checked);
    }
  });

  it('checks no more again for one that finds no room than a request has time for', () => {
    const SENDERS = 2 * MAX_RECHECKS_FOR_ROOM + 1;
    const { pool: mempool, app } = pool({ txs: SENDERS });
    for (let i = 0; i < SENDERS; i++) mempool.add(tx(`s${i}`, 0, 5));
    app.commit([]);
    mempool.update(1, [], []);
    const refused = (sender: string): number => {
      const before = app.checks;
      assert.throws(() => mempool.add(tx(sender, 0, 1)), { code: 20 });
      return app.checks - before;
    };
    const found = ['a', 'b', 'c', 'd'].map(refused);
    assert.deepEqual(found, [MAX_RECHECKS_FOR_ROOM, MAX_RECHECKS_FOR_ROOM, 1, 0]);
  });

  it('stops as soon as there is room', () => {
    const { pool: mempool, app } = pool({ txs: 3 });
    for (const sender of ['a', 'b', 'c']) mempool.add(tx(sender, 0, 5));
    app.committed.set('b', 9n);
    app.commit([]);
    mempool.update(1, [], []);
    const before = app.checks;
    assert.equal(mempool.add(tx('d', 0, 1)).code, 0);
    assert.equal(app.checks - before, 3, 'a, b, which fell, and the new one');
  });

  it('finds within blocks what nobody can pay for any more, though nobody asks', () => {
    const { pool: mempool, app } = pool();
    for (const sender of ['a', 'b', 'c']) mempool.add(tx(sender, 0, 1));
    for (let height = 1; height <= RECHECK_AFTER_BLOCKS; height++) {
      app.committed.set('b', 9n);
      app.commit([]);
      assert.equal(mempool.size(), 3);
      mempool.update(height, [], []);
    }
    assert.deepEqual(texts(mempool.txs(9)), ['a/0/1/1', 'c/0/1/1']);
  });

  it('looks at few of them after one block, in turn', () => {
    const { pool: mempool, app } = pool();
    const SENDERS = MAX_RECHECKS_PER_BLOCK + MAX_RECHECKS_PER_BLOCK / 2;
    for (let i = 0; i < SENDERS; i++) mempool.add(tx(`s${i}`, 0, 1));
    const checks: number[] = [];
    for (let height = 1; height <= 2 * RECHECK_AFTER_BLOCKS + 2; height++) {
      app.commit([]);
      const before = app.checks;
      mempool.update(height, [], []);
      checks.push(app.checks - before);
    }
    const [most, rest] = [MAX_RECHECKS_PER_BLOCK, MAX_RECHECKS_PER_BLOCK / 2];
    const none = (blocks: number): number[] => Array.from({ length: blocks }, () => 0);
    const pause = none(RECHECK_AFTER_BLOCKS - 2);
    assert.deepEqual(checks, [0, ...pause, most, rest, ...pause, most, rest, 0]);
  });

  it('looks at all of one sender together, however many they are', () => {
    const { pool: mempool, app } = pool();
    for (let i = 0; i <= MAX_RECHECKS_PER_BLOCK; i++) mempool.add(tx('a', i, 1));
    mempool.add(tx('b', 0, 1));
    const checks: number[] = [];
    for (let height = 1; height <= RECHECK_AFTER_BLOCKS + 1; height++) {
      app.commit([]);
      const before = app.checks;
      mempool.update(height, [], []);
      checks.push(app.checks - before);
    }
    assert.deepEqual(checks.slice(-2), [MAX_RECHECKS_PER_BLOCK + 1, 1]);
  });

  it('refuses nobody for lack of room before the rest is checked again', () => {
    const { pool: mempool, app } = pool({ txs: 2 });
    for (const sender of ['a', 'b']) mempool.add(tx(sender, 0, 5));
    assert.throws(() => mempool.add(tx('c', 0, 1)), { code: 20 });
    app.committed.set('b', 9n);
    app.commit([]);
    mempool.update(1, [], []);
    assert.equal(mempool.add(tx('c', 0, 1)).code, 0);
    assert.deepEqual(texts(mempool.txs(9)), ['a/0/5/1', 'c/0/1/1']);
    assert.throws(() => mempool.add(tx('d', 0, 1)), { code: 20 });
  });

  it('checks again what was offered twice and is in no block', () => {
    const { pool: mempool, app } = pool();
    mempool.add(tx('a', 0, 1));
    const checks: number[] = [];
    for (const height of [1, 2, 3, 4]) {
      const before = app.checks;
      mempool.reap(1_000, -1n);
      app.commit([]);
      mempool.update(height, [], []);
      checks.push(app.checks - before);
    }
    assert.deepEqual(checks, [0, 1, 0, 1], 'and begins anew when it was found good');
  });
});

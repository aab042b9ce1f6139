import assert from 'node:assert/strict';
import { L1Watcher } from '../../../node/rollup/l1-watcher.ts';
import type { AcceptedRun, QueuedDeposit } from '../../../node/rollup/l1-client.ts';
import { testLog } from './logger.ts';

interface Log<T> {
  readonly block: number;
  readonly item: T;
}

/** An L1 of which the test writes every block. */
class ScriptedL1 {
  latest = 0;
  finalized: number | undefined = 0;
  down = false;
  depositLogs: Log<QueuedDeposit>[] = [];
  runLogs: Log<AcceptedRun>[] = [];
  asked: string[] = [];

  async blockNumber(tag: 'latest' | 'finalized'): Promise<number | undefined> {
    if (this.down) throw new Error('connection refused');
    return tag === 'latest' ? this.latest : this.finalized;
  }
  async deposits(from: number, to: number): Promise<QueuedDeposit[]> {
    this.asked.push(`${from}-${to}`);
    return within(this.depositLogs, from, to);
  }
  async runs(from: number, to: number): Promise<AcceptedRun[]> {
    if (this.down) throw new Error('connection refused');
    return within(this.runLogs, from, to);
  }
}

const within = <T>(logs: Log<T>[], from: number, to: number): T[] =>
  logs.filter(({ block }) => block >= from && block <= to).map(({ item }) => item);

const deposit = (block: number, index: bigint): Log<QueuedDeposit> => ({
  block,
  item: { index, token: 1, amount: 5n, ax: new Uint8Array(32), ay: new Uint8Array(32) },
});

const run = (block: number, first: bigint, last: bigint): Log<AcceptedRun> => ({
  block,
  item: {
    ...{ first, last, l1Block: BigInt(block), prover: '0x1' },
    ...{ rolling: new Uint8Array(32), txHash: new Uint8Array(32).fill(block) },
  },
});

function watched() {
  const l1 = new ScriptedL1();
  const { lines, logger } = testLog();
  return { l1, lines, watcher: new L1Watcher({ l1, logger, startBlock: 1 }) };
}

describe('rollup/l1-watcher', () => {
  it('reports only what is final, however far the newest block is ahead', async () => {
    const { l1, watcher } = watched();
    l1.depositLogs = [deposit(2, 0n), deposit(5, 1n)];
    l1.runLogs = [run(4, 1n, 2n)];
    Object.assign(l1, { latest: 10, finalized: 3 });
    await watcher.poll();
    assert.deepEqual(
      watcher.deposits(0n, 10).map(({ index }) => index),
      [0n],
    );
    assert.deepEqual(watcher.finalRuns(0n), []);
    assert.equal(watcher.runOf(2n)?.last, 2n);
    l1.finalized = 5;
    await watcher.poll();
    assert.equal(watcher.deposits(0n, 10).length, 2);
    assert.equal(watcher.finalRuns(0n).length, 1);
  });

  it('takes a run out again that a reorg dropped before it was final', async () => {
    const { l1, watcher } = watched();
    l1.runLogs = [run(4, 1n, 2n)];
    Object.assign(l1, { latest: 4, finalized: 2 });
    await watcher.poll();
    assert.equal(watcher.runOf(1n)?.first, 1n);
    l1.runLogs = [];
    l1.latest = 5;
    await watcher.poll();
    assert.equal(watcher.runOf(1n), undefined);
    l1.runLogs = [run(6, 1n, 1n)];
    Object.assign(l1, { latest: 6, finalized: 6 });
    await watcher.poll();
    assert.deepEqual(
      watcher.finalRuns(0n).map(({ last }) => last),
      [1n],
    );
  });

  it('reads each final block once and counts a log that comes twice once', async () => {
    const { l1, watcher } = watched();
    l1.depositLogs = [deposit(1, 0n), deposit(1, 0n), deposit(3, 1n)];
    l1.runLogs = [run(2, 1n, 2n), run(2, 1n, 2n)];
    for (const final of [2, 2, 3, 3, 1]) {
      Object.assign(l1, { latest: 3, finalized: final });
      await watcher.poll();
    }
    assert.deepEqual(l1.asked, ['1-2', '3-3']);
    assert.equal(watcher.deposits(0n, 10).length, 2);
    assert.equal(watcher.finalRuns(0n).length, 1);
  });

  it('stops at a gap in the queue, keeps to the limit, and forgets what the chain has', async () => {
    const { l1, watcher } = watched();
    l1.depositLogs = [deposit(1, 0n), deposit(1, 1n), deposit(1, 2n), deposit(1, 4n)];
    Object.assign(l1, { latest: 1, finalized: 1 });
    await watcher.poll();
    assert.equal(watcher.deposits(0n, 2).length, 2);
    assert.deepEqual(
      watcher.deposits(1n, 10).map(({ index }) => index),
      [1n, 2n],
    );
    assert.deepEqual(watcher.deposits(0n, 10), []);
    assert.deepEqual(watcher.deposits(3n, 10), []);
  });

  it('forgets runs that the chain knows to be final', async () => {
    const { l1, watcher } = watched();
    l1.runLogs = [run(1, 1n, 2n), run(2, 3n, 3n)];
    Object.assign(l1, { latest: 2, finalized: 2 });
    await watcher.poll();
    assert.deepEqual(
      watcher.finalRuns(2n).map(({ last }) => last),
      [3n],
    );
    assert.equal(watcher.runOf(1n), undefined);
  });

  it('says once that L1 is down, keeps what it knows, loses nothing, and says that it is back', async () => {
    const { l1, lines, watcher } = watched();
    l1.depositLogs = [deposit(1, 0n)];
    Object.assign(l1, { latest: 1, finalized: 1 });
    await watcher.poll();
    l1.down = true;
    l1.depositLogs.push(deposit(2, 1n));
    for (let i = 0; i < 3; i++) await watcher.poll();
    assert.equal(watcher.isDown, true);
    assert.equal(watcher.deposits(0n, 10).length, 1);
    Object.assign(l1, { down: false, latest: 3, finalized: 3 });
    await watcher.poll();
    assert.equal(watcher.isDown, false);
    assert.equal(watcher.deposits(0n, 10).length, 2);
    assert.deepEqual(lines, [
      'warn: L1 does not answer; proofs and deposits wait until it does',
      'info: L1 answers again',
    ]);
  });

  it('reads a range again whose second half was not answered', async () => {
    const { l1, watcher } = watched();
    l1.depositLogs = [deposit(1, 0n)];
    l1.runLogs = [run(1, 1n, 1n)];
    Object.assign(l1, { latest: 1, finalized: 1 });
    const runs = l1.runs.bind(l1);
    l1.runs = () => Promise.reject(new Error('timeout'));
    await watcher.poll();
    assert.deepEqual(watcher.deposits(0n, 10), []);
    l1.runs = runs;
    await watcher.poll();
    assert.equal(watcher.deposits(0n, 10).length, 1);
    assert.equal(watcher.finalRuns(0n).length, 1);
  });

  it('waits for an L1 that has no final block yet', async () => {
    const { l1, watcher } = watched();
    l1.finalized = undefined;
    await watcher.poll();
    assert.deepEqual(watcher.deposits(0n, 10), []);
    assert.equal(watcher.isDown, false);
  });
});

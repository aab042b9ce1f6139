import assert from 'node:assert/strict';
import { CLIENTS_MS_PER_TURN, MAX_WAITING_REQUESTS } from '../../../node/base/limits.ts';
import { LoopShare } from '../../../node/base/loop-share.ts';

function busy(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until;);
}

const never = (): never => assert.fail('refused');

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('base/share of the event loop', () => {
  it('runs what comes at once while there is time, and the rest in later turns, in order', async () => {
    const share = new LoopShare();
    const done: number[] = [];
    for (let i = 0; i < 10; i++) {
      share.run(() => {
        busy(CLIENTS_MS_PER_TURN / 2);
        done.push(i);
      }, never);
    }
    assert.ok(done.length > 0 && done.length <= 2, String(done.length));
    let turns = 0;
    for (; done.length < 10; turns++) await turn();
    assert.ok(turns >= 4, `${turns} turns`);
    assert.deepEqual(done, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('is not spent by work that costs nothing', () => {
    const share = new LoopShare();
    for (let i = 0; i < 100; i++) share.run(() => undefined, never);
    assert.equal(share.isSpent, false);
  });

  it('counts work that fails, and says that it failed', () => {
    const share = new LoopShare();
    const fail = (): never => {
      busy(CLIENTS_MS_PER_TURN);
      throw new Error('failed');
    };
    assert.throws(() => share.spend(fail), /failed/);
    assert.equal(share.isSpent, true);
  });

  it('runs what waits behind work that fails', async () => {
    const share = new LoopShare();
    share.spend(() => busy(CLIENTS_MS_PER_TURN));
    const done: number[] = [];
    share.later(() => {
      throw new Error('a bug');
    });
    for (const i of [1, 2]) share.later(() => done.push(i));
    // The failure ends the process unless somebody catches it here.
    const listeners = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    const caught = new Promise((resolve) => process.once('uncaughtException', resolve));
    try {
      assert.match(String(await caught), /a bug/);
      while (share.isSpent) await turn();
    } finally {
      for (const listener of listeners) process.on('uncaughtException', listener);
    }
    assert.deepEqual(done, [1, 2]);
  });

  it('lets so many wait, refuses one more, and runs the parts of what is here in any case', async () => {
    const share = new LoopShare();
    share.spend(() => busy(CLIENTS_MS_PER_TURN));
    let [done, refused] = [0, 0];
    const run = (): void =>
      share.run(
        () => done++,
        () => refused++,
      );
    for (let i = 0; i < MAX_WAITING_REQUESTS; i++) run();
    assert.deepEqual([done, refused], [0, 0]);
    run();
    assert.deepEqual([done, refused], [0, 1], 'not even then does it run in a turn that is spent');
    share.later(() => done++);
    while (share.isSpent) await turn();
    assert.deepEqual([done, refused], [MAX_WAITING_REQUESTS + 1, 1]);
  });
});

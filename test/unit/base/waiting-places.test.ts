import assert from 'node:assert/strict';
import {
  CLIENTS_MS_PER_TURN,
  MAX_WAITING_OF_ADDRESS,
  MAX_WAITING_OF_CONNECTION,
  MAX_WAITING_REQUESTS,
} from '../../../node/base/limits.ts';
import { LoopShare } from '../../../node/base/loop-share.ts';
import { WaitingPlaces, type Caller } from '../../../node/base/waiting-places.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const from = (remoteAddress: string): Caller => ({ remoteAddress });

/** Places of a share that has no time left in this turn. */
function spentPlaces(listen: string) {
  const share = new LoopShare();
  const places = new WaitingPlaces(share, listen);
  const counts = { done: 0, ofCaller: 0, ofAll: 0 };
  share.spend(() => {
    for (const until = performance.now() + CLIENTS_MS_PER_TURN; performance.now() < until;);
  });
  const run = (caller: Caller, times = 1): void => {
    for (let i = 0; i < times; i++) {
      places.run(caller, () => counts.done++, {
        ofCaller: () => counts.ofCaller++,
        ofAll: () => counts.ofAll++,
      });
    }
  };
  const end = async (): Promise<void> => {
    while (share.isSpent) await turn();
  };
  return { places, counts, run, end };
}

describe('base/places to wait', () => {
  it('are so many for a connection, and free again afterwards', async () => {
    const { counts, run, end } = spentPlaces('127.0.0.1');
    const [one, other] = [from('127.0.0.1'), from('127.0.0.1')];
    run(one, MAX_WAITING_OF_CONNECTION);
    assert.deepEqual(counts, { done: 0, ofCaller: 0, ofAll: 0 });
    run(one);
    assert.equal(counts.ofCaller, 1);
    run(other);
    assert.equal(counts.ofCaller, 1);
    await end();
    assert.deepEqual(counts, { done: MAX_WAITING_OF_CONNECTION + 1, ofCaller: 1, ofAll: 0 });
    run(one);
    assert.equal(counts.ofCaller, 1);
  });

  it('are so many for an address where others than this machine can call', async () => {
    const { places, counts, run, end } = spentPlaces('0.0.0.0');
    const connections = MAX_WAITING_OF_ADDRESS / MAX_WAITING_OF_CONNECTION;
    for (let i = 0; i < connections; i++) run(from('203.0.113.7'), MAX_WAITING_OF_CONNECTION);
    assert.equal(counts.ofCaller, 0);
    run(from('::ffff:203.0.113.7'));
    assert.equal(counts.ofCaller, 1);
    run(from('203.0.113.8'));
    assert.deepEqual([counts.ofCaller, places.addresses], [1, 2]);
    await end();
    assert.deepEqual([counts.done, places.addresses], [MAX_WAITING_OF_ADDRESS + 1, 0]);
  });

  it('are as many as there are for the connections of this machine', async () => {
    const { counts, run, end } = spentPlaces('localhost');
    const connections = MAX_WAITING_REQUESTS / MAX_WAITING_OF_CONNECTION;
    for (let i = 0; i < connections; i++) run(from('127.0.0.1'), MAX_WAITING_OF_CONNECTION);
    assert.deepEqual(counts, { done: 0, ofCaller: 0, ofAll: 0 });
    run(from('127.0.0.1'));
    assert.deepEqual(counts, { done: 0, ofCaller: 0, ofAll: 1 });
    await end();
    assert.equal(counts.done, MAX_WAITING_REQUESTS);
  });
});

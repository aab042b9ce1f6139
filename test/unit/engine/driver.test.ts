import assert from 'node:assert/strict';
import { utf8 } from '../../../node/base/bytes.ts';
import { MAX_HELD_BLOCKS } from '../../../node/base/limits.ts';
import { DriverBench } from './driver-bench.ts';

describe('driver', () => {
  let bench: DriverBench;
  let stopped = false;
  beforeEach(async () => {
    bench = await DriverBench.start();
    stopped = false;
  });
  afterEach(async () => {
    if (!stopped) await bench.stop();
    assert.deepEqual(bench.fatal, []);
  });

  it('follows: a proposal and three precommits are a block', async () => {
    const made = bench.blockWith(utf8('a=1'));
    bench.propose(made);
    bench.decide(made);
    await bench.settled();
    assert.equal(bench.chain.store.height(), 1);
  });

  it('a leader that sends many blocks after its proposal cannot push the proposal out', async () => {
    const made = bench.blockWith(utf8('a=1'));
    bench.propose(made);
    await bench.settled();
    for (let i = 0; i < MAX_HELD_BLOCKS + 4; i += 1) {
      bench.propose(bench.blockWith(utf8(`b=${i}`)));
    }
    await bench.settled();
    bench.decide(made);
    await bench.settled();
    assert.deepEqual(bench.fatal, []);
    assert.equal(bench.chain.store.height(), 1);
  });

  it('after stop nobody is asked for blocks any more', async () => {
    bench.propose(bench.blockWith(utf8('a=1')), 0, false);
    await bench.settled();
    assert.equal(bench.fetches, 1);
    await bench.stop();
    stopped = true;
    const before = bench.fetches;
    await new Promise((resolve) => setTimeout(resolve, 700));
    assert.equal(bench.fetches, before);
  });
});

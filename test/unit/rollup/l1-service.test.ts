import assert from 'node:assert/strict';
import { L1Service } from '../../../node/rollup/l1-service.ts';
import { gate, testLog } from './logger.ts';

type Parts = ConstructorParameters<typeof L1Service>[1];

/** A service whose rounds the test counts and may hold back. */
function setUp(round: (height: number) => Promise<void>, height = 5) {
  const { lines, logger } = testLog();
  const polls = { count: 0 };
  const watcher = { poll: async () => void polls.count++ } as Parts['watcher'];
  const attestor = { round } as NonNullable<Parts['attestor']>;
  const service = new L1Service(1, { watcher, attestor, height: () => height, logger });
  return { service, polls, lines };
}

describe('rollup/l1-service', () => {
  it('never begins a round before the last one has ended, and ends it before it stops', async () => {
    let inside = 0;
    let rounds = 0;
    const enough = gate();
    const { service } = setUp(async () => {
      inside++;
      assert.equal(inside, 1);
      await new Promise((resolve) => setImmediate(resolve));
      inside--;
      if (++rounds === 5) enough.open();
    });
    service.start();
    await enough.passed;
    await service.stop();
    assert.equal(inside, 0);
  });

  it('goes on after a round that failed, and says why', async () => {
    let rounds = 0;
    const enough = gate();
    const { service, lines } = setUp(async () => {
      if (++rounds === 3) enough.open();
      throw new Error('no account');
    });
    service.start();
    await enough.passed;
    await service.stop();
    assert.equal(lines[0], 'warn: attestation round failed');
  });

  it('attests to nothing before the first block', async () => {
    const enough = gate();
    const { service, polls } = setUp(async () => assert.fail('too early'), 0);
    const timer = setInterval(() => polls.count > 2 && enough.open(), 1);
    service.start();
    await enough.passed;
    clearInterval(timer);
    await service.stop();
  });
});

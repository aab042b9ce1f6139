import assert from 'node:assert/strict';
import { ThreadLoad } from '../../../node/workers/thread-load.ts';

describe('the load of a thread', () => {
  it('is its share of a processor in the last interval that has ended', () => {
    let [now, used] = [1_000, 70];
    const load = new ThreadLoad(
      () => now,
      () => used,
    );
    const after = (elapsedMs: number, usedMs: number): number => {
      now += elapsedMs;
      used += usedMs;
      return load.share;
    };
    assert.equal(after(499, 300), 0);
    assert.equal(after(1, 0), 0.6);
    assert.equal(after(400, 400), 0.6);
    assert.equal(after(100, 0), 0.8);
    assert.equal(after(10_000, 0), 0);
  });

  it('is measured of the real thread', () => {
    let now = 0;
    const load = new ThreadLoad(() => now);
    const start = process.threadCpuUsage();
    for (let used = 0; used < 50_000;) {
      const { user, system } = process.threadCpuUsage(start);
      used = user + system;
    }
    now = 500;
    assert.ok(load.share >= 0.1, String(load.share));
  });
});

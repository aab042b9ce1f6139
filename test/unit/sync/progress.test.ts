import assert from 'node:assert/strict';
import type { Logger, Metrics } from '../../../node/base/service.ts';
import { Progress, type Place } from '../../../node/sync/progress.ts';

const PLACE: Place = { height: 0, target: 0, peers: 2, isCutOff: false };

/** What an operator sees of a progress that begins at height 100 and time 0. */
function seen() {
  const lines: [string, Record<string, unknown>][] = [];
  const gauges = new Map<string, number>();
  const keep = (message: string, fields: Record<string, unknown> = {}): void => {
    lines.push([message, fields]);
  };
  const logger: Logger = {
    debug: () => assert.fail('progress is told at info'),
    info: keep,
    warn: keep,
    error: keep,
    child: () => logger,
  };
  const metrics: Metrics = {
    counter: () => assert.fail('no counters'),
    gauge: (name) => ({
      set: (value) => void gauges.set(name.replace('cometbft_blocksync_', ''), value),
      remove: () => undefined,
    }),
    histogram: () => assert.fail('no histograms'),
  };
  const progress = new Progress(logger, metrics);
  progress.begin(100, 0);
  return { progress, lines, gauges };
}

describe('the progress of sync', () => {
  it('is told every ten seconds, with speed and time left', () => {
    const { progress, lines } = seen();
    progress.tick(9_999, { ...PLACE, height: 200, target: 900 });
    assert.deepEqual(lines, []);
    progress.tick(10_000, { ...PLACE, height: 300, target: 900 });
    progress.tick(10_001, { ...PLACE, height: 301, target: 900 });
    progress.tick(20_000, { ...PLACE, height: 300, target: 900 });
    const place = { height: 300, target: 900, peers: 2 };
    assert.deepEqual(lines, [
      ['syncing blocks', { ...place, blocksPerSecond: 20, etaSeconds: 30 }],
      ['syncing blocks', { ...place, blocksPerSecond: 0, etaSeconds: 'unknown' }],
    ]);
  });

  const WAITING: [string, Partial<Place>, RegExp][] = [
    ['nobody is there', { peers: 0 }, /no peer is connected/],
    ['nobody is ahead', {}, /no peer is ahead that gives blocks/],
    ['all begin further on', { target: 900, isCutOff: true }, /no peer has block 1 any more/],
  ];
  for (const [what, place, why] of WAITING) {
    it(`says why it waits when ${what}`, () => {
      const { progress, lines } = seen();
      progress.tick(10_000, { ...PLACE, ...place });
      assert.match(String(lines[0]?.[1]['why']), why);
    });
  }

  it("is measured under CometBFT's names", () => {
    const { progress, gauges } = seen();
    progress.added({ height: 101, txs: 3, bytes: 900 });
    progress.added({ height: 102, txs: 2, bytes: 800 });
    const latest = { latest_block_height: 102, num_txs: 2, total_txs: 5, block_size_bytes: 800 };
    assert.deepEqual(Object.fromEntries(gauges), { syncing: 1, ...latest });
    progress.end();
    assert.equal(gauges.get('syncing'), 0);
  });
});

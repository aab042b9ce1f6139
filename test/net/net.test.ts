/** A minute of the campaign; all of it is `npm run test:net`. */
import assert from 'node:assert/strict';
import { runCampaign } from './campaign.ts';
import * as network from './network-faults.ts';
import * as processes from './process-faults.ts';
import * as state from './state-faults.ts';

/** The machine of a test may be busy with other things; the campaign itself uses 1. */
const PATIENCE = 3;

describe('a network of real processes behind a link proxy', function () {
  this.timeout(300_000);

  it('outlives kill -9, a lost leader, bad links, cut connections and a late joiner', async () => {
    const seed = Date.now() % 1_000_000;
    const lines: string[] = [];
    const { problems, blocks } = await runCampaign({
      seed,
      validators: 4,
      followers: 1,
      accounts: 4,
      blockTimeMs: 500,
      mode: 'auto',
      patience: PATIENCE,
      keep: false,
      perturbations: [
        processes.kills(2),
        network.isolatedLeader,
        network.flapping,
        state.lateJoiner(4),
        processes.allKilled,
      ],
      say: (text) => lines.push(text),
    });
    assert.deepEqual(problems, [], `seed ${seed}\n${lines.join('\n')}`);
    assert.ok(blocks > 0);
  });
});

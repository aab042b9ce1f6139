import assert from 'node:assert/strict';
import { toUpperHex } from '../../../node/base/bytes.ts';
import type { Logger } from '../../../node/base/service.ts';
import { silentLogger } from '../../../node/base/service.ts';
import { RoundMetrics } from '../../../node/engine/round-metrics.ts';
import { StallReport } from '../../../node/engine/stall-report.ts';
import { step } from '../../../node/consensus/machine.ts';
import { INITIAL_STATE } from '../../../node/consensus/state.ts';
import { PrometheusMetrics } from '../../../node/metrics/registry.ts';
import {
  A,
  follower,
  leaderIndex,
  NIL,
  P,
  precommitOf,
  prevoteOf,
  Q,
  R,
  SET,
  TIME,
  type Bench,
} from '../consensus/harness.ts';

const PROPOSED_MS = Number(TIME.seconds) * 1000;
const HALF_SECOND = 500;

class Watched {
  readonly bench: Bench;
  readonly metrics = new PrometheusMetrics({});
  readonly warnings: Record<string, unknown>[] = [];
  readonly stalls: StallReport;
  nowMs = 0;

  constructor() {
    const clock = {
      now: () => PROPOSED_MS + HALF_SECOND,
      monotonic: () => this.nowMs,
    };
    const warn = (message: string, fields?: Record<string, unknown>): void => {
      this.warnings.push({ message, ...fields });
    };
    const logger: Logger = { ...silentLogger, warn };
    const rounds = new RoundMetrics(this.metrics, clock);
    this.stalls = new StallReport(logger, clock);
    this.bench = follower();
    rounds.onStep(INITIAL_STATE, this.bench.state);
    this.stalls.onStep(INITIAL_STATE, this.bench.state);
    const feed = this.bench.feed.bind(this.bench);
    this.bench.feed = (input) => {
      const before = this.bench.state;
      const after = step(before, input).state;
      rounds.onStep(before, after);
      this.stalls.onStep(before, after);
      return feed(input);
    };
  }

  /** The value of a sample, by its name and labels. */
  async sample(name: string): Promise<number> {
    const line = (await this.metrics.text()).split('\n').find((one) => one.startsWith(`${name} `));
    assert.ok(line, `no ${name}`);
    return Number(line.slice(name.length + 1));
  }
}

describe('round metrics', () => {
  it('a round that goes well leaves its votes and how long certificates took', async () => {
    const watched = new Watched();
    const { bench } = watched;
    bench.propose(A);
    bench.receiveVotes(prevoteOf(P, A), prevoteOf(Q, A), precommitOf(P, A), precommitOf(Q, A));
    const leader = toUpperHex(SET.leader(0).address);
    for (const type of ['prevote', 'precommit']) {
      const share = `cometbft_consensus_round_voting_power_percent{vote_type="${type}"}`;
      assert.equal(await watched.sample(share), 0.75);
      const delay = `cometbft_consensus_quorum_${type}_delay{proposer_address="${leader}"}`;
      assert.equal(await watched.sample(delay), HALF_SECOND / 1000);
    }
    assert.equal(await watched.sample('cometbft_consensus_validators'), 4);
    assert.equal(await watched.sample('cometbft_consensus_validators_power'), 40);
    assert.equal(await watched.sample('cometbft_consensus_proposal_receive_count'), 1);
    assert.equal(await watched.sample('bitscale_consensus_round_changes_total'), 0);
    assert.deepEqual(watched.warnings, []);
  });

  it('a round that fails is counted, timed, and explained in one line', async () => {
    const watched = new Watched();
    watched.bench.propose(A);
    watched.nowMs = 3_000;
    watched.bench.receiveVotes(prevoteOf(P, A));
    watched.bench.receiveVotes(...[P, Q, R].map((index) => precommitOf(index, NIL)));
    assert.equal(await watched.sample('bitscale_consensus_round_changes_total'), 1);
    assert.equal(await watched.sample('cometbft_consensus_rounds'), 1);
    assert.equal(await watched.sample('cometbft_consensus_round_duration_seconds_sum'), 3);
    const [warning] = watched.warnings;
    assert.equal(warning?.['message'], 'round ended without a decision');
    assert.equal(warning?.['height'], 5);
    assert.equal(warning?.['round'], 0);
    assert.equal(warning?.['leader'], toUpperHex(SET.leader(0).address));
    assert.equal(warning?.['proposal'], 'valid');
  });

  it('a height without a block for long names those who are missing, again and again', () => {
    const watched = new Watched();
    watched.bench.propose(A);
    watched.bench.receiveVotes(prevoteOf(P, A));
    watched.nowMs = 9_999;
    watched.stalls.look();
    assert.deepEqual(watched.warnings, []);
    watched.nowMs = 10_000;
    watched.stalls.look();
    watched.stalls.stop();
    const own = watched.bench.context.ownIndex as number;
    const silent = SET.validators.filter((_, index) => index !== P && index !== own);
    assert.deepEqual(watched.warnings, [
      {
        message: 'no block for a while',
        seconds: 10,
        height: 5,
        round: 0,
        leader: toUpperHex(SET.validators[leaderIndex(0)]!.address),
        proposal: 'valid',
        prevotes: '50 %',
        precommits: '0 %',
        missing: silent.map(({ address }) => toUpperHex(address)).join(' '),
      },
    ]);
  });
});

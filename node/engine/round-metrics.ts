/**
 * Measures how rounds go, from the difference each step of the machine made. Names and meanings are
 * CometBFT's where it has them, so that its dashboards work.
 */
import { toUpperHex } from '../base/bytes.ts';
import type { Clock, Metrics } from '../base/service.ts';
import { timeToNanos } from '../base/time.ts';
import type { RoundState, State } from '../consensus/state.ts';
import { isQuorum, type Tally } from '../consensus/votes.ts';
import { stepName, stepOf } from './round-step.ts';

/** From blocks as fast as consensus goes to rounds at the cap of the round timer. */
const SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export class RoundMetrics {
  readonly #metrics: Metrics;
  readonly #clock: Clock;
  readonly #at: ReturnType<typeof instruments>;
  #roundSince: number;
  #stepSince: number;

  constructor(metrics: Metrics, clock: Clock) {
    this.#metrics = metrics;
    this.#clock = clock;
    this.#at = instruments(metrics);
    this.#roundSince = this.#stepSince = clock.monotonic();
  }

  onStep(before: State, after: State): void {
    const isNewHeight = before.context?.height !== after.context?.height;
    if (after.context === undefined) return;
    if (isNewHeight) this.#onHeight(after);
    else if (after.round !== before.round) this.#onRoundChange(after.round - before.round);
    if (isNewHeight || after.round !== before.round) this.#onRound(before, after);
    if (stepOf(before) !== stepOf(after)) this.#onStepChange(before);
    if (!isNewHeight) this.#onProgress(before, after);
  }

  #onHeight({ context }: State): void {
    const { validators } = context as NonNullable<State['context']>;
    this.#at.validators.set(validators.size);
    this.#at.validatorsPower.set(Number(validators.totalPower));
  }

  #onRoundChange(rounds: number): void {
    this.#at.roundChanges.add(rounds);
  }

  #onRound(before: State, after: State): void {
    const now = this.#clock.monotonic();
    if (before.context !== undefined) {
      this.#at.roundDuration.observe((now - this.#roundSince) / 1000);
    }
    this.#roundSince = now;
    this.#at.rounds.set(after.round);
  }

  #onStepChange(before: State): void {
    const now = this.#clock.monotonic();
    if (before.context !== undefined) {
      stepDuration(this.#metrics, stepName(stepOf(before))).observe((now - this.#stepSince) / 1000);
    }
    this.#stepSince = now;
  }

  #onProgress(before: State, after: State): void {
    const [then, now] = [before.rounds.get(after.round), after.rounds.get(after.round)];
    if (now === undefined || then === now) return;
    if (now.proposal && !then?.proposal) this.#at.proposals.add();
    const total = after.context?.validators.totalPower ?? 1n;
    if (now.prevotes !== then?.prevotes) this.#votes('prevote', now.prevotes, total);
    if (now.precommits !== then?.precommits) {
      this.#votes('precommit', now.precommits, total);
      if (reached(then?.precommits, now.precommits, total)) {
        this.#delay(now, 'cometbft_consensus_quorum_precommit_delay');
      }
    }
    if (now.qc && !then?.qc) this.#delay(now, 'cometbft_consensus_quorum_prevote_delay');
  }

  #votes(type: string, { total: power }: Tally, total: bigint): void {
    const help = 'Share of the power whose votes of this type are known in the current round';
    const name = 'cometbft_consensus_round_voting_power_percent';
    const share = Number((power * 10_000n) / total) / 10_000;
    this.#metrics.gauge(name, help, { vote_type: type }).set(share);
  }

  /** From the time in the proposal until its certificate is complete here. */
  #delay({ proposal, leader }: RoundState, name: string): void {
    if (proposal === undefined) return;
    const proposedMs = Number(timeToNanos(proposal.proposal.time)) / 1e6;
    const seconds = Math.max(0, this.#clock.now() - proposedMs) / 1000;
    const help = 'From the time of the proposal to more than 2/3 of the votes';
    this.#metrics.gauge(name, help, { proposer_address: toUpperHex(leader) }).set(seconds);
    const kind = name.includes('prevote') ? 'prevote' : 'precommit';
    certificateDelay(this.#metrics, kind).observe(seconds);
  }
}

function reached(then: Tally | undefined, now: Tally, total: bigint): boolean {
  const most = (tally: Tally | undefined): bigint =>
    [...(tally?.power ?? [])].reduce(
      (best, [key, power]) => (key !== '' && power > best ? power : best),
      0n,
    );
  return isQuorum(most(now), total) && !isQuorum(most(then), total);
}

function stepDuration(metrics: Metrics, step: string) {
  const name = 'cometbft_consensus_step_duration_seconds';
  return metrics.histogram(name, 'Time spent in a step', SECONDS, { step });
}

function certificateDelay(metrics: Metrics, type: string) {
  const name = 'bitscale_consensus_certificate_delay_seconds';
  const help = 'From the time of the proposal to more than 2/3 of the votes, by type of vote';
  return metrics.histogram(name, help, SECONDS, { type });
}

function instruments(metrics: Metrics) {
  const gauge = (name: string, help: string) => metrics.gauge(`cometbft_consensus_${name}`, help);
  return {
    rounds: gauge('rounds', 'Round of the height at hand; above 0 something went wrong'),
    validators: gauge('validators', 'Validators of the height at hand'),
    validatorsPower: gauge('validators_power', 'Their power'),
    proposals: metrics.counter(
      'cometbft_consensus_proposal_receive_count',
      'Proposals known, own ones included',
    ),
    roundChanges: metrics.counter(
      'bitscale_consensus_round_changes_total',
      'Rounds that ended without a decision',
    ),
    roundDuration: metrics.histogram(
      'cometbft_consensus_round_duration_seconds',
      'Time spent in a round',
      SECONDS,
    ),
  };
}

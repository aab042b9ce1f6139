/** Says why a round ended without a decision, or why a height does not: who is missing. */
import { toUpperHex } from '../base/bytes.ts';
import type { Clock, Logger } from '../base/service.ts';
import type { RoundState, State } from '../consensus/state.ts';
import { blockKey, type Tally } from '../consensus/votes.ts';
import type { ValidatorSet } from '../consensus/validator-set.ts';

/** A height that lasts longer is worth a line, and then another one as often. */
const QUIET_MS = 10_000;
/** Names of validators in one line. */
const MOST_NAMES = 20;

export class StallReport {
  readonly #logger: Logger;
  readonly #clock: Clock;
  #state: State | undefined;
  #since = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(logger: Logger, clock: Clock) {
    this.#logger = logger;
    this.#clock = clock;
  }

  onStep(before: State, after: State): void {
    this.#state = after;
    const { context } = after;
    if (context === undefined || before.context?.height !== context.height) this.#begin(after);
    else if (after.round > before.round) {
      const why = whyNot(before);
      if (why !== undefined) this.#logger.warn('round ended without a decision', why);
    }
  }

  #begin({ phase }: State): void {
    this.#since = this.#clock.monotonic();
    if (phase !== 'running' || this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.look(), QUIET_MS);
    this.#timer.unref();
  }

  /** Called every now and then; the line comes only when nothing is decided for long. */
  look(): void {
    const [state, waited] = [this.#state, this.#clock.monotonic() - this.#since];
    if (state?.phase !== 'running' || waited < QUIET_MS) return;
    const why = whyNot(state);
    const seconds = Math.round(waited / 1000);
    if (why !== undefined) this.#logger.warn('no block for a while', { seconds, ...why });
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

/** What a round has and who has not voted in it. Undefined at no height. */
function whyNot(state: State): Record<string, unknown> | undefined {
  const { context, round } = state;
  const at = state.rounds.get(round);
  if (context === undefined || at === undefined) return undefined;
  const { validators, height } = context;
  return {
    height,
    round,
    leader: toUpperHex(at.leader),
    proposal: proposalStatus(state, at),
    prevotes: shareText(at.prevotes, validators),
    precommits: shareText(at.precommits, validators),
    missing: missingText(at, validators),
  };
}

function proposalStatus(state: State, { proposal }: RoundState): string {
  if (proposal === undefined) return 'none';
  return state.blocks.get(blockKey(proposal.proposal.blockId))?.status ?? 'without its block';
}

/** For example "50 %, 25 % of it nil"; more than 66.6 % are needed. */
function shareText(tally: Tally, { totalPower }: ValidatorSet): string {
  const percent = (power: bigint): string => `${Number((power * 1000n) / totalPower) / 10} %`;
  const nil = tally.power.get('') ?? 0n;
  return nil === 0n ? percent(tally.total) : `${percent(tally.total)}, ${percent(nil)} of it nil`;
}

/** Of whom neither a prevote nor a precommit is known. In star mode prevotes go to the leader only. */
function missingText({ prevotes, precommits }: RoundState, { validators }: ValidatorSet): string {
  const silent = validators.filter(
    (_, index) => prevotes.votes[index] === undefined && precommits.votes[index] === undefined,
  );
  const names = silent.slice(0, MOST_NAMES).map(({ address }) => toUpperHex(address));
  const more = silent.length - names.length;
  return more > 0 ? `${names.join(' ')} and ${more} more` : names.join(' ');
}

/** One step at work: a state that is replaced piece by piece, and the effects so far. */
import type { Bytes } from '../base/bytes.ts';
import { equal } from '../base/bytes.ts';
import { assert } from '../base/errors.ts';
import { MAX_AHEAD_ROUNDS, MAX_ROUNDS_KEPT } from '../base/limits.ts';
import type { Effect } from './effects.ts';
import type { HeightContext } from './inputs.ts';
import type { RoundState, State } from './state.ts';
import { emptyTally } from './votes.ts';

export interface Draft {
  state: State;
  readonly effects: Effect[];
}

/** Why an input was refused; undefined: accepted. */
export type Rejection = string | undefined;

export function change(draft: Draft, changes: Partial<State>): void {
  draft.state = { ...draft.state, ...changes };
}

export function emit(draft: Draft, ...effects: readonly Effect[]): void {
  draft.effects.push(...effects);
}

export function contextOf(draft: Draft): HeightContext {
  const { context } = draft.state;
  assert(context, 'a height is at hand');
  return context;
}

/** Own address; undefined for a node that only follows. */
export function ownAddress(draft: Draft): Bytes | undefined {
  const { validators, ownIndex } = contextOf(draft);
  return ownIndex === undefined ? undefined : validators.validators[ownIndex]?.address;
}

export function isOwnAddress(draft: Draft, address: Bytes): boolean {
  const own = ownAddress(draft);
  return own !== undefined && equal(own, address);
}

export function isLeader(draft: Draft, round: number): boolean {
  return isOwnAddress(draft, roundOf(draft, round).leader);
}

/** Rounds for which votes and proposals are kept. */
export function isRoundKept(state: State, round: number): boolean {
  return round >= state.round - MAX_ROUNDS_KEPT && round <= state.round + MAX_AHEAD_ROUNDS;
}

/** The round as it is, or as it begins. */
export function roundOf(draft: Draft, round: number): RoundState {
  const known = draft.state.rounds.get(round);
  if (known) return known;
  const { validators } = contextOf(draft);
  return {
    round,
    leader: validators.leader(round).address,
    prevotes: emptyTally(validators.size),
    precommits: emptyTally(validators.size),
    own: {},
    timedOut: false,
    reported: new Set(),
    reportsOver: false,
    building: false,
  };
}

export function changeRound(draft: Draft, round: number, changes: Partial<RoundState>): void {
  const rounds = new Map(draft.state.rounds);
  rounds.set(round, { ...roundOf(draft, round), ...changes });
  change(draft, { rounds });
}

export function changeOwn(draft: Draft, round: number, own: Partial<RoundState['own']>): void {
  changeRound(draft, round, { own: { ...roundOf(draft, round).own, ...own } });
}

/** Entering rounds. */
import { assert } from '../base/errors.ts';
import { MAX_ROUNDS_KEPT } from '../base/limits.ts';
import { timeoutsOf } from './certificates.ts';
import { change, changeRound, contextOf, emit, isLeader, roundOf, type Draft } from './draft.ts';
import type { TimeoutKind } from './effects.ts';
import { isRoundOver, reachedRound, roundTimeoutMs, waitMs } from './rules.ts';

export function schedule(draft: Draft, kind: TimeoutKind, afterMs: number): void {
  const { height } = contextOf(draft);
  emit(draft, { type: 'scheduleTimeout', kind, height, round: draft.state.round, afterMs });
}

/** Goes up to `round`. */
function enterRound(draft: Draft, round: number): void {
  assert(round > draft.state.round, 'rounds only go up');
  beginRound(draft, round);
}

/** The round begins: timers, and a report to its leader. */
export function beginRound(draft: Draft, round: number): void {
  const { ownIndex, timeouts, paceMs } = contextOf(draft);
  const oldest = round - MAX_ROUNDS_KEPT;
  const kept = [...draft.state.rounds].filter(([number]) => number >= oldest);
  change(draft, { round, rounds: new Map(kept) });
  const { lock } = draft.state;
  changeRound(draft, round, lock?.round === round ? { qc: lock } : {});
  if (ownIndex === undefined) return;
  schedule(draft, 'round', roundTimeoutMs(timeouts, round, paceMs));
  schedule(draft, 'resend', waitMs(timeouts, round, paceMs) + timeouts.resendMs);
  if (round > 0) reportToLeader(draft, ownIndex);
}

function reportToLeader(draft: Draft, ownIndex: number): void {
  const { round } = draft.state;
  if (!isLeader(draft, round)) return sendReport(draft);
  const { reported } = roundOf(draft, round);
  changeRound(draft, round, { reported: new Set([...reported, ownIndex]) });
  schedule(draft, 'newRound', contextOf(draft).timeouts.newRoundMs);
}

/** "I am in this round; this is the highest certificate I know; this is why the round before is over." */
export function sendReport(draft: Draft): void {
  const { round } = draft.state;
  emit(draft, {
    type: 'send',
    to: [roundOf(draft, round).leader],
    gossip: false,
    message: newRoundMessage(draft),
  });
}

export function newRoundMessage(draft: Draft) {
  const { round, lock } = draft.state;
  const timeouts = timeoutsOf(draft, round - 1);
  return {
    type: 'newRound',
    height: contextOf(draft).height,
    round,
    ...(lock && { highQc: lock }),
    ...(timeouts && { timeouts }),
  } as const;
}

/** More than 1/3 are in a later round, or a certificate of a later round exists: go there. */
export function jump(draft: Draft): boolean {
  const { round, lock, seenRounds } = draft.state;
  const reached = reachedRound(seenRounds, contextOf(draft).validators);
  const target = Math.max(reached, lock?.round ?? -1);
  if (target <= round) return false;
  enterRound(draft, target);
  return true;
}

/** More than 2/3 precommitted anything in the current round: it is over. */
export function endRound(draft: Draft): boolean {
  const { round } = draft.state;
  const { totalPower } = contextOf(draft).validators;
  if (!isRoundOver(roundOf(draft, round).precommits, totalPower)) return false;
  enterRound(draft, round + 1);
  return true;
}

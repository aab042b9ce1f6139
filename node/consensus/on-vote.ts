/** Votes, alone or inside other messages. */
import { equal } from '../base/bytes.ts';
import { learnCertificate } from './certificates.ts';
import {
  change,
  changeRound,
  contextOf,
  emit,
  isOwnAddress,
  isRoundKept,
  roundOf,
  type Draft,
  type Rejection,
} from './draft.ts';
import type { TimeoutMessage } from './messages.ts';
import { newRoundMessage } from './rounds.ts';
import { PREVOTE, type Vote } from './types.ts';
import { addVote } from './votes.ts';

const NO_VALIDATOR = 'not a validator of this height';

/** Counts a vote of the current height; tells whether anything changed. */
export function onVote(draft: Draft, vote: Vote): Rejection {
  const { validators } = contextOf(draft);
  const voter = validators.validators[vote.index];
  if (!voter || !equal(voter.address, vote.address)) return NO_VALIDATOR;
  const isFirstSight = noteRound(draft, vote);
  if (!isRoundKept(draft.state, vote.round)) {
    return isFirstSight ? undefined : 'a vote of a round too far away';
  }
  const current = roundOf(draft, vote.round);
  const tally = vote.type === PREVOTE ? current.prevotes : current.precommits;
  const added = addVote(tally, vote, voter.power);
  if (added.result === 'duplicate') return isFirstSight ? undefined : 'a vote seen before';
  if (added.result === 'conflict') {
    emit(draft, { type: 'evidence', voteA: added.first, voteB: vote });
    return undefined;
  }
  const { tally: grown } = added;
  changeRound(
    draft,
    vote.round,
    vote.type === PREVOTE ? { prevotes: grown } : { precommits: grown },
  );
  return undefined;
}

/** Remembers the highest round each validator has reached. */
function noteRound(draft: Draft, { index, round }: Vote): boolean {
  const { seenRounds } = draft.state;
  if (round <= (seenRounds[index] ?? -1)) return false;
  change(draft, { seenRounds: seenRounds.with(index, round) });
  return true;
}

/** Votes that prove the end of a round; those seen before are no fault. */
export function takeVotes(draft: Draft, votes: readonly Vote[] | undefined): void {
  for (const vote of votes ?? []) onVote(draft, vote);
}

/** A node that gives up a round: its certificate may be news; if it is behind, it is told where we are. */
export function onTimeoutMessage(draft: Draft, message: TimeoutMessage): Rejection {
  const { vote, highQc } = message;
  const isNews = highQc !== undefined && learnCertificate(draft, highQc);
  const rejection = onVote(draft, vote);
  if (isStuck(draft, vote, rejection)) {
    const to = [vote.address];
    emit(draft, { type: 'send', to, gossip: false, message: newRoundMessage(draft) });
    return undefined;
  }
  return isNews ? undefined : rejection;
}

/** Repeats itself in an earlier round, or is more than one round behind: did not hear of the end of its round. */
function isStuck(draft: Draft, vote: Vote, rejection: Rejection): boolean {
  const { round } = draft.state;
  if (rejection === NO_VALIDATOR || isOwnAddress(draft, vote.address)) return false;
  return vote.round < round - 1 || (vote.round < round && rejection !== undefined);
}

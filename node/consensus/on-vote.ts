/** Votes, alone or inside other messages. */
import { receiveCertificate } from './certificates.ts';
import { countVote, NO_VALIDATOR } from './count-vote.ts';
import { contextOf, emit, isLeader, isOwnAddress, type Draft, type Rejection } from './draft.ts';
import type { TimeoutMessage } from './messages.ts';
import { newRoundMessage } from './rounds.ts';
import { PREVOTE, type Vote } from './types.ts';
import { sameBlock } from './votes.ts';

export function onVote(draft: Draft, vote: Vote): Rejection {
  const rejection = countVote(draft, vote);
  if (rejection === undefined) showLeader(draft, vote);
  return rejection;
}

/**
 * Honest prevotes are for the leader's proposal, and in a star they reach the leader only. Another one that
 * came here goes to the leader: it may contradict what the leader was given.
 */
function showLeader(draft: Draft, vote: Vote): void {
  if (vote.type !== PREVOTE || contextOf(draft).mode !== 'star') return;
  const current = draft.state.rounds.get(vote.round);
  const proposed = current?.proposal?.proposal.blockId;
  if (!current || !proposed || sameBlock(proposed, vote.blockId)) return;
  if (isLeader(draft, vote.round)) return;
  const message = { type: 'vote', vote } as const;
  emit(draft, { type: 'send', to: [current.leader], gossip: false, message });
}

/** Votes that prove the end of a round; those seen before are no fault. */
export function takeVotes(draft: Draft, votes: readonly Vote[] | undefined): void {
  for (const vote of votes ?? []) countVote(draft, vote);
}

/** A node that gives up a round: its certificate may be news; if it is behind, it is told where we are. */
export function onTimeoutMessage(draft: Draft, message: TimeoutMessage): Rejection {
  const { vote, highQc } = message;
  const isNews = highQc !== undefined && receiveCertificate(draft, highQc);
  const rejection = countVote(draft, vote);
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

/** A message: of this height, of the next (kept), of an earlier one (the sender may need help), or far ahead. */
import { toHex } from '../base/bytes.ts';
import { MAX_NEXT_HEIGHT_MESSAGES, MAX_ROUND_LEAP } from '../base/limits.ts';
import { receiveCertificate } from './certificates.ts';
import { countVote, votesOf } from './count-vote.ts';
import { onLateVote } from './decide.ts';
import { change, emit, isOwnAddress, type Draft, type Rejection } from './draft.ts';
import type { ReceivedInput } from './inputs.ts';
import { messageHeight, roundOfMessage } from './message-signatures.ts';
import type { CommitMessage } from './messages.ts';
import { onNewRound } from './on-new-round.ts';
import { onProposal } from './on-proposal.ts';
import { onTimeoutMessage, onVote, takeVotes } from './on-vote.ts';
import { PRECOMMIT, type Vote } from './types.ts';

export function onReceived(draft: Draft, input: ReceivedInput): Rejection {
  const { context, phase } = draft.state;
  if (!context) return 'no height at hand';
  const height = messageHeight(input.message);
  if (height > context.height) return onLaterHeight(draft, input, height);
  if (height < context.height || phase === 'decided') return onEarlierHeight(draft, input, height);
  return onCurrentHeight(draft, input);
}

function onCurrentHeight(draft: Draft, { message, from }: ReceivedInput): Rejection {
  switch (message.type) {
    case 'proposal':
      return onProposal(draft, message);
    case 'vote':
      return onVote(draft, message.vote);
    case 'timeout':
      return onTimeoutMessage(draft, message);
    case 'newRound':
      return onNewRound(draft, message, from);
    case 'quorum':
      return receiveCertificate(draft, message.qc) ? undefined : 'a certificate seen before';
    case 'commit':
      return onCommit(draft, message);
  }
}

/** Its precommits are counted as well: one that contradicts a vote that came here is evidence. */
function onCommit(draft: Draft, { commit }: CommitMessage): Rejection {
  const { state, effects } = draft;
  const before = effects.length;
  if (!state.pending) change(draft, { pending: commit });
  takeVotes(draft, votesOf(commit, PRECOMMIT));
  const isNews = draft.state !== state || effects.length > before;
  return isNews ? undefined : 'a commit seen before';
}

/** Who gives up a height that is decided here gets the commit; late precommits enter the last commit. */
function onEarlierHeight(draft: Draft, input: ReceivedInput, height: number): Rejection {
  const { message, from } = input;
  if (message.type === 'vote') return onVoteOfDecided(draft, message.vote);
  if (message.type === 'commit') return onLateCommit(draft, message);
  const sender = message.type === 'timeout' ? message.vote.address : from;
  const asks = message.type === 'timeout' || message.type === 'newRound';
  if (!asks || !sender || isOwnAddress(draft, sender)) return 'a message of a decided height';
  if (message.type === 'timeout') onLateVote(draft, message.vote);
  emit(draft, { type: 'sendCommit', to: sender, height });
  return undefined;
}

/** Until the next height begins, votes that no longer decide anything are compared with those before. */
function onVoteOfDecided(draft: Draft, vote: Vote): Rejection {
  const { context, decision } = draft.state;
  const isLate = vote.type === PRECOMMIT && vote.round === decision?.round;
  const isCompared = vote.height === context?.height && !isLate;
  return isCompared ? countVote(draft, vote) : onLateVote(draft, vote);
}

/** Another commit of a decided height: it may hold late precommits, or contradict ours. */
function onLateCommit(draft: Draft, { commit }: CommitMessage): Rejection {
  const results = votesOf(commit, PRECOMMIT).map((vote) => onLateVote(draft, vote));
  return results.includes(undefined) ? undefined : 'a commit seen before';
}

function senderOf({ message, from }: ReceivedInput): string {
  if (message.type === 'vote' || message.type === 'timeout') return `#${message.vote.index}`;
  return from ? toHex(from) : message.type;
}

function onLaterHeight(draft: Draft, input: ReceivedInput, height: number): Rejection {
  const { context, nextHeight } = draft.state;
  const { message, from } = input;
  if (height > context!.height + 1 || message.type === 'commit') {
    emit(draft, { type: 'behind', height });
    return undefined;
  }
  if (roundOfMessage(message) > MAX_ROUND_LEAP) return 'a message of a round too far away';
  const sender = senderOf(input);
  const full = nextHeight.length >= MAX_NEXT_HEIGHT_MESSAGES * (context!.validators.size + 1);
  const held = nextHeight.filter((one) => one.sender === sender).length;
  if (full || held >= MAX_NEXT_HEIGHT_MESSAGES) return 'too many messages of the next height';
  change(draft, { nextHeight: [...nextHeight, { message, ...(from && { from }), sender }] });
  return undefined;
}

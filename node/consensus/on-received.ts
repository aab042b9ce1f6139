/** A message: of this height, of the next (kept), of an earlier one (the sender may need help), or far ahead. */
import { toHex } from '../base/bytes.ts';
import { MAX_NEXT_HEIGHT_MESSAGES } from '../base/limits.ts';
import { learnCertificate } from './certificates.ts';
import { onLateVote } from './decide.ts';
import { change, emit, isOwnAddress, type Draft, type Rejection } from './draft.ts';
import type { ReceivedInput } from './inputs.ts';
import { messageHeight } from './message-signatures.ts';
import type { CommitMessage } from './messages.ts';
import { onNewRound } from './on-new-round.ts';
import { onProposal } from './on-proposal.ts';
import { onTimeoutMessage, onVote } from './on-vote.ts';

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
      return learnCertificate(draft, message.qc) ? undefined : 'a certificate seen before';
    case 'commit':
      return onCommit(draft, message);
  }
}

function onCommit(draft: Draft, { commit }: CommitMessage): Rejection {
  if (draft.state.pending) return 'a commit seen before';
  change(draft, { pending: commit });
  return undefined;
}

/** Who gives up a height that is decided here gets the commit; late precommits enter the last commit. */
function onEarlierHeight(draft: Draft, input: ReceivedInput, height: number): Rejection {
  const { message, from } = input;
  if (message.type === 'vote') return onLateVote(draft, message.vote);
  const sender = message.type === 'timeout' ? message.vote.address : from;
  const asks = message.type === 'timeout' || message.type === 'newRound';
  if (!asks || !sender || isOwnAddress(draft, sender)) return 'a message of a decided height';
  if (message.type === 'timeout') onLateVote(draft, message.vote);
  emit(draft, { type: 'sendCommit', to: sender, height });
  return undefined;
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
  const sender = senderOf(input);
  const full = nextHeight.length >= MAX_NEXT_HEIGHT_MESSAGES * (context!.validators.size + 1);
  const held = nextHeight.filter((one) => one.sender === sender).length;
  if (full || held >= MAX_NEXT_HEIGHT_MESSAGES) return 'too many messages of the next height';
  change(draft, { nextHeight: [...nextHeight, { message, ...(from && { from }), sender }] });
  return undefined;
}

/** A signature is here: count it like any other vote, then send it. */
import { timeoutsOf } from './certificates.ts';
import { changeOwn, changeRound, emit, roundOf, type Draft, type Rejection } from './draft.ts';
import type { ProposalRequest, VoteRequest } from './effects.ts';
import type { SignedInput, SignRefusedInput } from './inputs.ts';
import type { ProposalMessage } from './messages.ts';
import { countVote } from './count-vote.ts';
import { PREVOTE, type Vote } from './types.ts';
import { isNil, sameBlock } from './votes.ts';
import { sendTimeout, sendVote } from './voting.ts';

export function onSigned(draft: Draft, input: SignedInput): Rejection {
  const { phase, context } = draft.state;
  const { request } = input;
  if (phase !== 'running' || context?.height !== request.height) return 'another height';
  if (!draft.state.rounds.has(request.round)) return 'a round no longer kept';
  return request.type === 'vote'
    ? onSignedVote(draft, request, input)
    : onSignedProposal(draft, request, input);
}

function onSignedVote(draft: Draft, request: VoteRequest, input: SignedInput): Rejection {
  const { voteType: type, height, round, blockId, address, index } = request;
  const { own } = roundOf(draft, round);
  const asked = type === PREVOTE ? own.prevote : own.precommit;
  if (!asked || !sameBlock(asked, blockId)) return 'a signature nobody asked for';
  const { time, signature } = input;
  const vote: Vote = { type, height, round, blockId, time, address, index, signature };
  changeOwn(draft, round, type === PREVOTE ? { signedPrevote: vote } : { signedPrecommit: vote });
  countVote(draft, vote);
  const isGivenUp = isNil(blockId) || roundOf(draft, round).timedOut;
  if (type !== PREVOTE && isGivenUp) sendTimeout(draft, round);
  else sendVote(draft, vote);
  return undefined;
}

function onSignedProposal(draft: Draft, request: ProposalRequest, input: SignedInput): Rejection {
  const { height, round, polRound, blockId } = request;
  const { own, proposal: known } = roundOf(draft, round);
  if (!own.proposal || !sameBlock(own.proposal.blockId, blockId)) {
    return 'a signature nobody asked for';
  }
  const { time, signature } = input;
  const proposal = { height, round, polRound, blockId, time, signature };
  const { lock } = draft.state;
  const justify = polRound >= 0 ? (draft.state.rounds.get(polRound)?.qc ?? lock) : undefined;
  if (polRound >= 0 && justify?.round !== polRound) return 'the certificate is no longer here';
  const timeouts = round > 0 ? timeoutsOf(draft, round - 1) : undefined;
  const message: ProposalMessage = {
    type: 'proposal',
    proposal,
    ...(justify && { justify }),
    ...(timeouts && { timeouts }),
  };
  changeOwn(draft, round, { signedProposal: proposal });
  if (!known) changeRound(draft, round, { proposal: message });
  emit(draft, { type: 'send', to: 'all', gossip: false, message });
  return undefined;
}

/** The signer's own guard refused. The step stays taken, so it is not asked again; the round may time out. */
export function onSignRefused(draft: Draft, { request }: SignRefusedInput): Rejection {
  const { context } = draft.state;
  return context?.height === request.height ? undefined : 'another height';
}

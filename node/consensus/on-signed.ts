/** A signature is here: count it like any other vote, then send it. */
import { equal, type Bytes } from '../base/bytes.ts';
import { timeoutsOf } from './certificates.ts';
import {
  changeOwn,
  changeRound,
  contextOf,
  emit,
  isOwnAddress,
  roundOf,
  type Draft,
  type Rejection,
} from './draft.ts';
import type { ProposalRequest, VoteRequest } from './effects.ts';
import type { SignedInput, SignRefusedInput } from './inputs.ts';
import type { ConsensusMessage, ProposalMessage } from './messages.ts';
import { onVote } from './on-vote.ts';
import { PREVOTE, type Vote } from './types.ts';
import { isNil, sameBlock } from './votes.ts';
import { sendTimeout } from './voting.ts';

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
  onVote(draft, vote);
  if (type === PREVOTE) sendVote(draft, vote, [roundOf(draft, round).leader]);
  else if (isNil(blockId) || roundOf(draft, round).timedOut) sendTimeout(draft, round);
  else sendVote(draft, vote, [roundOf(draft, round).leader, contextOf(draft).nextProposer]);
  return undefined;
}

/** Star: to the collectors, precommits also to gossip. Clique: to all. */
function sendVote(draft: Draft, vote: Vote, collectors: readonly Bytes[]): void {
  const message: ConsensusMessage = { type: 'vote', vote };
  if (contextOf(draft).mode === 'clique') {
    return emit(draft, { type: 'send', to: 'all', gossip: false, message });
  }
  const to = collectors.filter(
    (address, at) =>
      !isOwnAddress(draft, address) &&
      collectors.findIndex((other) => equal(other, address)) === at,
  );
  const gossip = vote.type !== PREVOTE;
  if (to.length > 0 || gossip) emit(draft, { type: 'send', to, gossip, message });
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

/** Rules V1, V2 and TO: what this node signs. The record is durable before the signature is asked for. */
import { equal } from '../base/bytes.ts';
import { blockOf, requestIfUnknown, statusOf } from './blocks.ts';
import {
  changeOwn,
  changeRound,
  contextOf,
  emit,
  isLeader,
  isOwnAddress,
  roundOf,
  type Draft,
} from './draft.ts';
import type { ConsensusMessage, QuorumCertificate } from './messages.ts';
import {
  isAcceptable,
  isByLeader,
  isFitToPrevote,
  mayPrecommit,
  mayPrevote,
  mustPrecommitNil,
} from './rules.ts';
import { PRECOMMIT, PREVOTE, type BlockId, type Vote, type VoteType } from './types.ts';
import { NIL_BLOCK_ID } from './votes.ts';

/** Persists and asks for the signature of a vote in the current round. */
function castVote(draft: Draft, voteType: VoteType, blockId: BlockId): void {
  const { height, ownIndex: index, validators } = contextOf(draft);
  const { round } = draft.state;
  changeOwn(draft, round, voteType === PREVOTE ? { prevote: blockId } : { precommit: blockId });
  if (index === undefined) return;
  const { address } = validators.validators[index]!;
  const request = { type: 'vote', voteType, height, round, blockId, address, index } as const;
  emit(draft, { type: 'persist', record: { type: 'vote', request } });
  emit(draft, { type: 'sign', request });
}

/** V1, and the early half of TO: an unacceptable proposal ends the round at once, without its timer. */
export function prevote(draft: Draft): boolean {
  const current = roundOf(draft, draft.state.round);
  const message = current.proposal;
  if (!message || !mayPrevote(current)) return false;
  const { proposal, justify } = message;
  if (!isAcceptable(proposal, justify, draft.state.lock)) return giveUp(draft);
  if (requestIfUnknown(draft, proposal.blockId, [current.leader])) return true;
  const { status, proposer } = blockOf(draft, proposal.blockId)!;
  if (status === 'requested' || status === 'validating') return false;
  if (!isFitToPrevote(status, proposal)) return giveUp(draft);
  if (!isByLeader(proposal, proposer, current.leader)) return giveUp(draft);
  castVote(draft, PREVOTE, proposal.blockId);
  return true;
}

/** V2. */
export function precommit(draft: Draft): boolean {
  const { round } = draft.state;
  const current = roundOf(draft, round);
  const { qc } = current;
  if (!qc || current.own.precommit !== undefined) return false;
  if (requestIfUnknown(draft, qc.blockId, votersOf(qc.signatures))) return true;
  if (!mayPrecommit(current, round, statusOf(draft, qc.blockId))) return false;
  castVote(draft, PRECOMMIT, qc.blockId);
  return true;
}

/** Addresses of those who signed a certificate, and so have its block. */
export function votersOf(signatures: readonly { readonly address: Uint8Array }[]) {
  return signatures.map((sig) => sig.address).filter((address) => address.length > 0);
}

function giveUp(draft: Draft): boolean {
  changeRound(draft, draft.state.round, { timedOut: true });
  return true;
}

/** TO: nil, unless this round has a precommit already. */
export function precommitNil(draft: Draft): boolean {
  const { own, timedOut } = roundOf(draft, draft.state.round);
  if (!mustPrecommitNil(own, timedOut)) return false;
  castVote(draft, PRECOMMIT, NIL_BLOCK_ID);
  return true;
}

/** The round timer is over. A precommit that exists already is told to everybody, with the lock. */
export function timeOut(draft: Draft): void {
  const { round } = draft.state;
  if (!roundOf(draft, round).timedOut) changeRound(draft, round, { timedOut: true });
  if (roundOf(draft, round).own.signedPrecommit) sendTimeout(draft, round);
}

export function sendTimeout(draft: Draft, round: number): void {
  const vote = roundOf(draft, round).own.signedPrecommit;
  if (!vote) return;
  const { lock } = draft.state;
  const message = { type: 'timeout', vote, ...(lock && { highQc: lock }) } as const;
  emit(draft, { type: 'send', to: 'all', gossip: true, message });
}

/** Star: to the collectors; a precommit that is repeated goes to everybody. Clique: to all. */
export function sendVote(draft: Draft, vote: Vote, isRepeated = false): void {
  const { mode, nextProposer } = contextOf(draft);
  const message: ConsensusMessage = { type: 'vote', vote };
  if (mode === 'clique') {
    return emit(draft, { type: 'send', to: 'all', gossip: false, message });
  }
  const { leader } = roundOf(draft, vote.round);
  const collectors = vote.type === PREVOTE ? [leader] : [leader, nextProposer];
  const to = collectors.filter(
    (address, at) =>
      !isOwnAddress(draft, address) &&
      collectors.findIndex((other) => equal(other, address)) === at,
  );
  const gossip = isRepeated && vote.type !== PREVOTE;
  if (to.length > 0 || gossip) emit(draft, { type: 'send', to, gossip, message });
}

/** What a collector or followers may have missed of a round that is still under way. */
export function repeatVotes(draft: Draft): void {
  const { round } = draft.state;
  const { own, qc } = roundOf(draft, round);
  if (own.signedPrecommit) sendVote(draft, own.signedPrecommit, true);
  if (!qc && own.signedPrevote) sendVote(draft, own.signedPrevote, true);
  if (qc && contextOf(draft).mode === 'star' && isLeader(draft, round)) sendQuorum(draft, qc);
}

/** A star's leader forwards the certificate. */
export function sendQuorum(draft: Draft, qc: QuorumCertificate): void {
  emit(draft, { type: 'send', to: 'all', gossip: false, message: { type: 'quorum', qc } });
}

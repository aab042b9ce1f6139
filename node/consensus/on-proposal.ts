/** A proposal; the driver has verified that the leader of its round signed it. */
import { learnCertificate } from './certificates.ts';
import { changeRound, isRoundKept, roundOf, type Draft, type Rejection } from './draft.ts';
import type { ProposalMessage } from './messages.ts';
import { takeVotes } from './on-vote.ts';
import { isJustified } from './rules.ts';
import { sameBlock } from './votes.ts';

/** What is attached is unsigned: when it does not fit, a relay may be at fault, so nothing is concluded. */
export function onProposal(draft: Draft, message: ProposalMessage): Rejection {
  const { proposal, justify, timeouts } = message;
  if (!isJustified(proposal, justify)) return 'the certificate does not fit the proposal';
  if (proposal.round < draft.state.round) return 'a proposal of a round that is over';
  if (!isRoundKept(draft.state, proposal.round)) return 'a proposal of a round too far away';
  const known = roundOf(draft, proposal.round).proposal;
  if (known) {
    return sameBlock(known.proposal.blockId, proposal.blockId)
      ? 'a proposal seen before'
      : 'a second proposal for the same round';
  }
  changeRound(draft, proposal.round, { proposal: message });
  if (justify) learnCertificate(draft, justify);
  takeVotes(draft, timeouts);
  return undefined;
}

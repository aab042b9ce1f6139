/** A proposal; the driver has verified that the leader of its round signed it. */
import { receiveCertificate } from './certificates.ts';
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
  const { proposal: known, contradiction } = roundOf(draft, proposal.round);
  if (known) {
    if (sameBlock(known.proposal.blockId, proposal.blockId)) return 'a proposal seen before';
    if (contradiction) return 'one more proposal for the same round';
    changeRound(draft, proposal.round, { contradiction: proposal });
    return undefined;
  }
  changeRound(draft, proposal.round, { proposal: message });
  if (justify) receiveCertificate(draft, justify);
  takeVotes(draft, timeouts);
  return undefined;
}

/** A report to the leader of a round, or the answer to a node that is rounds behind. */
import type { Bytes } from '../base/bytes.ts';
import { MAX_ROUND_LEAP } from '../base/limits.ts';
import { receiveCertificate } from './certificates.ts';
import {
  changeRound,
  contextOf,
  isLeader,
  isRoundKept,
  roundOf,
  type Draft,
  type Rejection,
} from './draft.ts';
import type { NewRoundMessage } from './messages.ts';
import { takeVotes } from './on-vote.ts';

export function onNewRound(draft: Draft, message: NewRoundMessage, from?: Bytes): Rejection {
  const { round, highQc, timeouts } = message;
  const before = draft.state;
  if (round > before.round + MAX_ROUND_LEAP) return 'a report of a round too far away';
  if (highQc) receiveCertificate(draft, highQc);
  takeVotes(draft, timeouts);
  const index = from && contextOf(draft).validators.indexOf(from);
  if (index !== undefined && round >= before.round && isRoundKept(before, round)) {
    report(draft, round, index);
  }
  return draft.state === before ? 'a report without news' : undefined;
}

function report(draft: Draft, round: number, index: number): void {
  const { reported } = roundOf(draft, round);
  if (reported.has(index) || !isLeader(draft, round)) return;
  changeRound(draft, round, { reported: new Set([...reported, index]) });
}

/** A timeout is over. Timers are never cancelled: those of another height or round mean nothing. */
import { repeatCommit } from './decide.ts';
import { change, changeRound, isLeader, roundOf, type Draft, type Rejection } from './draft.ts';
import type { TimeoutInput } from './inputs.ts';
import { schedule, sendReport } from './rounds.ts';
import { repeatVotes, sendTimeout, timeOut } from './voting.ts';

export function onTimer(draft: Draft, input: TimeoutInput): Rejection {
  const { phase, context, round } = draft.state;
  if (phase !== 'running' || context?.height !== input.height) return 'a timer of another height';
  if (input.round !== round) return 'a timer of another round';
  switch (input.kind) {
    case 'pace':
      change(draft, { paceOver: true });
      break;
    case 'grace':
      change(draft, { graceOver: true });
      break;
    case 'newRound':
      changeRound(draft, round, { reportsOver: true });
      break;
    case 'round':
      timeOut(draft);
      break;
    case 'resend':
      resend(draft);
      schedule(draft, 'resend', context.timeouts.resendMs);
      break;
  }
  return undefined;
}

/** What others may have missed in a round that does not end. */
function resend(draft: Draft): void {
  const { round } = draft.state;
  if (roundOf(draft, round).timedOut) sendTimeout(draft, round);
  else repeatVotes(draft);
  repeatCommit(draft);
  if (round > 0 && !isLeader(draft, round)) sendReport(draft);
}

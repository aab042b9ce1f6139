/** What subscribers are told about consensus: the difference that one step of the machine made. */
import type { RoundState, State } from './consensus/state.ts';
import { blockKey, sameBlock, type Tally } from './consensus/votes.ts';
import type { Vote } from './consensus/types.ts';
import { stepName, stepOf } from './engine/round-step.ts';
import type { RoundEvent, RoundPlace } from './rpc/events.ts';

/** In the order in which CometBFT would say it. Empty when the machine is at no height. */
export function roundEvents(before: State, after: State): RoundEvent[] {
  const { context, round } = after;
  if (context === undefined || before === after) return [];
  const { height, validators } = context;
  const isNewHeight = before.context?.height !== height;
  const earlier = isNewHeight ? undefined : before;
  const at: RoundPlace = { height, round, step: `RoundStep${stepName(stepOf(after))}` };
  const events: RoundEvent[] = [];
  if (earlier?.round !== round) {
    const { address } = validators.leader(round);
    const proposer = { address };
    events.push({ kind: 'NewRound', at, proposer, index: validators.indexOf(address) ?? 0 });
  }
  for (const vote of newVotes(earlier, after)) events.push({ kind: 'Vote', vote });
  events.push(...progress(earlier, after, at));
  if (earlier?.round !== round || stepOf(earlier) !== stepOf(after)) {
    events.push({ kind: 'NewRoundStep', at });
  }
  return events;
}

function newVotes(earlier: State | undefined, after: State): Vote[] {
  return [...after.rounds.values()].flatMap((now) => {
    const then = earlier?.rounds.get(now.round);
    return [...added(then?.prevotes, now.prevotes), ...added(then?.precommits, now.precommits)];
  });
}

function added(then: Tally | undefined, now: Tally): Vote[] {
  if (then === now) return [];
  return now.votes.flatMap((vote, index) =>
    vote !== undefined && then?.votes[index] === undefined ? [vote] : [],
  );
}

/** What became of the proposal of the round. */
function progress(earlier: State | undefined, after: State, at: RoundPlace): RoundEvent[] {
  const now = after.rounds.get(after.round);
  if (now === undefined) return [];
  const then = earlier?.rounds.get(after.round);
  const events: RoundEvent[] = [];
  const blockId = now.proposal?.proposal.blockId;
  if (blockId && hasBlock(after, now) && !(earlier && then && hasBlock(earlier, then))) {
    events.push({ kind: 'CompleteProposal', at, blockId });
  }
  if (now.qc && !then?.qc) events.push({ kind: 'Polka', at });
  const { lock } = after;
  if (lock && lock !== earlier?.lock) {
    const again = earlier?.lock && sameBlock(earlier.lock.blockId, lock.blockId);
    events.push({ kind: again ? 'Relock' : 'Lock', at });
  }
  if (now.timedOut && !then?.timedOut) {
    events.push({ kind: now.proposal ? 'TimeoutWait' : 'TimeoutPropose', at });
  }
  return events;
}

/** Are the bytes of the proposed block here? */
function hasBlock(state: State, { proposal }: RoundState): boolean {
  if (proposal === undefined) return false;
  const status = state.blocks.get(blockKey(proposal.proposal.blockId))?.status;
  return status !== undefined && status !== 'requested';
}

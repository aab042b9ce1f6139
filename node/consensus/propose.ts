/** Rule P: what a leader proposes, and when. */
import { requestIfUnknown, setBlock, statusOf } from './blocks.ts';
import {
  changeOwn,
  changeRound,
  contextOf,
  emit,
  isLeader,
  roundOf,
  type Draft,
  type Rejection,
} from './draft.ts';
import type { BlockBuiltInput } from './inputs.ts';
import { isBlockReady, isComplete, mayLeadRound, mayPropose } from './rules.ts';
import type { BlockId } from './types.ts';
import { votersOf } from './voting.ts';

/** A locked block is proposed again with its certificate; otherwise a fresh one is built. */
export function propose(draft: Draft): boolean {
  const { round, lock } = draft.state;
  if (!isLeader(draft, round)) return false;
  const current = roundOf(draft, round);
  if (!mayPropose(current)) return false;
  if (!mayBegin(draft)) return false;
  if (!lock) return !current.building && build(draft);
  if (lock.round >= round) return false;
  if (requestIfUnknown(draft, lock.blockId, votersOf(lock.signatures))) return true;
  if (!isBlockReady(statusOf(draft, lock.blockId))) return false;
  signProposal(draft, lock.blockId, lock.round);
  return true;
}

function mayBegin(draft: Draft): boolean {
  const { round, lock, paceOver, graceOver, last, quiet } = draft.state;
  if (round === 0) return paceOver && (graceOver || isComplete(last, quiet));
  return mayLeadRound(roundOf(draft, round), lock, contextOf(draft).validators.size);
}

function build(draft: Draft): boolean {
  const { round, last } = draft.state;
  const { height } = contextOf(draft);
  changeRound(draft, round, { building: true });
  emit(draft, {
    type: 'buildBlock',
    height,
    round,
    ...(last && { lastCommit: last.commit }),
  });
  return true;
}

function signProposal(draft: Draft, blockId: BlockId, polRound: number): void {
  const { height } = contextOf(draft);
  const { round } = draft.state;
  changeOwn(draft, round, { proposal: { blockId, polRound } });
  const request = { type: 'proposal', height, round, polRound, blockId } as const;
  emit(draft, { type: 'persist', record: { type: 'proposal', request } });
  emit(draft, { type: 'sign', request });
}

/** A lock that came while the block was being built takes precedence: rule P then proposes that block. */
export function onBlockBuilt(draft: Draft, input: BlockBuiltInput): Rejection {
  const { height, round, blockId } = input;
  const { state } = draft;
  if (state.phase !== 'running' || state.context?.height !== height) return 'another height';
  if (state.round !== round) return 'a block for a round that is over';
  const current = roundOf(draft, round);
  if (!current.building) return 'a block nobody asked for';
  changeRound(draft, round, { building: false });
  setBlock(draft, { blockId, status: 'valid', proposer: current.leader });
  if (mayPropose(current) && !state.lock) signProposal(draft, blockId, -1);
  return undefined;
}

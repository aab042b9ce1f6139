/** Which blocks are here, asked for, checked. */
import type { Bytes } from '../base/bytes.ts';
import { change, contextOf, emit, isOwnAddress, type Draft, type Rejection } from './draft.ts';
import type { BlockReceivedInput, BlockValidatedInput } from './inputs.ts';
import type { BlockStatus } from './state.ts';
import type { BlockId } from './types.ts';
import { blockKey } from './votes.ts';

export function statusOf(draft: Draft, blockId: BlockId): BlockStatus | undefined {
  return draft.state.blocks.get(blockKey(blockId))?.status;
}

export function setBlock(draft: Draft, blockId: BlockId, status: BlockStatus): void {
  const blocks = new Map(draft.state.blocks);
  blocks.set(blockKey(blockId), { blockId, status });
  change(draft, { blocks });
}

/** Asks for a block not heard of before; true when it did. */
export function requestIfUnknown(draft: Draft, blockId: BlockId, from: readonly Bytes[]): boolean {
  if (statusOf(draft, blockId) !== undefined) return false;
  setBlock(draft, blockId, 'requested');
  const others = from.filter((address) => !isOwnAddress(draft, address));
  const { height } = contextOf(draft);
  emit(draft, { type: 'requestBlock', height, blockId, from: others });
  return true;
}

export function onBlockReceived(draft: Draft, input: BlockReceivedInput): Rejection {
  const { height, blockId } = input;
  if (draft.state.context?.height !== height) return 'a block of another height';
  if (statusOf(draft, blockId) !== 'requested') return 'a block nobody asked for';
  setBlock(draft, blockId, 'validating');
  emit(draft, { type: 'validateBlock', height, blockId });
  return undefined;
}

export function onBlockValidated(draft: Draft, input: BlockValidatedInput): Rejection {
  const { height, blockId, valid, timely } = input;
  if (draft.state.context?.height !== height) return 'a block of another height';
  if (statusOf(draft, blockId) !== 'validating') return 'a verdict nobody asked for';
  setBlock(draft, blockId, !valid ? 'invalid' : timely ? 'valid' : 'untimely');
  return undefined;
}

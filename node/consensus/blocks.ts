/** Which blocks are here, asked for, checked. */
import type { Bytes } from '../base/bytes.ts';
import { change, contextOf, emit, isOwnAddress, type Draft, type Rejection } from './draft.ts';
import type { BlockReceivedInput, BlockValidatedInput } from './inputs.ts';
import type { BlockStatus, KnownBlock } from './state.ts';
import type { BlockId } from './types.ts';
import { blockKey } from './votes.ts';

export function blockOf(draft: Draft, blockId: BlockId): KnownBlock | undefined {
  return draft.state.blocks.get(blockKey(blockId));
}

export function statusOf(draft: Draft, blockId: BlockId): BlockStatus | undefined {
  return blockOf(draft, blockId)?.status;
}

export function setBlock(draft: Draft, block: KnownBlock): void {
  const blocks = new Map(draft.state.blocks);
  blocks.set(blockKey(block.blockId), block);
  change(draft, { blocks });
}

/** Asks for a block not heard of before; true when it did. */
export function requestIfUnknown(draft: Draft, blockId: BlockId, from: readonly Bytes[]): boolean {
  if (statusOf(draft, blockId) !== undefined) return false;
  setBlock(draft, { blockId, status: 'requested' });
  const others = from.filter((address) => !isOwnAddress(draft, address));
  const { height } = contextOf(draft);
  emit(draft, { type: 'requestBlock', height, blockId, from: others });
  return true;
}

/** Once the height is decided its other blocks are gone. */
function isAtHand({ state: { phase, context } }: Draft, height: number): boolean {
  return phase === 'running' && context?.height === height;
}

export function onBlockReceived(draft: Draft, input: BlockReceivedInput): Rejection {
  const { height, blockId } = input;
  if (!isAtHand(draft, height)) return 'a block of another height';
  if (statusOf(draft, blockId) !== 'requested') return 'a block nobody asked for';
  setBlock(draft, { blockId, status: 'validating' });
  emit(draft, { type: 'validateBlock', height, blockId });
  return undefined;
}

export function onBlockValidated(draft: Draft, input: BlockValidatedInput): Rejection {
  const { height, blockId, valid, timely, proposer } = input;
  if (!isAtHand(draft, height)) return 'a block of another height';
  if (statusOf(draft, blockId) !== 'validating') return 'a verdict nobody asked for';
  const status = !valid ? 'invalid' : timely ? 'valid' : 'untimely';
  setBlock(draft, { blockId, status, proposer });
  return undefined;
}

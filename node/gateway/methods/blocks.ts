/** Blocks as the messages of tendermint.types and of the SDK's own copy of them. */
import { Block as SdkBlock } from 'cosmjs-types/cosmos/base/tendermint/v1beta1/types';
import { Block } from 'cosmjs-types/tendermint/types/block';
import { BlockID } from 'cosmjs-types/tendermint/types/types';
import { invalidArgument, notFound } from '../../app/query-error.ts';
import { valconsText } from '../../base/address.ts';
import { encodeBlock, encodeBlockId } from '../../consensus/encoding.ts';
import type { Blocks, StoredBlock } from '../expected.ts';

/** Throws QueryError. */
export function blockAt(blocks: Blocks, asked: bigint): StoredBlock {
  checkHeight(blocks, asked);
  const stored = blocks.block(Number(asked));
  if (!stored) throw notFound(`block ${asked} is not here any more: it was pruned`);
  return stored;
}

/** Throws QueryError. */
export function checkHeight(blocks: Blocks, asked: bigint): void {
  const tip = blocks.tip();
  if (asked < 1n || asked > BigInt(tip)) {
    throw invalidArgument(
      `height must not be less than 1 or greater than the current height ${tip}, but got ${asked}`,
    );
  }
}

export function blockMessages({ block, blockId }: StoredBlock): {
  blockId: BlockID;
  block: Block;
  sdkBlock: SdkBlock;
} {
  const message = Block.decode(encodeBlock(block));
  const header = {
    ...message.header,
    proposerAddress: valconsText(block.header.proposerAddress),
  };
  return {
    blockId: BlockID.decode(encodeBlockId(blockId)),
    block: message,
    sdkBlock: { ...message, header },
  };
}

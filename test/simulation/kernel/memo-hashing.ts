/** The id of a block that went to many is computed once. */
import type { Bytes } from '../../../node/base/bytes.ts';
import { encodeBlock } from '../../../node/consensus/encoding.ts';
import * as real from '../../../node/consensus/hashing.ts';
import type { Block, BlockId } from '../../../node/consensus/types.ts';

export * from '../../../node/consensus/hashing.ts';

const known = new WeakMap<Bytes, BlockId>();

export function blockIdOf(block: Block, bytes: Bytes = encodeBlock(block)): BlockId {
  const before = known.get(bytes);
  if (before) return before;
  const id = real.blockIdOf(block, bytes);
  known.set(bytes, id);
  return id;
}

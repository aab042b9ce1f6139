/** A block that went to many is decoded once. */
import type { Bytes } from '../../../node/base/bytes.ts';
import * as real from '../../../node/consensus/decoding.ts';

export * from '../../../node/consensus/decoding.ts';

const known = new WeakMap<Bytes, ReturnType<typeof real.decodeBlock>>();

export function decodeBlock(bytes: Bytes): ReturnType<typeof real.decodeBlock> {
  const before = known.get(bytes);
  if (before) return before;
  const block = real.decodeBlock(bytes);
  known.set(bytes, block);
  return block;
}

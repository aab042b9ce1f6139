/**
 * cosmjs-types writes integers from 2^31 to 2^32 - 1 as one wrong byte and four zeros: it takes the low half for
 * signed. Such a gas limit would make a good transaction look as if its encoding were not canonical, and every
 * time after January 2038 would be stored and signed wrongly.
 */
import { BinaryWriter } from 'cosmjs-types/binary';
import type { Bytes } from './bytes.ts';
import { encodeVarint } from './proto-writer.ts';

interface Pushing {
  _push(
    write: (from: Bytes, into: Bytes, at: number) => void,
    size: number,
    from: Bytes,
  ): BinaryWriter;
}

const FIRST_WRONG = 1n << 31n;
const FIRST_RIGHT = 1n << 32n;

// Each writer takes its uint64 from here when it is made.
const { prototype } = BinaryWriter;
const write = prototype.int64;

prototype.int64 = function int64(this: BinaryWriter, value: string | number | bigint) {
  const number = BigInt(value);
  if (number < FIRST_WRONG || number >= FIRST_RIGHT) return write.call(this, value);
  const bytes = encodeVarint(number);
  const copy = (from: Bytes, into: Bytes, at: number): void => into.set(from, at);
  return (this as unknown as Pushing)._push(copy, bytes.length, bytes);
};

/**
 * cosmjs-types writes integers from 2^31 to 2^32 - 1 wrongly, because it keeps their lower half as a negative
 * number. Such a gas limit would make a good transaction look as if its encoding were not canonical, and every
 * time after January 2038 would be stored and signed wrongly.
 */
import { BinaryWriter } from 'cosmjs-types/binary';
import { int64Length, writeVarint64 } from 'cosmjs-types/varint';

interface Parts {
  readonly lo: number;
  readonly hi: number;
}

interface Pusher {
  _push(write: typeof writeVarint64, length: number, value: Parts): BinaryWriter;
}

/** Each writer takes its uint64 from here, too, when it is made. */
BinaryWriter.prototype.int64 = function (value: string | number | bigint): BinaryWriter {
  const bits = BigInt.asUintN(64, BigInt(value));
  const lo = Number(bits & 0xffff_ffffn);
  const hi = Number(bits >> 32n);
  return (this as unknown as Pusher)._push(writeVarint64, int64Length(lo, hi), { lo, hi });
};

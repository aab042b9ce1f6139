/**
 * Two corrections of the writer that cosmjs-types encodes with.
 *
 * Buffers: gives every message an array of its own size. The library means to cut small messages from a shared
 * slab but makes a new slab of 8 KiB for each of them, which costs more time than the encoding and keeps the
 * slab in memory for as long as anybody holds the message.
 *
 * Integers: numbers from 2^31 to 2^32 - 1, such as the seconds of times after January 2038, come out wrong,
 * because the library keeps their lower half as a negative number.
 */
import { BinaryWriter } from 'cosmjs-types/binary';
import { int64Length, writeVarint64 } from 'cosmjs-types/varint';

BinaryWriter.alloc = (size: number): Uint8Array => new Uint8Array(size);

interface Parts {
  readonly lo: number;
  readonly hi: number;
}

interface Pusher {
  _push(write: typeof writeVarint64, length: number, value: Parts): BinaryWriter;
}

/** The library writes unsigned integers with the same function. */
BinaryWriter.prototype.int64 = function (value: string | number | bigint): BinaryWriter {
  const bits = BigInt.asUintN(64, BigInt(value));
  const lo = Number(bits & 0xffff_ffffn);
  const hi = Number(bits >> 32n);
  return (this as unknown as Pusher)._push(writeVarint64, int64Length(lo, hi), { lo, hi });
};

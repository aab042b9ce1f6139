/** Integers in messages of cosmjs-types, against the plain definition of a varint. */
import assert from 'node:assert/strict';
import { Fee } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { Timestamp } from 'cosmjs-types/google/protobuf/timestamp';
import fc from 'fast-check';
import { toHex } from '../../../node/base/bytes.ts';
import { strictDecode } from '../../../node/base/strict-decode.ts';

function varint(value: bigint): string {
  const bits = BigInt.asUintN(64, value);
  const rest = bits >> 7n;
  const byte = Number(bits & 127n) | (rest === 0n ? 0 : 128);
  return byte.toString(16).padStart(2, '0') + (rest === 0n ? '' : varint(rest));
}

const check = (value: bigint): void => {
  const fee = Fee.encode(Fee.fromPartial({ gasLimit: BigInt.asUintN(64, value) })).finish();
  assert.equal(toHex(fee), `10${varint(value)}`);
  assert.equal(strictDecode(Fee, fee).gasLimit, BigInt.asUintN(64, value));
  const seconds = BigInt.asIntN(64, value);
  const time = Timestamp.encode({ seconds, nanos: 0 }).finish();
  assert.equal(toHex(time), `08${varint(value)}`);
  assert.equal(strictDecode(Timestamp, time).seconds, seconds);
};

describe('base/exact varints', () => {
  it('are right on both sides of every power of two', () => {
    for (let bit = 1n; bit <= 64n; bit++) {
      for (const near of [-1n, 0n, 1n]) check(BigInt.asUintN(64, (1n << bit) + near) || 1n);
    }
  });

  it('are right for any integer of 64 bits', () => {
    const near32 = fc.bigInt({ min: 1n << 30n, max: 1n << 33n });
    const any = fc.oneof(fc.bigInt({ min: 1n, max: (1n << 64n) - 1n }), near32);
    fc.assert(fc.property(any, check), { seed: 20_260_102, numRuns: 2_000 });
  });
});

import assert from 'node:assert/strict';
import { utf8 } from '../../../node/base/bytes.ts';
import { BitscaleError } from '../../../node/base/errors.ts';
import {
  addInt,
  isInt64,
  isUint64,
  modInt,
  mulInt,
  parseSigned,
  parseUint64,
  parseUnsigned,
  parseUnsignedBytes,
  quoInt,
  subInt,
  toInt64,
  toUint64,
} from '../../../node/base/int.ts';
import { isFailure, sdkMathCases } from './vectors.ts';

const OPERATIONS = { add: addInt, sub: subInt, mul: mulInt, quo: quoInt, mod: modInt };

/** Texts the SDK reads and this parser refuses, because one value should have one text. */
const REFUSED = new Set(['-0', '+5', '007', '0x1f', '1_000', '', '001', '+1']);

function check(label: string, expected: unknown, run: () => bigint): void {
  if (isFailure(expected)) assert.throws(run, BitscaleError, label);
  else assert.equal(run().toString(), expected, label);
}

describe('base/int', () => {
  for (const [op, run] of Object.entries(OPERATIONS)) {
    it(`computes ${op} as the reference does`, () => {
      for (const [a, b, expected] of sdkMathCases('int', op) as [string, string, unknown][]) {
        check(`${a} ${b}`, expected, () => run(BigInt(a), BigInt(b)));
      }
    });
  }

  it('reads the integers that the reference reads, but only in plain form', () => {
    for (const [text, expected] of sdkMathCases('int', 'parse') as [string, unknown][]) {
      check(text, REFUSED.has(text) ? { error: 'refused' } : expected, () => parseSigned(text));
    }
    for (const [hex, expected] of sdkMathCases('int', 'unmarshal') as [string, unknown][]) {
      const text = Buffer.from(hex, 'hex').toString();
      check(text, REFUSED.has(text) ? { error: 'refused' } : expected, () => parseSigned(text));
    }
  });

  it('tells which values fit 64 bits as the reference does', () => {
    for (const [text, fits64, fitsU64, int64, uint64] of sdkMathCases('int', 'convert')) {
      const value = BigInt(text as string);
      assert.equal(isInt64(value), fits64);
      assert.equal(isUint64(value), fitsU64);
      check(String(text), int64, () => toInt64(value));
      check(String(text), uint64, () => toUint64(value));
    }
  });

  const MAX = '115792089237316195423570985008687907853269984665640564039457584007913129639935';
  const BAD = ['-1', '01', '1e3', '0x1', ' 1', '+1', '1.0', '', (BigInt(MAX) + 1n).toString(), '٣'];
  for (const text of BAD) {
    it(`refuses ${JSON.stringify(text)} as an unsigned integer`, () => {
      assert.throws(() => parseUnsigned(text), BitscaleError);
      assert.throws(() => parseUnsignedBytes(utf8(text)), BitscaleError);
    });
  }

  it('reads the bytes of a text as the text', () => {
    for (const text of ['0', '9', '10', '999999999999999', '1000000000000000', MAX]) {
      assert.equal(parseUnsignedBytes(utf8(text)), BigInt(text));
    }
  });

  it('reads the largest integer', () => {
    assert.equal(parseUnsigned(MAX), BigInt(MAX));
    assert.equal(parseSigned(`-${MAX}`), -BigInt(MAX));
  });

  it('reads 64-bit integers from JSON numbers and texts', () => {
    assert.equal(parseUint64(7), 7n);
    assert.equal(parseUint64('18446744073709551615'), 18446744073709551615n);
    const bad = ['18446744073709551616', -1, 1.5, 2 ** 53, null, true, {}, '1 '];
    for (const value of bad) assert.throws(() => parseUint64(value), BitscaleError);
  });
});

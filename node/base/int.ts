/**
 * Integers of amounts: bigint within 256 bits and a sign, the range of the Cosmos SDK's Int. A result out of
 * range is a typed error, so it fails one transaction and never wraps.
 */
import { fromUtf8 } from './bytes.ts';
import { BitscaleError, defineError } from './errors.ts';

export const INT_OVERFLOW = defineError('math', 2, 'integer overflow');
export const DIVISION_BY_ZERO = defineError('math', 3, 'division by zero');
export const INVALID_NUMBER = defineError('math', 4, 'invalid number');

/** 2^256 - 1; the smallest value is its negative. */
export const MAX_INT = (1n << 256n) - 1n;
export const MAX_INT64 = (1n << 63n) - 1n;
export const MAX_UINT64 = (1n << 64n) - 1n;

/** Decimal digits of MAX_INT: longer texts are refused before they are converted. */
const MAX_DIGITS = 78;
const UNSIGNED = /^(?:0|[1-9][0-9]*)$/;
const SIGNED = /^(?:0|-?[1-9][0-9]*)$/;

/** Returns `value` when it is within range; throws math/2 otherwise. */
export function checkInt(value: bigint): bigint {
  if (value > MAX_INT || value < -MAX_INT) throw new BitscaleError(INT_OVERFLOW);
  return value;
}

export const addInt = (a: bigint, b: bigint): bigint => checkInt(a + b);
export const subInt = (a: bigint, b: bigint): bigint => checkInt(a - b);
export const mulInt = (a: bigint, b: bigint): bigint => checkInt(a * b);

/** Quotient towards zero. */
export function quoInt(a: bigint, b: bigint): bigint {
  if (b === 0n) throw new BitscaleError(DIVISION_BY_ZERO);
  return checkInt(a / b);
}

/** Remainder from 0 up to |b| - 1, whatever the signs. */
export function modInt(a: bigint, b: bigint): bigint {
  if (b === 0n) throw new BitscaleError(DIVISION_BY_ZERO);
  const size = b < 0n ? -b : b;
  return ((a % size) + size) % size;
}

export const isInt64 = (value: bigint): boolean => BigInt.asIntN(64, value) === value;
export const isUint64 = (value: bigint): boolean => BigInt.asUintN(64, value) === value;

export function toInt64(value: bigint): bigint {
  if (!isInt64(value)) throw new BitscaleError(INT_OVERFLOW, 'value does not fit int64');
  return value;
}

export function toUint64(value: bigint): bigint {
  if (!isUint64(value)) throw new BitscaleError(INT_OVERFLOW, 'value does not fit uint64');
  return value;
}

function parse(pattern: RegExp, text: string): bigint {
  if (text.length > MAX_DIGITS + 1 || !pattern.test(text)) {
    throw new BitscaleError(INVALID_NUMBER, 'not a decimal integer in plain form');
  }
  return checkInt(BigInt(text));
}

/** One text per value: digits without a sign, a leading zero or white space. Throws math/4 or math/2. */
export function parseUnsigned(text: string): bigint {
  return parse(UNSIGNED, text);
}

/** So many digits fit a number exactly. */
const EXACT_DIGITS = 15;
const ZERO_DIGIT = 48;

/** As parseUnsigned, of a text in UTF-8. */
export function parseUnsignedBytes(bytes: Uint8Array): bigint {
  const { length } = bytes;
  let value = 0;
  for (let i = 0; i < length; i++) {
    const digit = (bytes[i] as number) - ZERO_DIGIT;
    const isPlain = digit >= 0 && digit <= 9 && (digit > 0 || i > 0 || length === 1);
    if (!isPlain || length > EXACT_DIGITS) return parseUnsigned(fromUtf8(bytes));
    value = value * 10 + digit;
  }
  return length > 0 ? BigInt(value) : parseUnsigned('');
}

/** As parseUnsigned, with an optional minus before a value that is not zero. */
export function parseSigned(text: string): bigint {
  return parse(SIGNED, text);
}

/** A JSON number or decimal text as an unsigned integer below 2^64. Throws math/4 or math/2. */
export function parseUint64(value: unknown): bigint {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return BigInt(value);
  if (typeof value !== 'string') throw new BitscaleError(INVALID_NUMBER, 'not an unsigned integer');
  return toUint64(parseUnsigned(value));
}

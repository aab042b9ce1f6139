/**
 * Decimals with 18 places, the arithmetic of the Cosmos SDK's LegacyDec to the last digit: `mul` and `quo`
 * round half to even, results out of range throw. Immutable.
 */
import { BitscaleError } from './errors.ts';
import {
  checkInt,
  DIVISION_BY_ZERO,
  INT_OVERFLOW,
  INVALID_NUMBER,
  MAX_INT,
  toInt64,
} from './int.ts';

export const DEC_PLACES = 18;
const ONE = 10n ** 18n;
const HALF = ONE / 2n;
const SQUARE = ONE * ONE;
/** Largest value times 10^18. */
export const MAX_DEC_RAW = (MAX_INT + 1n) * ONE - 1n;

const TEXT = /^(-?)(0|[1-9][0-9]{0,77})(?:\.([0-9]{1,18}))?$/;
const WIRE = /^(?:0|-?[1-9][0-9]{0,95})$/;

const abs = (value: bigint): bigint => (value < 0n ? -value : value);

/** Divides by 10^18, half to even. */
function chopRound(raw: bigint): bigint {
  const size = abs(raw);
  const rest = size % ONE;
  let quotient = size / ONE;
  if (rest > HALF || (rest === HALF && (quotient & 1n) === 1n)) quotient += 1n;
  return raw < 0n ? -quotient : quotient;
}

/** Divides by 10^18, towards positive infinity. */
function chopUp(raw: bigint): bigint {
  return raw > 0n && raw % ONE !== 0n ? raw / ONE + 1n : raw / ONE;
}

export class Dec {
  /** The value times 10^18. */
  readonly raw: bigint;

  private constructor(raw: bigint) {
    this.raw = raw;
  }

  static readonly ZERO = new Dec(0n);
  static readonly ONE = new Dec(ONE);
  static readonly SMALLEST = new Dec(1n);

  /** From the value times 10^18. Throws math/2 beyond +-MAX_DEC_RAW. */
  static fromRaw(raw: bigint): Dec {
    if (raw > MAX_DEC_RAW || raw < -MAX_DEC_RAW) throw new BitscaleError(INT_OVERFLOW);
    return new Dec(raw);
  }

  static fromInt(value: bigint | number): Dec {
    return Dec.fromRaw(BigInt(value) * ONE);
  }

  /** `numerator` / `denominator`, rounded half to even. */
  static fraction(numerator: bigint | number, denominator: bigint | number): Dec {
    return Dec.fromInt(numerator).quo(Dec.fromInt(denominator));
  }

  /** Text such as "-1.5": no plus, exponent, leading zero or empty part, at most 18 places. */
  static parse(text: string): Dec {
    const match = TEXT.exec(text);
    if (match === null) throw new BitscaleError(INVALID_NUMBER, 'not a decimal in plain form');
    const raw = BigInt(match[2]! + (match[3] ?? '').padEnd(DEC_PLACES, '0'));
    if (raw === 0n && match[1] === '-') throw new BitscaleError(INVALID_NUMBER, 'minus zero');
    return Dec.fromRaw(match[1] === '-' ? -raw : raw);
  }

  /** The protobuf form: the value times 10^18 as an integer text. */
  static fromWire(text: string): Dec {
    if (!WIRE.test(text)) throw new BitscaleError(INVALID_NUMBER, 'not a decimal on the wire');
    return Dec.fromRaw(BigInt(text));
  }

  add(other: Dec): Dec {
    return Dec.fromRaw(this.raw + other.raw);
  }

  sub(other: Dec): Dec {
    return Dec.fromRaw(this.raw - other.raw);
  }

  mul(other: Dec): Dec {
    return Dec.fromRaw(chopRound(this.raw * other.raw));
  }

  mulTruncate(other: Dec): Dec {
    return Dec.fromRaw((this.raw * other.raw) / ONE);
  }

  mulRoundUp(other: Dec): Dec {
    return Dec.fromRaw(chopUp(this.raw * other.raw));
  }

  mulInt(factor: bigint): Dec {
    return Dec.fromRaw(this.raw * factor);
  }

  quo(other: Dec): Dec {
    return Dec.fromRaw(chopRound((this.raw * SQUARE) / nonZero(other.raw)));
  }

  quoTruncate(other: Dec): Dec {
    return Dec.fromRaw((this.raw * ONE) / nonZero(other.raw));
  }

  /** Away from the truncated quotient; for a negative result one unit more than needed, as the SDK does. */
  quoRoundUp(other: Dec): Dec {
    const scaled = this.raw * ONE;
    const quotient = scaled / nonZero(other.raw);
    const rest = scaled % other.raw;
    const sameSign = quotient < 0n === other.raw < 0n;
    const up = (rest > 0n && sameSign) || (rest < 0n && !sameSign);
    return Dec.fromRaw(up ? quotient + 1n : quotient);
  }

  quoInt(divisor: bigint): Dec {
    return Dec.fromRaw(this.raw / nonZero(divisor));
  }

  neg(): Dec {
    return new Dec(-this.raw);
  }

  abs(): Dec {
    return new Dec(abs(this.raw));
  }

  /** Nearest integer, half to even. */
  roundInt(): bigint {
    return checkInt(chopRound(this.raw));
  }

  roundInt64(): bigint {
    return toInt64(chopRound(this.raw));
  }

  /** Towards zero. */
  truncateInt(): bigint {
    return checkInt(this.raw / ONE);
  }

  truncateInt64(): bigint {
    return toInt64(this.raw / ONE);
  }

  truncateDec(): Dec {
    return new Dec((this.raw / ONE) * ONE);
  }

  /** The smallest whole number that is not below this one. */
  ceil(): Dec {
    return Dec.fromRaw(chopUp(this.raw) * ONE);
  }

  isInteger(): boolean {
    return this.raw % ONE === 0n;
  }

  isZero(): boolean {
    return this.raw === 0n;
  }

  isPositive(): boolean {
    return this.raw > 0n;
  }

  isNegative(): boolean {
    return this.raw < 0n;
  }

  compare(other: Dec): -1 | 0 | 1 {
    if (this.raw === other.raw) return 0;
    return this.raw < other.raw ? -1 : 1;
  }

  equals(other: Dec): boolean {
    return this.raw === other.raw;
  }

  lt(other: Dec): boolean {
    return this.raw < other.raw;
  }

  gt(other: Dec): boolean {
    return this.raw > other.raw;
  }

  static min(a: Dec, b: Dec): Dec {
    return a.raw < b.raw ? a : b;
  }

  static max(a: Dec, b: Dec): Dec {
    return a.raw > b.raw ? a : b;
  }

  /** Always with 18 places, as JSON carries it. */
  toString(): string {
    const digits = abs(this.raw)
      .toString()
      .padStart(DEC_PLACES + 1, '0');
    const sign = this.raw < 0n ? '-' : '';
    return `${sign}${digits.slice(0, -DEC_PLACES)}.${digits.slice(-DEC_PLACES)}`;
  }

  toJSON(): string {
    return this.toString();
  }

  toWire(): string {
    return this.raw.toString();
  }
}

function nonZero(raw: bigint): bigint {
  if (raw === 0n) throw new BitscaleError(DIVISION_BY_ZERO);
  return raw;
}

import assert from 'node:assert/strict';
import { Dec, MAX_DEC_RAW } from '../../../node/base/dec.ts';
import { decPower, decRoot } from '../../../node/base/dec-roots.ts';
import { BitscaleError } from '../../../node/base/errors.ts';
import { isFailure, sdkMathCases } from './vectors.ts';

/** The value times 10^18, whatever its size. */
function rawOf(text: string): bigint {
  const [whole, fraction = ''] = text.replace('-', '').split('.');
  const raw = BigInt(whole + fraction.padEnd(18, '0'));
  return text.startsWith('-') ? -raw : raw;
}

const exact = (text: string): Dec => Dec.fromRaw(rawOf(text));

/** The reference computes with some arguments beyond its own bounds; here they cannot be made. */
function isOutOfBounds(value: unknown): boolean {
  if (typeof value !== 'string' || !/^-?[0-9.]+$/.test(value)) return false;
  const raw = rawOf(value);
  return raw > MAX_DEC_RAW || raw < -MAX_DEC_RAW;
}

function check(args: unknown[], expected: unknown, run: () => unknown): void {
  if (isFailure(expected)) {
    assert.throws(run, BitscaleError, JSON.stringify(args));
  } else {
    const result = run();
    const plain = typeof result === 'bigint' ? String(result) : result;
    assert.equal(plain instanceof Dec ? plain.toString() : plain, expected, JSON.stringify(args));
  }
}

const OPERATIONS: Record<string, (x: Dec, y: string) => unknown> = {
  add: (x, y) => x.add(exact(y)),
  sub: (x, y) => x.sub(exact(y)),
  mul: (x, y) => x.mul(exact(y)),
  mul_truncate: (x, y) => x.mulTruncate(exact(y)),
  mul_round_up: (x, y) => x.mulRoundUp(exact(y)),
  quo: (x, y) => x.quo(exact(y)),
  quo_truncate: (x, y) => x.quoTruncate(exact(y)),
  quo_round_up: (x, y) => x.quoRoundUp(exact(y)),
  mul_int: (x, y) => x.mulInt(BigInt(y)),
  quo_int: (x, y) => x.quoInt(BigInt(y)),
  round_int: (x) => x.roundInt(),
  round_int64: (x) => x.roundInt64(),
  truncate_int: (x) => x.truncateInt(),
  truncate_int64: (x) => x.truncateInt64(),
  truncate_dec: (x) => x.truncateDec(),
  ceil: (x) => x.ceil(),
  is_integer: (x) => x.isInteger(),
  marshal: (x) => Buffer.from(x.toWire()).toString('hex'),
  approx_sqrt: (x) => decRoot(x, 2),
  approx_root: (x, y) => decRoot(x, Number(y)),
  power: (x, y) => decPower(x, Number(y)),
};

/** Texts the SDK reads and this parser refuses, because one value should have one text. */
const REFUSED_TEXTS = new Set(['-0', '+1', '--1', '00012', '00.10', '-0.0']);
const REFUSED_WIRE = new Set(['', '+1', '001']);

describe('base/dec', () => {
  for (const [op, run] of Object.entries(OPERATIONS)) {
    it(`computes ${op} as the reference does`, () => {
      for (const given of sdkMathCases('dec', op)) {
        const args = given.slice(0, -1);
        const wanted = isOutOfBounds(args[0]) ? { error: 'refused' } : given.at(-1);
        check(args, wanted, () => run(exact(String(args[0])), String(args[1])));
      }
    });
  }

  it('reads the decimals that the reference reads, but only in plain form', () => {
    for (const [text, expected] of sdkMathCases('dec', 'parse') as [string, unknown][]) {
      const wanted = REFUSED_TEXTS.has(text) ? { error: 'refused' } : expected;
      check([text], wanted, () => Dec.parse(text));
    }
  });

  it('reads the wire form of the reference, but only in plain form', () => {
    for (const [hex, expected] of sdkMathCases('dec', 'unmarshal') as [string, unknown][]) {
      const text = Buffer.from(hex, 'hex').toString();
      const wanted = REFUSED_WIRE.has(text) ? { error: 'refused' } : expected;
      check([text], wanted, () => Dec.fromWire(text));
    }
  });

  it('holds the largest value and refuses one more', () => {
    assert.equal(Dec.fromRaw(MAX_DEC_RAW).raw, MAX_DEC_RAW);
    assert.equal(Dec.fromRaw(-MAX_DEC_RAW).raw, -MAX_DEC_RAW);
    assert.throws(() => Dec.fromRaw(MAX_DEC_RAW + 1n), BitscaleError);
    assert.throws(() => Dec.fromRaw(-MAX_DEC_RAW - 1n), BitscaleError);
    assert.throws(() => Dec.fromRaw(MAX_DEC_RAW).add(Dec.SMALLEST), BitscaleError);
  });

  it('orders values', () => {
    const [low, high] = [Dec.parse('-1.5'), Dec.parse('0.2')];
    assert.equal(low.compare(high), -1);
    assert.equal(high.compare(low), 1);
    assert.equal(low.compare(Dec.parse('-1.50')), 0);
    assert.ok(low.lt(high) && high.gt(low));
    assert.equal(Dec.min(low, high), low);
    assert.equal(Dec.max(low, high), high);
  });

  it('writes JSON as text with 18 places', () => {
    assert.equal(JSON.stringify({ rate: Dec.fraction(1, 3) }), '{"rate":"0.333333333333333333"}');
  });
});

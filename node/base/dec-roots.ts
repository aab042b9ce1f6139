/** Powers and roots of decimals, digit for digit as the Cosmos SDK computes them. */
import { Dec } from './dec.ts';
import { MAX_ROOT_ITERATIONS } from './limits.ts';

/** `base` to the power of a whole number from 0, by squaring with rounding at each step. */
export function decPower(base: Dec, exponent: number): Dec {
  if (exponent === 0) return Dec.ONE;
  let result = Dec.ONE;
  let square = base;
  for (let rest = exponent; rest > 1; rest = Math.floor(rest / 2)) {
    if (rest % 2 !== 0) result = result.mul(square);
    square = square.mul(square);
  }
  return square.mul(result);
}

/**
 * Newton's iteration from 1, to the last place but bounded in steps. A root of a negative number is minus
 * the root of its absolute value, of even degree too. Throws math/2 when an intermediate value overflows.
 */
export function decRoot(value: Dec, degree: number): Dec {
  if (degree === 0) return Dec.ONE;
  if (value.isNegative()) return decRoot(value.neg(), degree).neg();
  if (degree === 1 || value.isZero() || value.equals(Dec.ONE)) return value;
  let guess = Dec.ONE;
  let delta = Dec.ONE;
  for (let step = 0; delta.abs().gt(Dec.SMALLEST) && step < MAX_ROOT_ITERATIONS; step++) {
    const power = degree === 2 ? guess : decPower(guess, degree - 1);
    const divisor = power.isZero() ? Dec.SMALLEST : power;
    delta = value.quo(divisor).sub(guess).quoInt(BigInt(degree));
    guess = guess.add(delta);
  }
  return guess;
}

/** The forgery for keys whose gamma equals delta: a proof of anything from the verifying key alone. */
import { bn254 } from '@noble/curves/bn254.js';

type Strings = readonly string[];
export interface VerifyingKey {
  readonly protocol: string;
  readonly curve: string;
  readonly nPublic: number;
  readonly vk_alpha_1: Strings;
  readonly vk_beta_2: readonly Strings[];
  readonly vk_gamma_2: readonly Strings[];
  readonly vk_delta_2: readonly Strings[];
  readonly IC: readonly Strings[];
  readonly bitscale?: { readonly dev: boolean };
}

const point = ([x, y]: Strings) =>
  bn254.G1.Point.fromAffine({ x: BigInt(x as string), y: BigInt(y as string) });

/** What a set-up without a second phase leaves: delta as it was, equal to gamma. */
export const withoutSecondPhase = (key: VerifyingKey): VerifyingKey => ({
  ...key,
  vk_delta_2: key.vk_gamma_2,
});

/** A = alpha, B = beta, C = -(IC_0 + sum x_i IC_i): e(A, B) = e(alpha, beta) and the rest cancels. */
export function forge(key: VerifyingKey, inputs: readonly bigint[]): Record<string, unknown> {
  let sum = point(key.IC[0] as Strings);
  for (const [i, value] of inputs.entries()) {
    if (value !== 0n) sum = sum.add(point(key.IC[i + 1] as Strings).multiply(value));
  }
  const { x, y } = sum.negate().toAffine();
  return {
    pi_a: key.vk_alpha_1,
    pi_b: key.vk_beta_2,
    pi_c: [String(x), String(y), '1'],
    protocol: 'groth16',
    curve: 'bn128',
  };
}

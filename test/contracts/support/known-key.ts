/**
 * A Groth16 key whose toxic waste is known, and the prover that this allows: a valid proof for any
 * public inputs, in milliseconds and without a circuit. What the contract tests need, and the reason
 * why no such key may ever be used off a test.
 */
import { bn254 } from '@noble/curves/bn254.js';
import { keccak256, toUtf8Bytes } from 'ethers';
import type { SnarkjsKey } from '../../../contracts/tools/verifying-key.ts';

export const R = bn254.fields.Fr.ORDER;
const Fr = bn254.fields.Fr;
const G1 = bn254.G1.Point;
const G2 = bn254.G2.Point;
type PointG1 = InstanceType<typeof G1>;
type PointG2 = InstanceType<typeof G2>;

/** A field element that only depends on its name. */
export const scalar = (name: string): bigint => BigInt(keccak256(toUtf8Bytes(name))) % R;

export interface Trapdoor {
  readonly alpha: bigint;
  readonly beta: bigint;
  readonly gamma: bigint;
  readonly delta: bigint;
  /** Discrete logarithms of the IC points. */
  readonly ic: readonly bigint[];
}

export const TRAPDOOR: Trapdoor = {
  alpha: scalar('alpha'),
  beta: scalar('beta'),
  gamma: scalar('gamma'),
  delta: scalar('delta'),
  ic: [0, 1, 2, 3, 4, 5, 6].map((k) => scalar(`ic${k}`)),
};

const textG1 = (point: PointG1): string[] => {
  const { x, y } = point.toAffine();
  return [String(x), String(y), '1'];
};

const textG2 = (point: PointG2): string[][] => {
  const { x, y } = point.toAffine();
  return [
    [String(x.c0), String(x.c1)],
    [String(y.c0), String(y.c1)],
    ['1', '0'],
  ];
};

/** The verifying key of a trapdoor, in the shape of snarkjs' vkey.json. */
export function verifyingKey(trapdoor: Trapdoor = TRAPDOOR): SnarkjsKey {
  return {
    nPublic: trapdoor.ic.length - 1,
    vk_alpha_1: textG1(G1.BASE.multiply(trapdoor.alpha)),
    vk_beta_2: textG2(G2.BASE.multiply(trapdoor.beta)),
    vk_gamma_2: textG2(G2.BASE.multiply(trapdoor.gamma)),
    vk_delta_2: textG2(G2.BASE.multiply(trapdoor.delta)),
    IC: trapdoor.ic.map((k) => textG1(G1.BASE.multiply(k))),
  };
}

/** A.x A.y B.x1 B.x0 B.y1 B.y0 C.x C.y, valid for the inputs; `name` chooses among the valid proofs. */
export function prove(inputs: readonly bigint[], name = 'proof', key = TRAPDOOR): bigint[] {
  const a = scalar(`${name}/a`);
  const b = scalar(`${name}/b`);
  const ic = [1n, ...inputs].reduce((sum, x, k) => Fr.add(sum, Fr.mul(x % R, key.ic[k] ?? 0n)), 0n);
  const rest = Fr.sub(Fr.sub(Fr.mul(a, b), Fr.mul(key.alpha, key.beta)), Fr.mul(key.gamma, ic));
  const c = Fr.mul(rest, Fr.inv(key.delta));
  return proofWords(G1.BASE.multiply(a), G2.BASE.multiply(b), G1.BASE.multiply(c));
}

/**
 * The forgery for a key with gamma = delta, by somebody who does not know the trapdoor:
 * A = alpha, B = beta, C = -IC(x).
 */
export function forgeWithoutTrapdoor(vkey: SnarkjsKey, inputs: readonly bigint[]): bigint[] {
  const pointG1 = (text: readonly string[]): PointG1 =>
    G1.fromAffine({ x: BigInt(text[0] ?? 0), y: BigInt(text[1] ?? 0) });
  const fp2 = (text: readonly string[] | undefined) => ({
    c0: BigInt(text?.[0] ?? 0),
    c1: BigInt(text?.[1] ?? 0),
  });
  const terms = vkey.IC.map((ic, k) => {
    const weight = k === 0 ? 1n : (inputs[k - 1] ?? 0n) % R;
    return weight === 0n ? G1.ZERO : pointG1(ic).multiply(weight);
  });
  const beta = G2.fromAffine({ x: fp2(vkey.vk_beta_2[0]), y: fp2(vkey.vk_beta_2[1]) });
  const sum = terms.reduce((total, term) => total.add(term), G1.ZERO);
  return proofWords(pointG1(vkey.vk_alpha_1), beta, sum.negate());
}

function proofWords(pointA: PointG1, pointB: PointG2, pointC: PointG1): bigint[] {
  const a = pointA.toAffine();
  const b = pointB.toAffine();
  const c = pointC.toAffine();
  return [a.x, a.y, b.x.c1, b.x.c0, b.y.c1, b.y.c0, c.x, c.y];
}

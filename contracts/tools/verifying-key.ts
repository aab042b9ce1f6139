/**
 * snarkjs' verifying key as the words the VerifierRegistry stores, and the refusal of keys for which
 * anybody can forge proofs.
 */
export interface SnarkjsKey {
  readonly nPublic: number;
  readonly vk_alpha_1: readonly string[];
  readonly vk_beta_2: readonly (readonly string[])[];
  readonly vk_gamma_2: readonly (readonly string[])[];
  readonly vk_delta_2: readonly (readonly string[])[];
  readonly IC: readonly (readonly string[])[];
}

/** How many slots and fee words a batch of this circuit has. */
export interface BatchShape {
  readonly slots: number;
  readonly feeTokens: number;
}

const PUBLIC_INPUTS = 6;
const G2_GENERATOR = [
  11559732032986387107991004021392285783925812861821192530917403151452391805634n,
  10857046999023057135944570762232829481370756359578518086990519993285655852781n,
];

const pointG1 = (point: readonly string[]): bigint[] => point.slice(0, 2).map(BigInt);

/** EIP-197 wants the imaginary part first, snarkjs writes the real part first. */
const pointG2 = (point: readonly (readonly string[])[]): bigint[] =>
  point.slice(0, 2).flatMap((coordinate) => [...coordinate].reverse().map(BigInt));

const sameX = (a: readonly bigint[], b: readonly bigint[]): boolean =>
  a[0] === b[0] && a[1] === b[1];

/** Throws a sentence for a key that was never contributed to: the forgeries of 2026 used such keys. */
export function refuseForgeableKey(vkey: SnarkjsKey): void {
  const delta = pointG2(vkey.vk_delta_2);
  if (sameX(delta, pointG2(vkey.vk_gamma_2))) {
    throw new Error('verifying key refused: gamma = delta, anybody can forge proofs for it');
  }
  if (sameX(delta, G2_GENERATOR)) {
    throw new Error('verifying key refused: delta is the generator, nobody contributed to it');
  }
}

/** The words of VerifyingKey.sol: shape, alpha, beta, gamma, delta, IC. */
export function keyWords(vkey: SnarkjsKey, shape: BatchShape): bigint[] {
  if (vkey.nPublic !== PUBLIC_INPUTS || vkey.IC.length !== PUBLIC_INPUTS + 1) {
    throw new Error(`verifying key refused: it has ${vkey.nPublic} public inputs, not 6`);
  }
  refuseForgeableKey(vkey);
  return [
    BigInt(shape.slots),
    BigInt(shape.feeTokens),
    ...pointG1(vkey.vk_alpha_1),
    ...pointG2(vkey.vk_beta_2),
    ...pointG2(vkey.vk_gamma_2),
    ...pointG2(vkey.vk_delta_2),
    ...vkey.IC.flatMap(pointG1),
  ];
}

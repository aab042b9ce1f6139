/**
 * The scalar field of BN254 and the Poseidon hash over it: the arithmetic that the circuit speaks.
 * poseidon-lite gives the values of circomlib's templates.
 */
import { poseidon3, poseidon4, poseidon8, poseidon16 } from 'poseidon-lite';
import { bigIntToBytes, bytesToBigInt, type Bytes } from '../../node/base/bytes.ts';
import { keccak256 } from '../../node/base/hash.ts';

/** Order of the scalar field. */
export const FIELD = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;

export function isFieldElement(value: bigint): boolean {
  return value >= 0n && value < FIELD;
}

export const hash3 = (inputs: readonly [bigint, bigint, bigint]): bigint => poseidon3([...inputs]);
export const hash4 = (inputs: readonly [bigint, bigint, bigint, bigint]): bigint =>
  poseidon4([...inputs]);
export const hash8 = (inputs: readonly bigint[]): bigint => poseidon8([...inputs]);

const SPONGE_RATE = 15;

/**
 * Commits to a list of words: the length first, then 15 words a round, zero padded. Two different
 * lists never share an input, because the length fixes where the padding starts.
 */
export function sponge(words: readonly bigint[]): bigint {
  let state = BigInt(words.length);
  for (let start = 0; start < words.length; start += SPONGE_RATE) {
    const chunk = words.slice(start, start + SPONGE_RATE);
    while (chunk.length < SPONGE_RATE) chunk.push(0n);
    state = poseidon16([state, ...chunk]);
  }
  return state;
}

export function fieldToBytes(value: bigint): Bytes {
  return bigIntToBytes(value, 32);
}

/** 32 bytes, big-endian; undefined when the number is not below the field order. */
export function fieldFromBytes(bytes: Bytes): bigint | undefined {
  if (bytes.length !== 32) return undefined;
  const value = bytesToBigInt(bytes);
  return value < FIELD ? value : undefined;
}

/** The first 248 bits of a Keccak hash: always below the field order. */
export function keccakToField(data: Bytes): bigint {
  return bytesToBigInt(keccak256(data)) >> 8n;
}

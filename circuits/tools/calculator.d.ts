export class WitnessCalculator {
  constructor(code: Uint8Array);
  /** Witness as consecutive 32-byte little-endian numbers. Throws when the input breaks a constraint. */
  calculate(input: Record<string, unknown>): Uint8Array;
}
/** The witness file that snarkjs and its replacements read. */
export function wtnsFile(witness: Uint8Array): Uint8Array;

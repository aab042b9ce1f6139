/**
 * Groth16 verification on BN254 in the node. Every proof is checked here before it is submitted: back-ends
 * are foreign programs, and a wrong proof costs gas.
 */
import mcl from 'mcl-wasm';
import { FIELD } from '../../modules/ledger/index.ts';

type G1Text = readonly string[];
type G2Text = readonly (readonly string[])[];

/** snarkjs' verification_key.json. */
export interface VerifyingKey {
  readonly protocol: string;
  readonly curve: string;
  readonly nPublic: number;
  readonly vk_alpha_1: G1Text;
  readonly vk_beta_2: G2Text;
  readonly vk_gamma_2: G2Text;
  readonly vk_delta_2: G2Text;
  readonly IC: readonly G1Text[];
}

/** snarkjs' proof.json. */
export interface Proof {
  readonly pi_a: G1Text;
  readonly pi_b: G2Text;
  readonly pi_c: G1Text;
}

let ready: Promise<void> | undefined;

export class Groth16Verifier {
  readonly #key: VerifyingKey;

  private constructor(key: VerifyingKey) {
    this.#key = key;
  }

  /** Refuses a key for which anybody can forge proofs. */
  static async create(key: VerifyingKey): Promise<Groth16Verifier> {
    ready ??= mcl.init(mcl.BN_SNARK1).then(() => {
      mcl.verifyOrderG1(true);
      mcl.verifyOrderG2(true);
    });
    await ready;
    if (key.protocol !== 'groth16' || key.IC.length !== key.nPublic + 1) {
      throw new Error('not a Groth16 verifying key');
    }
    if (g2(key.vk_gamma_2).isEqual(g2(key.vk_delta_2))) {
      throw new Error('verifying key refused: gamma = delta, anybody can forge proofs for it');
    }
    return new Groth16Verifier(key);
  }

  /** False for anything that is not a valid proof of exactly these inputs; never throws for bad input. */
  verify(proof: Proof, inputs: readonly bigint[]): boolean {
    const key = this.#key;
    if (inputs.length !== key.nPublic) return false;
    if (inputs.some((input) => input < 0n || input >= FIELD)) return false;
    try {
      let sum = g1(key.IC[0] as G1Text);
      inputs.forEach((input, i) => {
        const scalar = new mcl.Fr();
        scalar.setStr(String(input));
        sum = mcl.add(sum, mcl.mul(g1(key.IC[i + 1] as G1Text), scalar));
      });
      const left = mcl.millerLoop(g1(proof.pi_a), g2(proof.pi_b));
      const fixed = mcl.millerLoop(g1(key.vk_alpha_1), g2(key.vk_beta_2));
      const publics = mcl.millerLoop(sum, g2(key.vk_gamma_2));
      const rest = mcl.millerLoop(g1(proof.pi_c), g2(key.vk_delta_2));
      const right = mcl.mul(mcl.mul(fixed, publics), rest);
      return mcl.finalExp(mcl.div(left, right)).isOne();
    } catch {
      return false;
    }
  }
}

/** Throws for coordinates that are not of a point on the curve. */
function g1(text: G1Text): mcl.G1 {
  const point = new mcl.G1();
  point.setStr(`1 ${text[0]} ${text[1]}`, 10);
  return point;
}

function g2(text: G2Text): mcl.G2 {
  const [x, y] = text as [readonly string[], readonly string[]];
  const point = new mcl.G2();
  point.setStr(`1 ${x[0]} ${x[1]} ${y[0]} ${y[1]}`, 10);
  return point;
}

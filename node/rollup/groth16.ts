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

/** The key's points; e(alpha, beta) is the same for all proofs. */
interface Points {
  readonly fixed: mcl.GT;
  readonly gamma: mcl.G2;
  readonly delta: mcl.G2;
  readonly ic: readonly mcl.G1[];
}

export class Groth16Verifier {
  readonly #key: Points;

  private constructor(key: Points) {
    this.#key = key;
  }

  /** Refuses what is no key, and a key for which anybody can forge proofs. */
  static async create(key: VerifyingKey): Promise<Groth16Verifier> {
    ready ??= mcl.init(mcl.BN_SNARK1).then(() => {
      mcl.verifyOrderG1(true);
      mcl.verifyOrderG2(true);
    });
    await ready;
    if (key.protocol !== 'groth16' || key.IC.length !== key.nPublic + 1) {
      throw new Error('not a Groth16 verifying key');
    }
    const [gamma, delta] = [g2(key.vk_gamma_2), g2(key.vk_delta_2)];
    if (gamma.isEqual(delta)) {
      throw new Error('verifying key refused: gamma = delta, anybody can forge proofs for it');
    }
    const fixed = mcl.millerLoop(g1(key.vk_alpha_1), g2(key.vk_beta_2));
    return new Groth16Verifier({ fixed, gamma, delta, ic: key.IC.map(g1) });
  }

  /** False for anything that is not a valid proof of exactly these inputs; never throws for bad input. */
  verify(proof: Proof, inputs: readonly bigint[]): boolean {
    const { fixed, gamma, delta, ic } = this.#key;
    const [constant, ...weights] = ic;
    if (!constant || inputs.length !== weights.length) return false;
    if (inputs.some((input) => input < 0n || input >= FIELD)) return false;
    try {
      let sum = constant;
      for (const [i, weight] of weights.entries()) {
        const scalar = new mcl.Fr();
        scalar.setStr(String(inputs[i]));
        sum = mcl.add(sum, mcl.mul(weight, scalar));
      }
      const left = mcl.millerLoop(g1(proof.pi_a), g2(proof.pi_b));
      const publics = mcl.millerLoop(sum, gamma);
      const rest = mcl.millerLoop(g1(proof.pi_c), delta);
      const right = mcl.mul(mcl.mul(fixed, publics), rest);
      return mcl.finalExp(mcl.div(left, right)).isOne();
    } catch {
      return false;
    }
  }
}

/** The one way to write a coordinate: mcl also reads signs and prefixes, which L1 would not get. */
const DECIMAL = /^(0|[1-9][0-9]{0,77})$/;

function coordinate(text: unknown): string {
  if (typeof text !== 'string' || !DECIMAL.test(text)) throw new Error('not a coordinate');
  return text;
}

/** Throws for coordinates that are not of a point on the curve. */
function g1(text: G1Text): mcl.G1 {
  const point = new mcl.G1();
  point.setStr(`1 ${coordinate(text[0])} ${coordinate(text[1])}`, 10);
  return point;
}

/** Throws for coordinates that are not of a point of the subgroup. */
function g2(text: G2Text): mcl.G2 {
  const point = new mcl.G2();
  const words = text.slice(0, 2).flatMap((pair) => [coordinate(pair[0]), coordinate(pair[1])]);
  point.setStr(['1', ...words].join(' '), 10);
  return point;
}

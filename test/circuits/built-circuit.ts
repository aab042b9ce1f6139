/** The built test circuit, loaded once; builds it when it is missing (about 25 seconds). */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { WitnessCalculator } from '../../circuits/tools/calculator.js';
import {
  ConstraintSystem,
  readSymbols,
  witnessNumbers,
  type Witness,
} from './constraint-system.ts';
import type { Input } from './reference-batch.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const BUILD_TIMEOUT = 300_000;

export function buildProfile(profile: string): string {
  execFileSync(process.execPath, [`${ROOT}circuits/tools/build.js`, '--profile', profile]);
  return `${ROOT}.cache/circuits/${profile}/`;
}

export class BuiltCircuit {
  readonly folder: string;
  readonly system: ConstraintSystem;
  readonly symbols: Map<string, number>;
  readonly #calculator: WitnessCalculator;

  constructor(profile: string) {
    this.folder = buildProfile(profile);
    this.system = new ConstraintSystem(`${this.folder}batch_${profile}.r1cs`);
    this.symbols = readSymbols(`${this.folder}batch_${profile}.sym`);
    this.#calculator = new WitnessCalculator(readFileSync(`${this.folder}batch_${profile}.wasm`));
  }

  witness(input: Input): Witness {
    return witnessNumbers(this.#calculator.calculate(input));
  }

  /** The wire of a signal of the main component; throws when the compiler replaced it. */
  wire(name: string): number {
    const wire = this.symbols.get(`main.${name}`);
    if (wire === undefined) throw new Error(`signal ${name} has no wire of its own`);
    return wire;
  }
}

let loaded: BuiltCircuit | undefined;
export function testCircuit(): BuiltCircuit {
  return (loaded ??= new BuiltCircuit('test'));
}

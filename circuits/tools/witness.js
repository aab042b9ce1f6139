#!/usr/bin/env node
// Computes a witness: input JSON (decimal strings) -> .wtns. Fails when the input breaks a constraint.
//   node circuits/tools/witness.js <circuit.wasm> <input.json> <out.wtns>
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { WitnessCalculator, wtnsFile } from './calculator.js';

/** The bytes of the .wtns file. */
export function computeWitness(wasmPath, input) {
  return wtnsFile(new WitnessCalculator(readFileSync(wasmPath)).calculate(input));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [wasm, inputPath, out] = process.argv.slice(2);
  if (!out) {
    console.error('usage: witness.js <circuit.wasm> <input.json> <out.wtns>');
    process.exit(64);
  }
  try {
    writeFileSync(out, computeWitness(wasm, JSON.parse(readFileSync(inputPath, 'utf8'))));
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(1);
  }
}

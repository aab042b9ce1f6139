#!/usr/bin/env node
// One Groth16 proof by snarkjs. The command line is the contract of every prover that can take its place:
// exit code 0 and two files, anything else is a failure.
//   node circuits/tools/prove.js <key.zkey> <witness.wtns> <proof.json> <public.json>
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as snarkjs from 'snarkjs';

/** The proof and its public inputs as snarkjs writes them. */
export async function prove(zkey, wtns) {
  return snarkjs.groth16.prove(zkey, wtns);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [zkey, wtns, proofPath, publicPath] = process.argv.slice(2);
  if (!publicPath) {
    console.error('usage: prove.js <key.zkey> <witness.wtns> <proof.json> <public.json>');
    process.exit(64);
  }
  try {
    const { proof, publicSignals } = await prove(zkey, wtns);
    writeFileSync(proofPath, JSON.stringify(proof));
    writeFileSync(publicPath, JSON.stringify(publicSignals));
    process.exit(0);
  } catch (error) {
    console.error(String(error));
    process.exit(1);
  }
}

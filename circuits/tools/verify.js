#!/usr/bin/env node
// Checks one Groth16 proof with snarkjs; exit code 0 when it holds.
//   node circuits/tools/verify.js <vkey.json> <public.json> <proof.json>
import { readFileSync } from 'node:fs';
import * as snarkjs from 'snarkjs';

const [vkey, inputs, proof] = process.argv
  .slice(2, 5)
  .map((path) => JSON.parse(readFileSync(path, 'utf8')));
const holds = await snarkjs.groth16.verify(vkey, inputs, proof);
console.log(holds ? 'ok' : 'invalid proof');
process.exit(holds ? 0 : 1);

#!/usr/bin/env node
// Refuses verifying keys that anybody can forge proofs for.
//   node circuits/tools/check-key.js <vkey.json>
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PUBLIC_INPUTS = 6;
/** The generator of G2, as snarkjs writes it: what gamma and delta are before any contribution. */
const G2_GENERATOR = [
  [
    '10857046999023057135944570762232829481370756359578518086990519993285655852781',
    '11559732032986387107991004021392285783925812861821192530917403151452391805634',
  ],
  [
    '8495653923123431417604973247489272438418190587263600148770280649306958101930',
    '4082367875863433681332203403145435568316851327593401208105741076214120093531',
  ],
  ['1', '0'],
];

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** Why the key must not be used; empty when it may be. */
export function keyFaults(vkey) {
  const faults = [];
  if (vkey.protocol !== 'groth16' || vkey.curve !== 'bn128') faults.push('not Groth16 on BN254');
  if (vkey.nPublic !== PUBLIC_INPUTS || vkey.IC?.length !== PUBLIC_INPUTS + 1) {
    faults.push(`not ${PUBLIC_INPUTS} public inputs`);
  }
  if (same(vkey.vk_gamma_2, vkey.vk_delta_2)) faults.push('gamma equals delta: forgeable');
  if (same(vkey.vk_delta_2, G2_GENERATOR)) faults.push('delta is the generator: no contribution');
  if (!vkey.bitscale?.dev && !same(vkey.vk_gamma_2, G2_GENERATOR)) {
    faults.push('gamma is not the generator: not from a ceremony');
  }
  return faults;
}

export function assertKey(vkey) {
  const faults = keyFaults(vkey);
  if (faults.length > 0) throw new Error(`verifying key refused: ${faults.join('; ')}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  assertKey(JSON.parse(readFileSync(process.argv[2], 'utf8')));
  console.log('ok');
}

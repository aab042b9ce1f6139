#!/usr/bin/env node
// Makes a Groth16 proving key straight from a fixed public seed: the same bytes on every machine, in seconds,
// and worthless as security: whoever reads this file can forge proofs. Nodes refuse it off dev chains.
//   node circuits/tools/dev-key.js <circuit.r1cs> <out.zkey>
import { renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { FIELD, SCALAR_BYTES, toLittleEndian } from './field-engine.js';
import { multiplyFixedBase } from './fixed-base.js';
import { drawSecrets, keyScalars } from './key-scalars.js';
import { report } from './progress.js';
import { readR1cs } from './r1cs.js';

export const DEV_SEED = 'bitscale.dev.groth16.v1';
const BASE_FIELD = 21888242871839275222246405745257275088696311157297823662689037894645226208583n;
const GROTH16 = 1;

const uint32 = (value) => {
  const out = Buffer.alloc(4);
  out.writeUInt32LE(value);
  return out;
};

/** The file format of snarkjs: magic, version, then numbered sections with their lengths. */
function zkeyFile(sections) {
  const parts = [Buffer.from('zkey'), uint32(1), uint32(sections.length)];
  for (const [number, body] of sections) {
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(body.length));
    parts.push(uint32(number), size, body);
  }
  return Buffer.concat(parts);
}

export async function makeDevKey(r1csPath, zkeyPath, seed = DEV_SEED) {
  const r1cs = readR1cs(r1csPath);
  report('key', 0, `${r1cs.constraints} constraints`);
  const { domain, section, a, b, c, ic, h, header } = keyScalars(r1cs, drawSecrets(seed));
  const [b2, header2, header1, icPoints, a1, b1, c1, h1] = await multiplyFixedBase(
    [
      { group: 'g2', scalars: b },
      { group: 'g2', scalars: header },
      ...[header, ic, a, b, c, h].map((scalars) => ({ group: 'g1', scalars })),
    ],
    (share) => report('key', share),
  );
  const at1 = (i) => header1.subarray(i * 64, (i + 1) * 64);
  const at2 = (i) => header2.subarray(i * 128, (i + 1) * 128);
  const groth = Buffer.concat([
    uint32(SCALAR_BYTES), toLittleEndian(BASE_FIELD), uint32(SCALAR_BYTES), toLittleEndian(FIELD),
    uint32(r1cs.wires), uint32(r1cs.publics), uint32(domain),
    at1(0), at1(1), at2(1), at2(2), at1(3), at2(3),
  ]); // prettier-ignore
  const noContributions = Buffer.alloc(64 + 4);
  const sections = [
    [1, uint32(GROTH16)], [2, groth], [3, icPoints], [4, section], [5, a1], [6, b1], [7, b2],
    [8, c1], [9, h1], [10, noContributions],
  ]; // prettier-ignore
  const unfinished = `${zkeyPath}.${process.pid}`;
  writeFileSync(unfinished, zkeyFile(sections));
  renameSync(unfinished, zkeyPath);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [r1csPath, zkeyPath] = process.argv.slice(2);
  await makeDevKey(r1csPath, zkeyPath);
}

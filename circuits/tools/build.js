#!/usr/bin/env node
// Builds everything a profile needs: circuit, dev key, verifying key; proves an empty batch with it.
//   node circuits/tools/build.js --profile dev [--update-manifest]
// Progress is one JSON object a line. A second run finds the result in .cache/circuits and returns at once.
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { artifacts, keyToolHash, shapeOf, sourceHash } from './artifacts.js';
import { differences, measure, updateManifest } from './manifest.js';
import { report } from './progress.js';

const BUILT = ['r1cs', 'wasm', 'zkey', 'vkey'];

const sizes = (out) => Object.fromEntries(BUILT.map((name) => [name, statSync(out[name]).size]));

/** The stamp of a finished build, or undefined when something is missing or was cut short. */
function finishedBuild(out) {
  if (!existsSync(out.stamp) || BUILT.some((name) => !existsSync(out[name]))) return undefined;
  const stamp = JSON.parse(readFileSync(out.stamp, 'utf8'));
  return JSON.stringify(stamp.sizes) === JSON.stringify(sizes(out)) ? stamp : undefined;
}

async function exportKey(out, profile, seed) {
  const snarkjs = await import('snarkjs');
  const { assertKey } = await import('./check-key.js');
  const vkey = await snarkjs.zKey.exportVerificationKey(out.zkey);
  const marked = { ...vkey, bitscale: { profile, dev: true, seed } };
  assertKey(marked);
  writeFileSync(out.vkey, `${JSON.stringify(marked, null, 1)}\n`);
  return marked;
}

/** Proves an empty batch and checks that the proof holds for its inputs and for no others. */
async function selfTest(out, profile, vkey) {
  report('self-test', 0, 'proving an empty batch');
  const { groth16 } = await import('snarkjs');
  const { noopInput } = await import('./noop-input.js');
  const { computeWitness } = await import('./witness.js');
  const data = computeWitness(out.wasm, noopInput(shapeOf(profile)));
  const witness = { type: 'mem', data };
  const { proof, publicSignals } = await groth16.prove(out.zkey, witness);
  if (!(await groth16.verify(vkey, publicSignals, proof))) throw new Error('the new key is broken');
  publicSignals[0] = `${BigInt(publicSignals[0]) + 1n}`;
  if (await groth16.verify(vkey, publicSignals, proof))
    throw new Error('the new key proves anything');
  report('self-test', 1);
}

export async function build(profile, { update = false } = {}) {
  const out = artifacts(profile);
  const hashes = { sources: sourceHash(profile), keyTools: keyToolHash() };
  const before = finishedBuild(out);
  if (before?.sources === hashes.sources && before.keyTools === hashes.keyTools && !update) {
    report('done', 1, 'cached');
    return out;
  }
  mkdirSync(out.folder, { recursive: true });
  const { DEV_SEED, makeDevKey } = await import('./dev-key.js');
  let constraints = before?.constraints;
  if (before?.sources !== hashes.sources) {
    const { compile } = await import('./compile.js');
    constraints = await compile(profile);
  }
  await makeDevKey(out.r1cs, out.zkey);
  const vkey = await exportKey(out, profile, DEV_SEED);
  await selfTest(out, profile, vkey);
  const measured = measure(profile, constraints);
  if (update) updateManifest(profile, measured);
  const wrong = differences(profile, measured);
  if (wrong.length > 0) {
    throw new Error(
      `the ${profile} circuit differs from circuits/manifest.json: ${wrong.join(', ')}`,
    );
  }
  const stamp = { ...hashes, constraints, sizes: sizes(out) };
  writeFileSync(out.stamp, `${JSON.stringify(stamp, null, 2)}\n`);
  report('done', 1, out.folder);
  return out;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const at = process.argv.indexOf('--profile');
  const profile = at > 0 ? process.argv[at + 1] : 'dev';
  try {
    await build(profile, { update: process.argv.includes('--update-manifest') });
    process.exit(0);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(1);
  }
}

#!/usr/bin/env node
// Compiles a profile's circuit with circom2 --O2 into .cache/circuits/<profile>.
//   node circuits/tools/compile.js <profile>
// The compiler runs in a sandbox that follows no symbolic links and sees only its working directory, so the
// sources and circomlib are copied into a folder of their own first.
import { cpSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { CIRCOMLIB, SOURCES, artifacts } from './artifacts.js';
import { report } from './progress.js';

const CIRCOM = join(createRequire(import.meta.url).resolve('circom2/package.json'), '..', 'cli.js');

/** Runs the compiler on a file under `sources` and resolves with what it printed. */
export function runCircom(stage, { source, flags, sources = SOURCES }) {
  cpSync(sources, join(stage, 'src'), { recursive: true });
  cpSync(join(CIRCOMLIB, 'circuits'), join(stage, 'lib', 'circomlib', 'circuits'), {
    recursive: true,
  });
  const args = [CIRCOM, `src/${source}`, '--O2', ...flags, '-l', 'lib', '-o', '.'];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: stage });
    let text = '';
    child.stdout.on('data', (data) => (text += data));
    child.stderr.on('data', (data) => (text += data));
    child.on('error', reject);
    child.on('close', (code) => {
      const plain = stripVTControlCharacters(text);
      if (code === 0 && plain.includes('Everything went okay')) resolve(plain);
      else reject(new Error(`circom2 failed (${code}):\n${plain}`));
    });
  });
}

/** Number of constraints that the compiler reported. */
export function constraintCount(text) {
  const read = (kind) => Number(new RegExp(`${kind} constraints: (\\d+)`).exec(text)?.[1] ?? NaN);
  return read('non-linear') + read('\nlinear');
}

export async function compile(profile) {
  const out = artifacts(profile);
  const stage = join(out.folder, `stage-${process.pid}`);
  mkdirSync(stage, { recursive: true });
  try {
    report('compile', 0, out.circuit);
    const flags = ['--r1cs', '--wasm', ...(profile === 'test' ? ['--sym'] : [])];
    const text = await runCircom(stage, { source: `gen/${out.circuit}.circom`, flags });
    renameSync(join(stage, `${out.circuit}.r1cs`), out.r1cs);
    renameSync(join(stage, `${out.circuit}_js`, `${out.circuit}.wasm`), out.wasm);
    if (profile === 'test') renameSync(join(stage, `${out.circuit}.sym`), out.sym);
    report('compile', 1, `${constraintCount(text)} constraints`);
    return constraintCount(text);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await compile(process.argv[2] ?? 'dev');

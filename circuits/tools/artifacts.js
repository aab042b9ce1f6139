// Where the built circuits lie and what they were built from.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { readProfiles } from './layout.js';

const require = createRequire(import.meta.url);
export const CIRCUITS = join(dirname(fileURLToPath(import.meta.url)), '..');
export const ROOT = join(CIRCUITS, '..');
export const SOURCES = join(CIRCUITS, 'src');
export const CIRCOMLIB = dirname(require.resolve('circomlib/package.json'));
const KEY_TOOLS = ['dev-key.js', 'field-engine.js', 'fixed-base.js', 'key-scalars.js', 'r1cs.js'];

export function shapeOf(profile) {
  const shape = readProfiles()[profile];
  if (!shape) throw new Error(`no profile ${profile} in circuits/profiles.json`);
  return shape;
}

/** Paths of everything that building a profile leaves behind. */
export function artifacts(profile) {
  const folder = join(ROOT, '.cache', 'circuits', profile);
  const file = (name) => join(folder, name);
  const circuit = `batch_${profile}`;
  return {
    folder,
    circuit,
    r1cs: file(`${circuit}.r1cs`),
    wasm: file(`${circuit}.wasm`),
    sym: file(`${circuit}.sym`),
    zkey: file(`${circuit}.zkey`),
    vkey: file('vkey.json'),
    stamp: file('build.json'),
  };
}

export const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
export const sha256File = (path) => sha256(readFileSync(path));

/** Every file that the compiler may read, relative to circuits/src, sorted. */
export function sourceFiles() {
  const list = readdirSync(SOURCES, { recursive: true, withFileTypes: true });
  return list
    .filter((entry) => entry.isFile() && entry.name.endsWith('.circom'))
    .map((entry) => relative(SOURCES, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((path) => !path.startsWith('gen/batch_'))
    .sort();
}

/** Hash of all that decides what the compiler makes of a profile. */
export function sourceHash(profile) {
  const version = (name) => require(`${name}/package.json`).version;
  const hash = createHash('sha256');
  const add = (text) => hash.update(`${Buffer.byteLength(text)}:`).update(text);
  add(`circom2 ${version('circom2')} circomlib ${version('circomlib')} --O2`);
  for (const path of [...sourceFiles(), `gen/batch_${profile}.circom`]) {
    add(path);
    add(readFileSync(join(SOURCES, path), 'utf8'));
  }
  return hash.digest('hex');
}

/** Hash of all that decides the dev key of a compiled circuit. */
export function keyToolHash() {
  const text = KEY_TOOLS.map((name) => readFileSync(join(CIRCUITS, 'tools', name), 'utf8'));
  return sha256(text.join('\0'));
}

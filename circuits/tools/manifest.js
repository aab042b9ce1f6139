#!/usr/bin/env node
// circuits/manifest.json: the hashes every node and deployer checks built circuits against.
//   node circuits/tools/manifest.js            compares what is built with the manifest
//   node circuits/tools/manifest.js --update   writes what is built into it
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CIRCUITS, artifacts, sha256File, shapeOf, sourceHash } from './artifacts.js';
import { readProfiles } from './layout.js';

const PATH = join(CIRCUITS, 'manifest.json');

export function readManifest() {
  return existsSync(PATH) ? JSON.parse(readFileSync(PATH, 'utf8')) : { profiles: {} };
}

/** What the manifest should say about a built profile. */
export function measure(profile, constraints) {
  const out = artifacts(profile);
  return {
    ...shapeOf(profile),
    constraints,
    sources: sourceHash(profile),
    r1cs: sha256File(out.r1cs),
    wasm: sha256File(out.wasm),
    zkey: sha256File(out.zkey),
    vkey: sha256File(out.vkey),
    key: 'dev',
  };
}

/** Names of the entries in which a built profile differs from the manifest. */
export function differences(profile, measured) {
  const pinned = readManifest().profiles[profile] ?? {};
  const names = new Set([...Object.keys(pinned), ...Object.keys(measured)]);
  return [...names].filter((name) => pinned[name] !== measured[name]);
}

export function updateManifest(profile, measured) {
  const manifest = readManifest();
  manifest.profiles[profile] = measured;
  writeFileSync(PATH, `${JSON.stringify(manifest, null, 2)}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  let failed = false;
  for (const profile of Object.keys(readProfiles())) {
    const { stamp } = artifacts(profile);
    if (!existsSync(stamp)) continue;
    const measured = measure(profile, JSON.parse(readFileSync(stamp, 'utf8')).constraints);
    if (process.argv.includes('--update')) updateManifest(profile, measured);
    const wrong = differences(profile, measured);
    console.log(
      `${profile}: ${wrong.length === 0 ? 'as pinned' : `differs in ${wrong.join(', ')}`}`,
    );
    failed ||= wrong.length > 0;
  }
  process.exit(failed ? 1 : 0);
}

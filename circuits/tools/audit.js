#!/usr/bin/env node
// Runs the analyser circomspect over our own templates and compares what it finds with the findings that were
// looked at. It is not an npm package: without it this says how to get it and ends with 69 (not available).
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { ROOT, SOURCES } from './artifacts.js';

// Reviewed, file by file; why each is harmless stands beside the template or in circuits/README.md.
const REVIEWED = [
  'CS0005 range.circom', // NonZero's inverse: assigned, then constrained in the next line
  'CS0017 range.circom', // the same inverse stands in one constraint only
  'CS0010 range.circom', // InRange: at most 192 bits, far below the field
  'CS0010 path.circom', // index bits of a path: 2 D bits
  'CS0010 schnorr.circom', // bits of h*: the second reading, h* + r, gives a forger a factor of 2, no more
];

function findings() {
  const folder = mkdtempSync(join(tmpdir(), 'circomspect-'));
  const report = join(folder, 'report.sarif');
  const sources = readdirSync(SOURCES).filter((name) => name.endsWith('.circom'));
  const args = ['-L', join(ROOT, 'node_modules'), '-s', report, ...sources];
  const { error } = spawnSync('circomspect', args, { cwd: SOURCES, stdio: 'ignore' });
  if (error?.code === 'ENOENT') {
    console.error('circomspect is not installed; get it with: cargo install circomspect --locked');
    process.exit(69);
  }
  if (error) throw error;
  const { results } = JSON.parse(readFileSync(report, 'utf8')).runs[0];
  rmSync(folder, { recursive: true });
  return results.map(({ ruleId, locations }) => {
    const { uri } = locations[0].physicalLocation.artifactLocation;
    return `${ruleId} ${basename(uri)}`;
  });
}

const found = findings();
const unexpected = found.filter((finding) => !REVIEWED.includes(finding));
const gone = REVIEWED.filter((finding) => !found.includes(finding));
for (const finding of unexpected) console.error(`not reviewed: ${finding}`);
for (const finding of gone) console.error(`reviewed, but no longer found: ${finding}`);
if (unexpected.length + gone.length > 0) process.exit(1);
console.log(`circomspect: ${found.length} findings, all reviewed`);

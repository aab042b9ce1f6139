#!/usr/bin/env node
// Runs the analyser circomspect over our own templates. It is not an npm package: without it this says how
// to get it and ends with 69 (not available). What it may report and why is in circuits/README.md.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { CIRCOMLIB, SOURCES } from './artifacts.js';

const main = join(SOURCES, 'gen', 'batch_dev.circom');
const args = ['-L', join(CIRCOMLIB, 'circuits'), '-L', SOURCES, main];
const { error, status } = spawnSync('circomspect', args, { stdio: 'inherit' });
if (error?.code === 'ENOENT') {
  console.error('circomspect is not installed; get it with: cargo install circomspect');
  process.exit(69);
}
if (error) throw error;
process.exit(status ?? 1);

#!/usr/bin/env node
// Counts the constraints of single templates, each compiled alone with all its inputs private.
//   node circuits/tools/template-sizes.js [name ...]
// One JSON object on stdout: name -> constraints.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync, cpSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT, SOURCES } from './artifacts.js';
import { constraintCount, runCircom } from './compile.js';

/** What is measured: file and instance. Depth 8, one quote, four fee tokens unless named. */
export const MEASURED = {
  Slot: ['slot.circom', 'Slot(8, 1, 4)'],
  'Slot at depth 12': ['slot.circom', 'Slot(12, 1, 4)'],
  QuoteRow: ['quote.circom', 'QuoteRow(8)'],
  Operation: ['operation.circom', 'Operation(1)'],
  SlotState: ['accounts.circom', 'SlotState(8)'],
  ShortSchnorr: ['schnorr.circom', 'ShortSchnorr()'],
  MessageHash: ['schnorr.circom', 'MessageHash()'],
  'PathUpdate per level': ['path.circom', 'PathUpdate(1)'],
  Leaf: ['leaf.circom', 'Leaf()'],
  SharedRange: ['conversion.circom', 'SharedRange()'],
  'FeeShare of 4': ['fees.circom', 'FeeShare(4)'],
  'FeeTable of 4': ['fees.circom', 'FeeTable(3, 4)'],
  'Commit to 18 words': ['sponge.circom', 'Commit(18)'],
  'Evaluate 14 words': ['sponge.circom', 'Evaluate(14)'],
};

async function measureTemplate([file, instance]) {
  const base = join(ROOT, '.cache', 'circuits');
  mkdirSync(base, { recursive: true });
  const stage = mkdtempSync(join(base, 'size-'));
  try {
    const sources = join(stage, 'sources');
    cpSync(SOURCES, sources, { recursive: true });
    const text = `pragma circom 2.1.6;\ninclude "${file}";\ncomponent main = ${instance};\n`;
    writeFileSync(join(sources, 'measured.circom'), text);
    const printed = await runCircom(stage, {
      source: 'measured.circom',
      flags: ['--r1cs'],
      sources,
    });
    return constraintCount(printed);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

export async function templateSizes(names = Object.keys(MEASURED)) {
  const sizes = {};
  for (const name of names) sizes[name] = await measureTemplate(MEASURED[name]);
  return sizes;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const names = process.argv.slice(2);
  console.log(JSON.stringify(await templateSizes(names.length > 0 ? names : undefined), null, 2));
}

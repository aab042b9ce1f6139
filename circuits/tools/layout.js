#!/usr/bin/env node
// Turns the table of word widths (circuits/layout.json) into code for the circuit and the ledger module, and
// the profiles (circuits/profiles.json) into main components; the contracts have a generator of their own.
// Deterministic; `--check` fails when a file is out of date.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const MAX_WORD_BITS = 248;
const NOTE = 'Generated from circuits/layout.json by circuits/tools/layout.js. Do not edit.';
const MAIN_NOTE = NOTE.replace('layout.json', 'profiles.json');

export function readLayout() {
  const layout = JSON.parse(readFileSync(join(ROOT, 'circuits', 'layout.json'), 'utf8'));
  for (const [word, fields] of Object.entries(layout)) checkWord(word, fields);
  return layout;
}

function checkWord(word, fields) {
  const names = fields.map(([name]) => name);
  const bits = fields.reduce((sum, [, width]) => sum + width, 0);
  if (new Set(names).size !== names.length) throw new Error(`${word}: a field is listed twice`);
  if (bits > MAX_WORD_BITS) throw new Error(`${word}: ${bits} bits do not fit a word`);
  if (fields.some(([, width]) => !Number.isInteger(width) || width < 1)) {
    throw new Error(`${word}: every width is a positive whole number`);
  }
}

const capital = (name) => name[0].toUpperCase() + name.slice(1);

/** Fields with their offset in the word. */
function placed(fields) {
  let shift = 0;
  return fields.map(([name, bits]) => {
    const field = { name, bits, shift };
    shift += bits;
    return field;
  });
}

/** A circom template that packs the fields; with `ranged` it also bounds every one of them. */
function circomTemplate(word, fields, ranged) {
  const lines = [`template ${ranged ? 'Range' : 'Pack'}${capital(word)}() {`];
  for (const { name } of fields) lines.push(`    signal input ${name};`);
  lines.push('    signal output out;', '');
  if (ranged) {
    for (const { name, bits } of fields) lines.push(`    InRange(${bits})(${name});`);
  }
  const terms = fields.map(({ name, shift }) => (shift === 0 ? name : `${name} * (1 << ${shift})`));
  lines.push(`    out <== ${terms.join('\n        + ')};`, '}', '');
  return lines.join('\n');
}

function circomFile(layout) {
  const parts = [
    `// ${NOTE}`,
    '// Range<Word> bounds every field and packs; Pack<Word> only packs: whoever uses it has bounded the',
    '// fields elsewhere (circuits/README.md says where for each).',
    'pragma circom 2.1.6;',
    '',
    'include "../range.circom";',
    '',
  ];
  for (const [word, list] of Object.entries(layout)) {
    const fields = placed(list);
    for (const { name, bits } of fields) {
      parts.push(`function bits_${word}_${name}() { return ${bits}; }`);
    }
    parts.push('', circomTemplate(word, fields, false), circomTemplate(word, fields, true));
  }
  return parts.join('\n');
}

function typescriptFile(layout) {
  const lines = [`// ${NOTE}`, '/** Bit widths of every packed word, lowest field first. */'];
  lines.push('export const LAYOUT = {');
  for (const [word, fields] of Object.entries(layout)) {
    lines.push(
      `  ${word}: [`,
      ...fields.map(([name, bits]) => `    ['${name}', ${bits}],`),
      '  ],',
    );
  }
  return [...lines, '} as const;', ''].join('\n');
}

/** The main component of a profile. */
function mainFile({ depth, slots, quotes, feeTokens }) {
  return `// ${MAIN_NOTE}
// Depth ${depth}, operations ${slots}, quotes ${quotes}, fee tokens ${feeTokens}.
pragma circom 2.1.6;

include "../batch.circom";

component main {public [domain, oldRoot, newRoot, commitment, z, y]} =
    Batch(${depth}, ${slots}, ${quotes}, ${feeTokens});
`;
}

export function readProfiles() {
  return JSON.parse(readFileSync(join(ROOT, 'circuits', 'profiles.json'), 'utf8'));
}

/** Path from the project's root -> the text the file must have. */
export function generatedFiles() {
  const layout = readLayout();
  return new Map([
    ['circuits/src/gen/layout.circom', circomFile(layout)],
    ['modules/ledger/layout.gen.ts', typescriptFile(layout)],
    ...Object.entries(readProfiles()).map(([name, shape]) => [
      `circuits/src/gen/batch_${name}.circom`,
      mainFile(shape),
    ]),
  ]);
}

/** Names of the generated files whose committed text is not what the table says. */
export function staleFiles() {
  const read = (path) => {
    try {
      return readFileSync(join(ROOT, path), 'utf8');
    } catch {
      return '';
    }
  };
  return [...generatedFiles()].filter(([path, text]) => read(path) !== text).map(([path]) => path);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const stale = staleFiles();
  if (process.argv.includes('--check')) {
    if (stale.length > 0) throw new Error(`run circuits/tools/layout.js: ${stale.join(', ')}`);
  } else {
    const files = generatedFiles();
    for (const path of stale) {
      mkdirSync(dirname(join(ROOT, path)), { recursive: true });
      writeFileSync(join(ROOT, path), files.get(path));
      console.log(`wrote ${path}`);
    }
  }
}

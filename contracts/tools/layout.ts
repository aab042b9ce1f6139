/**
 * Writes src/Layout.sol from circuits/layout.json, the one table of packed words: the contracts read
 * exactly the bits that the circuit ranges. Run it after the table changes; a test compares the two.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const TABLE = new URL('../../circuits/layout.json', import.meta.url);
const TARGET = new URL('../src/Layout.sol', import.meta.url);
const WORDS_ON_L1 = ['headerWord', 'feeWord', 'publicWord'];

const upperSnake = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

function wordConstants(word: string, fields: [string, number][]): string[] {
  const prefix = upperSnake(word.replace(/Word$/, ''));
  const lines = [`    // ${word}`];
  let shift = 0;
  for (const [field, bits] of fields) {
    const name = `${prefix}_${upperSnake(field)}`;
    lines.push(`    uint256 internal constant ${name}_SHIFT = ${shift};`);
    lines.push(`    uint256 internal constant ${name}_MASK = (1 << ${bits}) - 1;`);
    shift += bits;
  }
  lines.push(`    uint256 internal constant ${prefix}_BITS = ${shift};`);
  return lines;
}

/** The text of Layout.sol for the table as it is on disk. */
export function layoutSource(): string {
  const table = JSON.parse(readFileSync(TABLE, 'utf8')) as Record<string, [string, number][]>;
  const constants = WORDS_ON_L1.flatMap((word) => wordConstants(word, table[word] ?? []));
  return [
    '// SPDX-License-Identifier: Apache-2.0',
    'pragma solidity ^0.8.28;',
    '',
    '/// @title Bit positions of the packed public words, first field lowest',
    '/// @dev Generated from circuits/layout.json by contracts/tools/layout.ts. Do not edit.',
    'library Layout {',
    ...constants,
    '}',
    '',
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(TARGET, layoutSource());

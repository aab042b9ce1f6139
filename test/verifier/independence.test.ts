/** What judges the node must not be made of the node. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { importsOf, parseSource } from '../tidy/parse.ts';

const HERE = new URL('./', import.meta.url);
/** What judges; the others only fetch. */
const JUDGES = [
  'chain.ts',
  'commit.ts',
  'evidence.ts',
  'formats.ts',
  'genesis.ts',
  'hashes.ts',
  'json.ts',
  'proto.ts',
  'votes.ts',
];
const CRYPTO = new Set(['node:crypto', '@noble/curves/ed25519.js']);

const importsIn = (name: string): string[] =>
  importsOf(parseSource(name, readFileSync(new URL(name, HERE), 'utf8'))).map(
    ({ specifier }) => specifier,
  );

describe('verifier: independence', () => {
  const files = readdirSync(HERE).filter((name) => /(?<!\.test)\.ts$/.test(name));

  it('imports nothing of the node, its modules or its generated code', () => {
    for (const name of files) {
      const foreign = importsIn(name).filter(
        (one) => !/^\.\/[a-z-]+\.ts$/.test(one) && !one.startsWith('node:') && !CRYPTO.has(one),
      );
      assert.deepEqual(foreign, name === 'home.ts' ? ['classic-level'] : [], name);
    }
  });

  it('judges with cryptography alone: no disk, no network, no clock', () => {
    for (const name of JUDGES) {
      const used = importsIn(name).filter((one) => !one.startsWith('./'));
      assert.deepEqual(
        used.filter((one) => !CRYPTO.has(one)),
        [],
        name,
      );
      const fetched = importsIn(name).filter((one) => one.startsWith('./'));
      for (const one of fetched) assert.ok(JUDGES.includes(one.slice(2)), `${name}: ${one}`);
    }
  });
});

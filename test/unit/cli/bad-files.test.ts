/** Whatever is in the files that people hand in: a sentence and a code that says whose fault it is, never a bug. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { TEST_MNEMONIC } from '../../../genesis/local-keys.ts';
import { ExitError } from '../../../node/base/exit.ts';
import { readKeyJson } from '../../../node/cli/keyring/entry.ts';
import { decodeParts, encodeParts, readPartsJson } from '../../../node/cli/tx/parts.ts';
import { readSignaturesJson } from '../../../node/cli/tx/signature-json.ts';
import { run } from './fake-terminal.ts';

const RUNS = 400;

interface Recorded {
  readonly tx_json: object;
  readonly tx_raw: string;
}
const file = new URL('../../vectors/tx/signed.json', import.meta.url);
const { txs } = JSON.parse(readFileSync(file, 'utf8')) as { txs: readonly Recorded[] };

/** Whatever JSON can hold, with the values that break readers more often. */
const oddValue = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(null, '', '-1', '1e400', 2 ** 53, -1, [], {}, [[]], { '@type': '/x.Y' }),
  fc.constantFrom('18446744073709551616', 'AAAA', '!', '\u0000', '\ud800', 1.5, true),
);

type Path = readonly (string | number)[];

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...path, key]))];
}

/** A copy with another value, or none, at one place. */
function changed(value: unknown, path: Path, odd: unknown): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return odd;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as never;
  const inner = (value as Record<string, unknown>)[first];
  Object.defineProperty(copy, first, {
    value: changed(inner, rest, odd),
    enumerable: true,
    configurable: true,
    writable: true,
  });
  return copy;
}

const changedFrom = (json: unknown): fc.Arbitrary<unknown> => {
  const paths = pathsOf(json);
  return fc
    .tuple(fc.nat(paths.length - 1), oddValue)
    .map(([index, odd]) => changed(json, paths[index]!, odd));
};

/** Runs it; the only error may be one about the data. */
function onlyDataErrors(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    assert.ok(error instanceof ExitError && error.exitCode === 65, String(error));
  }
}

describe('cli: bad files', () => {
  it('a transaction whose JSON was changed anywhere is read as another one, or refused', () => {
    const some = fc.constantFrom(...txs.map(({ tx_json: json }) => json)).chain(changedFrom);
    const property = fc.property(some, (json) => {
      onlyDataErrors(() => {
        const parts = readPartsJson(JSON.parse(JSON.stringify(json) ?? 'null'));
        assert.deepEqual(encodeParts(decodeParts(encodeParts(parts))), encodeParts(parts));
      });
    });
    fc.assert(property, { numRuns: RUNS });
  });

  it('a file of signatures that was changed anywhere is read or refused', () => {
    const good = {
      signatures: [
        {
          public_key: {
            '@type': '/cosmos.crypto.secp256k1.PubKey',
            key: 'A5mXpJfZZPwaYohbBaURZqZakN8ASSyNfPYdasz1SAO+',
          },
          data: { single: { mode: 'SIGN_MODE_LEGACY_AMINO_JSON', signature: 'AAAA' } },
          sequence: '3',
        },
      ],
    };
    assert.equal(readSignaturesJson(good).length, 1);
    const property = fc.property(changedFrom(good), (json) => {
      onlyDataErrors(() => readSignaturesJson(JSON.parse(JSON.stringify(json) ?? 'null')));
    });
    fc.assert(property, { numRuns: RUNS });
  });

  it('bytes of a transaction that were changed anywhere are read or refused', () => {
    const some = fc.constantFrom(...txs.map(({ tx_raw: raw }) => Buffer.from(raw, 'hex')));
    const property = fc.property(some, fc.nat(), fc.nat(255), (bytes, place, value) => {
      const copy = new Uint8Array(bytes);
      copy[place % copy.length] = value;
      onlyDataErrors(() => decodeParts(copy));
    });
    fc.assert(property, { numRuns: RUNS });
  });

  it('a public key that was changed anywhere is read or refused', () => {
    const single = {
      '@type': '/cosmos.crypto.secp256k1.PubKey',
      key: 'A5mXpJfZZPwaYohbBaURZqZakN8ASSyNfPYdasz1SAO+',
    };
    const multi = {
      '@type': '/cosmos.crypto.multisig.LegacyAminoPubKey',
      threshold: 1,
      public_keys: [single],
    };
    for (const good of [single, multi]) {
      assert.ok(readKeyJson(good));
      const property = fc.property(changedFrom(good), (json) => {
        onlyDataErrors(() => readKeyJson(json));
      });
      fc.assert(property, { numRuns: RUNS });
    }
  });

  it('a key file that was changed anywhere never ends the program with a bug', async () => {
    const home = mkdtempSync(join(tmpdir(), 'bitscale-bad-'));
    const keys = (words: string[], answers: string[] = []) =>
      run(['keys', ...words, '--home', home, '--keyring-backend', 'test'], answers);
    try {
      assert.equal((await keys(['add', 'a', '--recover'], [TEST_MNEMONIC])).code, 0);
      const path = join(home, 'keyring-test', 'a.json');
      const good = JSON.parse(readFileSync(path, 'utf8')) as object;
      mkdirSync(join(home, 'other'));
      const property = fc.asyncProperty(changedFrom(good), async (json) => {
        writeFileSync(path, JSON.stringify(json) ?? '');
        for (const words of [['list'], ['show', 'a', '--reveal'], ['export', 'a']]) {
          const { code, errors } = await keys(words, ['short']);
          assert.ok([0, 64, 65].includes(code), `${words.join(' ')}: ${code} ${errors}`);
        }
      });
      await fc.assert(property, { numRuns: 150 });
    } finally {
      rmSync(home, { recursive: true });
    }
  });
});

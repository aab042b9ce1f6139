/** Several homes and no node: a transaction goes from hand to hand until it is signed. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TEST_MNEMONIC } from '../../../../genesis/local-keys.ts';
import { accountText } from '../../../../node/base/address.ts';
import { run, type Ran } from '../fake-terminal.ts';

const TO = accountText(new Uint8Array(20).fill(9));
const NOWHERE = ['--node', 'http://127.0.0.1:1', '--offline'];
const FACTS = ['--chain-id', 'far-1', '-a', '7', '-s', '0'];

describe('cli: offline', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'bitscale-offline-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const at = (home: string, words: string[], answers: string[] = []): Promise<Ran> => {
    const environment = { BITSCALE_KEYRING_BACKEND: 'test', BITSCALE_HOME: join(folder, home) };
    return run(words, answers, { ...environment, BITSCALE_OUTPUT: 'json' });
  };
  const output = async (home: string, words: string[], answers?: string[]): Promise<string> => {
    const { code, output: text, errors } = await at(home, words, answers);
    assert.equal(code, 0, `${words.join(' ')}: ${errors}`);
    return text;
  };
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const recover = async (home: string, index: number): Promise<{ pubkey: string }> => {
    const words = ['keys', 'add', 'me', '--recover', '--index', String(index)];
    return JSON.parse(await output(home, words, [TEST_MNEMONIC])) as { pubkey: string };
  };

  /** A multisig of three, what it wants to send, and the signatures of the members. */
  async function stage(): Promise<{ unsigned: string; signatures: string[] }> {
    const signatures: string[] = [];
    for (const index of [0, 1, 2]) {
      const { pubkey } = await recover(`m${index}`, index);
      await output('board', ['keys', 'add', `k${index}`, '--pubkey', pubkey]);
    }
    const group = ['--multisig', 'k0,k1,k2', '--multisig-threshold', '2'];
    const made = await output('board', ['keys', 'add', 'board', ...group]);
    const { address } = JSON.parse(made) as { address: string };
    const make = ['tx', 'bank', 'send', 'board', TO, '5uscale', '--generate-only', ...NOWHERE];
    const unsigned = write('unsigned.json', await output('board', make));
    for (const index of [0, 1, 2]) {
      const sign = ['tx', 'sign', unsigned, '--from', 'me', '--multisig', address];
      const signature = await output(`m${index}`, [...sign, ...NOWHERE, ...FACTS]);
      signatures.push(write(`${index}.json`, signature));
    }
    return { unsigned, signatures };
  }

  it('two of three, or all, sign together; whatever is not theirs is refused', async () => {
    const { unsigned, signatures } = await stage();
    const [a, b, c] = signatures as [string, string, string];
    const join2 = (files: string[], facts = FACTS): Promise<Ran> =>
      at('board', ['tx', 'multisign', unsigned, 'board', ...files, ...NOWHERE, ...facts]);
    for (const files of [
      [a, b],
      [c, a],
      [a, b, c],
    ]) {
      const signed = await join2(files);
      assert.equal(signed.code, 0, signed.errors);
      const path = write('signed.json', signed.output);
      const checked = ['tx', 'validate-signatures', path, ...NOWHERE, ...FACTS];
      await output('board', checked);
      const other = [...checked.slice(0, -3), '8', '-s', '0'];
      assert.equal((await at('board', other)).code, 65);
    }
    assert.match((await join2([a])).errors, /1 signatures, 2 are needed/);
    assert.match((await join2([a, a])).errors, /1 signatures, 2 are needed/);
    for (const [place, value] of [
      [1, 'near-1'],
      [3, '8'],
      [5, '1'],
    ] as const) {
      const facts = FACTS.map((word, index) => (index === place ? value : word));
      const ended = await join2([a, b], facts);
      assert.deepEqual([ended.code, /does not hold/.test(ended.errors)], [65, true]);
    }
    const whole = await join2([unsigned, a]);
    assert.equal(whole.code, 65);
    const alone = ['tx', 'multisign', unsigned, 'k0', a, ...NOWHERE, ...FACTS];
    assert.equal((await at('board', alone)).code, 64);
  });

  it('needs all facts that nobody can be asked for', async () => {
    await recover('m0', 0);
    const make = ['tx', 'bank', 'send', 'me', TO, '5uscale', '--generate-only', ...NOWHERE];
    const unsigned = write('unsigned.json', await output('m0', make));
    const sign = ['tx', 'sign', unsigned, '--from', 'me', ...NOWHERE];
    for (let missing = 0; missing < FACTS.length; missing += 2) {
      const facts = FACTS.filter((_, index) => index !== missing && index !== missing + 1);
      assert.equal((await at('m0', [...sign, ...facts])).code, 64, facts.join(' '));
    }
    assert.equal((await at('m0', [...sign, ...FACTS])).code, 0);
  });

  it('a key of which only the public part is known cannot sign', async () => {
    const { pubkey } = await recover('m0', 0);
    await output('w', ['keys', 'add', 'watched', '--pubkey', pubkey]);
    const make = ['tx', 'bank', 'send', 'watched', TO, '5uscale', '--generate-only', ...NOWHERE];
    const unsigned = write('unsigned.json', await output('w', make));
    const sign = ['tx', 'sign', unsigned, ...NOWHERE, ...FACTS, '--from'];
    const watched = await at('w', [...sign, 'watched']);
    assert.deepEqual([watched.code, /of type offline/.test(watched.errors)], [65, true]);
    assert.equal((await at('w', [...sign, TO])).code, 65);
    assert.equal((await at('w', [...sign, 'nobody'])).code, 65);
    const signed = JSON.parse(await output('m0', [...sign, 'me', '--signature-only'])) as {
      signatures: object[];
    };
    assert.equal(signed.signatures.length, 1);
  });

  it('signs again with other facts when told to drop what is there', async () => {
    await recover('m0', 0);
    const make = ['tx', 'bank', 'send', 'me', TO, '5uscale', '--generate-only', ...NOWHERE];
    const unsigned = write('unsigned.json', await output('m0', make));
    const sign = (file: string, facts: string[]): Promise<string> =>
      output('m0', ['tx', 'sign', file, '--from', 'me', ...NOWHERE, ...facts]);
    const once = write('once.json', await sign(unsigned, FACTS));
    const later = FACTS.map((word, index) => (index === 5 ? '1' : word));
    const twice = await sign(once, [...later, '--overwrite']);
    assert.equal(twice, await sign(unsigned, later));
    assert.equal(await sign(once, later), twice, 'a key has one signature');
  });
});

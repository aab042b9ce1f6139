import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TEST_MNEMONIC } from '../../../genesis/local-keys.ts';
import { run } from './fake-terminal.ts';

const PASSWORD = 'correct horse';

interface Shown {
  name: string;
  address: string;
  operator: string;
  mnemonic?: string;
  private_key?: string;
}

describe('cli: keys', () => {
  let home: string;
  beforeEach(() => (home = mkdtempSync(join(tmpdir(), 'bitscale-keys-'))));
  afterEach(() => rmSync(home, { recursive: true }));

  const keys = (args: string[], answers: string[] = []) =>
    run(['keys', ...args, '--home', home], answers);
  const importTest = (name: string) => keys(['import', name], [TEST_MNEMONIC, PASSWORD]);
  const fileOf = (name: string): string => join(home, 'keyring', `${name}.json`);

  it('makes a key, shows its words once, and brings it back from them', async () => {
    const made = await keys(['add', 'alice'], [PASSWORD]);
    assert.equal(made.code, 0);
    const words = made.errors.match(/([a-z]+ ){23}[a-z]+/)?.[0] ?? '';
    assert.equal(words.split(' ').length, 24);
    assert.ok(!readFileSync(fileOf('alice'), 'utf8').includes(words.split(' ')[0]! + ' '));
    const again = await keys(['import', 'alice2'], [`  ${words.replaceAll(' ', '  ')}`, PASSWORD]);
    const [a, b] = [made.output, again.output].map((text) => JSON.parse(text) as Shown);
    assert.equal(a!.address, b!.address);
  });

  it('derives the accounts that wallets derive', async () => {
    const { output } = await importTest('test0');
    const shown = JSON.parse(output) as Shown;
    assert.match(shown.address, /^bitscale1[a-z0-9]{38}$/);
    assert.match(shown.operator, /^bitscalevaloper1[a-z0-9]{38}$/);
    const other = await keys(['import', 'test1', '--index', '1'], [TEST_MNEMONIC, PASSWORD]);
    assert.notEqual((JSON.parse(other.output) as Shown).address, shown.address);
  });

  it('lists, shows and deletes', async () => {
    await importTest('b');
    await importTest('a');
    const listed = JSON.parse((await keys(['list'])).output) as Shown[];
    assert.deepEqual(
      listed.map(({ name }) => name),
      ['a', 'b'],
    );
    const { output } = await keys(['show', 'a', '--address']);
    assert.equal(output, listed[0]!.address);
    assert.equal((await keys(['delete', 'a'], ['b'])).code, 64);
    assert.equal((await keys(['delete', 'a', '--yes'])).code, 0);
    assert.equal((await keys(['delete', 'b'], ['b'])).code, 0);
    assert.equal((await keys(['list'])).output, '[]');
  });

  it('reveals the secret for the password only', async () => {
    await importTest('a');
    const right = await keys(['show', 'a', '--reveal'], [PASSWORD]);
    assert.equal((JSON.parse(right.output) as Shown).mnemonic, TEST_MNEMONIC);
    const wrong = await keys(['show', 'a', '--reveal'], ['another one']);
    assert.deepEqual([wrong.code, wrong.output], [65, '']);
  });

  it('takes the password from a file', async () => {
    const file = join(home, 'pw');
    writeFileSync(file, `${PASSWORD}\n`);
    const made = await keys(['import', 'a', '--password-file', file], [TEST_MNEMONIC]);
    assert.equal(made.code, 0);
    assert.equal((await keys(['show', 'a', '--reveal'], [PASSWORD])).code, 0);
    assert.equal((await keys(['show', 'a', '--reveal', '--password-file', '/no'])).code, 74);
  });

  const junk = TEST_MNEMONIC.replace('junk', 'test');
  for (const words of [junk, 'test', `${TEST_MNEMONIC} test`, 'not english words at all', '']) {
    it(`ends with code 65 for the words "${words}"`, async () => {
      assert.equal((await keys(['import', 'a'], [words, PASSWORD])).code, 65);
    });
  }

  it('ends with code 64 for a name that is taken, odd names and a short password', async () => {
    await importTest('a');
    assert.equal((await importTest('a')).code, 64);
    for (const name of ['../a', 'a/b', '.a', 'x'.repeat(65)]) {
      assert.equal((await importTest(name)).code, 64, name);
    }
    assert.equal((await keys(['import', 'c'], [TEST_MNEMONIC, 'short'])).code, 64);
    assert.equal((await keys(['add', 'c', '--words', '13'], [PASSWORD])).code, 64);
  });

  it('ends with code 65 for a key that is not there and for a file that was changed', async () => {
    assert.equal((await keys(['show', 'nobody'])).code, 65);
    await importTest('a');
    await keys(['add', 'b'], [PASSWORD]);
    const [a, b] = ['a', 'b'].map((n) => JSON.parse(readFileSync(fileOf(n), 'utf8')) as object);
    const { address } = b as Shown;
    writeFileSync(fileOf('a'), JSON.stringify({ ...a, address }));
    assert.equal((await keys(['show', 'a', '--reveal'], [PASSWORD])).code, 65);
    writeFileSync(fileOf('a'), '{');
    assert.equal((await keys(['show', 'a'])).code, 65);
  });

  it('keeps key files private and ends with code 78 when others can read one', async () => {
    await importTest('a');
    assert.equal(statSync(fileOf('a')).mode & 0o777, 0o600);
    chmodSync(fileOf('a'), 0o644);
    const { code, errors } = await keys(['show', 'a']);
    assert.equal(code, 78);
    assert.match(errors, /chmod 600/);
  });
});

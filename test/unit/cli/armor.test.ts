/** Private keys that go to and come from programs of the Cosmos SDK. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromHex, toHex } from '../../../node/base/bytes.ts';
import { ExitError } from '../../../node/base/exit.ts';
import { armorPrivateKey, unarmorPrivateKey } from '../../../node/cli/keyring/armor.ts';
import { run } from './fake-terminal.ts';

interface Recorded {
  readonly kdf: string;
  readonly password: string;
  readonly private_key: string;
  readonly armor: string;
}
const file = new URL('../../vectors/armor/keys.json', import.meta.url);
const { keys } = JSON.parse(readFileSync(file, 'utf8')) as { keys: readonly Recorded[] };

const isDataError = (error: unknown): boolean =>
  error instanceof ExitError && error.exitCode === 65;

describe('cli: exported private keys', () => {
  for (const { kdf, password, private_key: privateKey, armor } of keys) {
    it(`reads what the SDK wrote with ${kdf}, for the right password only`, async () => {
      assert.equal(toHex(await unarmorPrivateKey(armor, password)), privateKey);
      const windows = `\r\n${armor.replaceAll('\n', '\r\n')}\r\n`;
      assert.equal(toHex(await unarmorPrivateKey(windows, password)), privateKey);
      await assert.rejects(unarmorPrivateKey(armor, `${password}!`), isDataError);
    });
  }

  it('writes the form of SDK 0.50: the same headers, and itself can read it back', async () => {
    const [{ private_key: privateKey, armor }] = keys as [Recorded];
    const written = armorPrivateKey(fromHex(privateKey), 'pass word');
    const shape = (text: string): string =>
      text.replace(/salt: [0-9A-F]{32}/, 'salt').replace(/\n\n[^]*?\n-----/, '\n\n-----');
    assert.equal(shape(written), shape(armor));
    assert.equal(toHex(await unarmorPrivateKey(written, 'pass word')), privateKey);
  });

  it('refuses text that is no such key, whatever was changed', async () => {
    const { armor, password } = keys[0]!;
    const changed = [
      '',
      armor.replace('PRIVATE', 'PUBLIC'),
      armor.replace('kdf: argon2', 'kdf: md5'),
      armor.replace('kdf: argon2\n', ''),
      armor.replace(/salt: ../, 'salt: '),
      armor.replace('secp256k1', 'ed25519'),
      armor.replace('=aAVY', '=aAVZ'),
      armor.replace('zzZU', 'zzZV'),
      armor.replace('zzZU', '!!!!'),
      armor.slice(0, -4),
    ];
    for (const text of changed)
      await assert.rejects(unarmorPrivateKey(text, password), isDataError);
  });

  describe('by command', () => {
    let home: string;
    beforeEach(() => (home = mkdtempSync(join(tmpdir(), 'bitscale-armor-'))));
    afterEach(() => rmSync(home, { recursive: true }));

    const command = (words: string[], answers: string[] = []) =>
      run([...words, '--home', home, '--keyring-backend', 'test'], answers);

    it('imports the key of another program, exports it, and brings it back by hexadecimal', async () => {
      const { armor, password, private_key: privateKey } = keys[0]!;
      const from = join(home, 'key.asc');
      writeFileSync(from, armor);
      assert.equal((await command(['keys', 'import', 'a', from], ['wrong'])).code, 65);
      assert.equal((await command(['keys', 'import', 'a', from], [password])).code, 0);
      const hex = ['keys', 'export', 'a', '--unarmored-hex', '--unsafe'];
      assert.equal((await command(hex, ['n'])).code, 64);
      assert.equal((await command(hex, ['y'])).output, privateKey);
      const exported = await command(['keys', 'export', 'a'], ['eight characters']);
      const again = await unarmorPrivateKey(exported.output, 'eight characters');
      assert.equal(toHex(again), privateKey);
      assert.equal((await command(['keys', 'import-hex', 'b'], [`0x${privateKey}`])).code, 0);
      const both = ['a', 'b'].map((name) => command(['keys', 'show', name, '-a']));
      const [a, b] = await Promise.all(both);
      assert.equal(a!.output, b!.output);
    });

    it('refuses a short password, half an option, and keys that are none', async () => {
      const good = keys[0]!.private_key;
      assert.equal((await command(['keys', 'import-hex', 'a'], [good])).code, 0);
      assert.equal((await command(['keys', 'export', 'a'], ['short'])).code, 64);
      assert.equal((await command(['keys', 'export', 'a', '--unsafe'])).code, 64);
      assert.equal((await command(['keys', 'export', 'a', '--unarmored-hex'])).code, 64);
      for (const hex of ['', 'zz', '00'.repeat(32), 'ff'.repeat(32), 'ab'.repeat(31)]) {
        assert.equal((await command(['keys', 'import-hex', 'b'], [hex])).code, 65, hex);
      }
      assert.equal((await command(['keys', 'import', 'b', join(home, 'none')])).code, 74);
    });
  });
});

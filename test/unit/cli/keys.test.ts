import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMultisigThresholdPubkey, pubkeyToAddress, Secp256k1HdWallet } from '@cosmjs/amino';
import { stringToPath } from '@cosmjs/crypto';
import { fromHex, toBase64 } from '../../../node/base/bytes.ts';
import { TEST_MNEMONIC } from '../../../genesis/local-keys.ts';
import { KeyFolder } from '../../../node/cli/keyring/key-folder.ts';
import { run } from './fake-terminal.ts';

const PASSWORD = 'correct horse';

interface Shown {
  name: string;
  type: string;
  address: string;
  pubkey: string;
  path?: string;
  mnemonic?: string;
  private_key?: string;
}

async function walletAddress(path: string): Promise<string> {
  const options = { prefix: 'bitscale', hdPaths: [stringToPath(path)] };
  const wallet = await Secp256k1HdWallet.fromMnemonic(TEST_MNEMONIC, options);
  return (await wallet.getAccounts())[0]!.address;
}

describe('cli: keys', () => {
  let home: string;
  beforeEach(() => (home = mkdtempSync(join(tmpdir(), 'bitscale-keys-'))));
  afterEach(() => rmSync(home, { recursive: true }));

  const keys = (args: string[], answers: string[] = []) =>
    run(['keys', ...args, '--home', home], answers, { BITSCALE_OUTPUT: 'json' });
  const test = (args: string[], answers: string[] = []) =>
    keys([...args, '--keyring-backend', 'test'], answers);
  const recover = (name: string, ...more: string[]) =>
    test(['add', name, '--recover', ...more], [TEST_MNEMONIC]);
  const shown = (output: string): Shown => JSON.parse(output) as Shown;
  const fileOf = (name: string, folder = 'keyring'): string => join(home, folder, `${name}.json`);

  describe('in the encrypted backend', () => {
    const recoverFile = (name: string) =>
      keys(['add', name, '--recover'], [TEST_MNEMONIC, PASSWORD]);

    it('makes a key, shows its words once, and brings it back from them', async () => {
      const made = await run(['keys', 'add', 'alice', '--home', home], [PASSWORD]);
      assert.equal(made.code, 0, made.errors);
      assert.match(made.output, /^name: alice\ntype: local\naddress: bitscale1/);
      const words = made.errors.match(/([a-z]+ ){23}[a-z]+/)?.[0] ?? '';
      assert.equal(words.split(' ').length, 24);
      assert.ok(!readFileSync(fileOf('alice'), 'utf8').includes(words.split(' ')[0]! + ' '));
      const spaced = `  ${words.replaceAll(' ', '  ')}`;
      const again = await keys(['add', 'alice2', '--recover'], [spaced, PASSWORD]);
      assert.ok(made.output.includes(shown(again.output).address));
      assert.equal(again.errors, '');
    });

    it('records how the secret was encrypted, and nothing of the secret', async () => {
      await recoverFile('a');
      const text = readFileSync(fileOf('a'), 'utf8');
      const { secret } = JSON.parse(text) as { secret: Record<string, Record<string, unknown>> };
      const { name, N, r, p } = secret['kdf']!;
      assert.deepEqual([name, N, r, p, secret['cipher']], ['scrypt', 131_072, 8, 1, 'aes-256-gcm']);
      const revealed = shown((await keys(['show', 'a', '--reveal'], [PASSWORD])).output);
      assert.equal(revealed.mnemonic, TEST_MNEMONIC);
      assert.ok(!text.includes(revealed.private_key!) && !text.includes('junk'));
      assert.ok(!text.includes(toBase64(Buffer.from(revealed.private_key!, 'hex'))));
    });

    it('reveals and exports the secret for the password only', async () => {
      await recoverFile('a');
      for (const words of [
        ['show', 'a', '--reveal'],
        ['export', 'a'],
      ]) {
        const wrong = await keys(words, ['another one', PASSWORD]);
        assert.deepEqual([wrong.code, wrong.output], [65, '']);
        assert.match(wrong.errors, /wrong password for a/);
      }
    });

    it('takes the password from a file', async () => {
      const file = join(home, 'pw');
      writeFileSync(file, `${PASSWORD}\n`);
      const made = await keys(['add', 'a', '--recover', '--password-file', file], [TEST_MNEMONIC]);
      assert.equal(made.code, 0, made.errors);
      assert.equal((await keys(['show', 'a', '--reveal'], [PASSWORD])).code, 0);
      assert.equal((await keys(['show', 'a', '--reveal', '--password-file', '/no'])).code, 74);
    });

    it('ends with code 65 for a file that was changed, or given parameters that exhaust memory', async () => {
      await recoverFile('a');
      await keys(['add', 'b'], [PASSWORD]);
      const read = (name: string) => JSON.parse(readFileSync(fileOf(name), 'utf8')) as never;
      const [a, b] = [read('a'), read('b')] as [
        { secret: { kdf: object } },
        { pubkey: object; address: string },
      ];
      const { address, pubkey } = b;
      const kdf = { ...a.secret.kdf, N: 2 ** 30 };
      const changed = [
        { ...a, address },
        { ...a, address, pubkey },
        { ...a, path: "m/44'/118'/0'/0/1" },
        { ...a, secret: { ...a.secret, kdf } },
        { ...a, secret: { ...a.secret, cipher: 'rot13' } },
        { ...a, secret: { cipher: 'none', text: toBase64(new Uint8Array(32).fill(1)) } },
        { ...a, version: 1 },
      ];
      for (const content of [...changed.map((file) => JSON.stringify(file)), '{']) {
        writeFileSync(fileOf('a'), content);
        assert.equal((await keys(['show', 'a', '--reveal'], [PASSWORD])).code, 65, content);
      }
    });

    it('renames a key: the new file opens with the old password, the old one is gone', async () => {
      await recoverFile('a');
      const before = shown((await keys(['show', 'a'])).output);
      assert.equal((await keys(['rename', 'a', 'b', '-y'], ['another one'])).code, 65);
      assert.equal((await keys(['rename', 'a', 'b'], ['y', PASSWORD])).code, 0);
      assert.equal((await keys(['show', 'a'])).code, 65);
      const { output } = await keys(['show', 'b', '--reveal'], [PASSWORD]);
      const { address, name, mnemonic } = shown(output);
      assert.deepEqual([address, name, mnemonic], [before.address, 'b', TEST_MNEMONIC]);
    });

    it('ends with code 64 for a short password', async () => {
      assert.equal((await keys(['add', 'c', '--recover'], [TEST_MNEMONIC, 'short'])).code, 64);
    });

    it('keeps files and folder private and ends with code 78 when others can read a key', async () => {
      await recoverFile('a');
      assert.equal(statSync(fileOf('a')).mode & 0o777, 0o600);
      assert.equal(statSync(join(home, 'keyring')).mode & 0o777, 0o700);
      chmodSync(fileOf('a'), 0o644);
      const { code, errors } = await keys(['show', 'a']);
      assert.equal(code, 78);
      assert.match(errors, /chmod 600/);
    });
  });

  it('the test backend asks for no password and is a folder of its own', async () => {
    assert.equal((await recover('a')).code, 0);
    assert.equal((await keys(['show', 'a'])).code, 65);
    const { output } = await test(['show', 'a', '--reveal']);
    assert.equal(shown(output).mnemonic, TEST_MNEMONIC);
    assert.equal(statSync(fileOf('a', 'keyring-test')).mode & 0o777, 0o600);
    const environment = { BITSCALE_KEYRING_BACKEND: 'test' };
    const listed = await run(['keys', 'list', '-n', '--home', home], [], environment);
    assert.equal(listed.output, 'a');
    assert.equal((await keys(['list', '--keyring-backend', 'os'])).code, 64);
    const unknown = await run(['keys', 'list', '--home', home], [], {
      BITSCALE_KEYRING_BACKEND: 'os',
    });
    assert.equal(unknown.code, 64);
  });

  const PATHS: [string[], string][] = [
    [[], "m/44'/118'/0'/0/0"],
    [['--index', '7'], "m/44'/118'/0'/0/7"],
    [['--account', '2', '--index', '1'], "m/44'/118'/2'/0/1"],
    [['--coin-type', '330'], "m/44'/330'/0'/0/0"],
    [['--hd-path', "m/44'/60'/0'/0/3"], "m/44'/60'/0'/0/3"],
  ];
  for (const [options, path] of PATHS) {
    it(`derives ${path} as wallets do`, async () => {
      const made = shown((await recover('a', ...options)).output);
      assert.equal(made.address, await walletAddress(path));
      assert.equal(made.path, path);
    });
  }

  it('takes the passphrase of BIP-39 into account, as wallets do', async () => {
    const words = ['add', 'a', '--interactive'];
    const made = shown((await test(words, [TEST_MNEMONIC, 'TREZOR'])).output);
    const options = { prefix: 'bitscale', bip39Password: 'TREZOR' };
    const wallet = await Secp256k1HdWallet.fromMnemonic(TEST_MNEMONIC, options);
    assert.equal(made.address, (await wallet.getAccounts())[0]!.address);
    const plain = shown((await test(['add', 'b', '-i'], [TEST_MNEMONIC, ''])).output);
    assert.equal(plain.address, await walletAddress("m/44'/118'/0'/0/0"));
    assert.equal((await test(['add', 'c', '-i'], ['', ''])).code, 0);
  });

  it('a key that another process adds at the same time is never replaced', async () => {
    const folder = new KeyFolder(join(home, 'keyring-test'));
    folder.checkNew('a');
    const { address } = shown((await recover('a')).output);
    assert.throws(() => folder.write('a', '{}'), { exitCode: 64 });
    assert.equal((await test(['show', 'a', '-a'])).output, address);
    assert.deepEqual(readdirSync(join(home, 'keyring-test')), ['a.json']);
  });

  it('removes with the next key what writes that were killed have left, and no draft of a process at work', async () => {
    const folder = join(home, 'keyring-test');
    const script = `
      import fs from 'node:fs';
      import { syncBuiltinESMExports } from 'node:module';
      import { KeyFolder } from ${JSON.stringify(import.meta.resolve('../../../node/cli/keyring/key-folder.ts'))};
      fs.linkSync = () => { for (;;) process.kill(process.pid, 'SIGKILL'); };
      syncBuiltinESMExports();
      new KeyFolder(process.argv[1]).write('lost', '{}');`;
    const { pid, signal } = spawnSync(process.execPath, ['-e', script, folder], {
      stdio: 'inherit',
    });
    assert.equal(signal, 'SIGKILL');
    assert.deepEqual(readdirSync(folder), [`lost.json.${pid}.new`]);
    writeFileSync(join(folder, `half.json.${pid}.new.new`), '{');
    const atWork = `b.json.${process.ppid}.new`;
    writeFileSync(join(folder, atWork), '{}');
    assert.equal((await recover('a')).code, 0);
    assert.deepEqual(readdirSync(folder).sort(), ['a.json', atWork]);
  });

  it('deletes with a key what a write that was cut off has left of it', async () => {
    await recover('a');
    await recover('ab', '--index', '1');
    const folder = join(home, 'keyring-test');
    for (const file of ['a.json.17.new', 'ab.json.17.new']) {
      copyFileSync(join(folder, 'a.json'), join(folder, file));
    }
    assert.equal((await test(['delete', 'a', '-y'])).code, 0);
    assert.deepEqual(readdirSync(folder).sort(), ['ab.json', 'ab.json.17.new']);
  });

  it('says that a name is taken before it asks for anything', async () => {
    await recover('a');
    const { code, errors } = await test(['add', 'a', '--recover'], ['not words']);
    assert.deepEqual([code, /already a key named a/.test(errors)], [64, true]);
  });

  it('refuses paths that are none', async () => {
    for (const path of ['44/118', 'm', "m/44'/x", "m/44'/4294967296"]) {
      assert.equal((await recover('a', '--hd-path', path)).code, 65, path);
    }
    assert.equal((await recover('a', '--index', '-1')).code, 64);
  });

  it('lists, shows and deletes, by name and by address', async () => {
    await recover('b', '--index', '1');
    await recover('a');
    const listed = JSON.parse((await test(['list'])).output) as Shown[];
    assert.deepEqual(
      listed.map(({ name }) => name),
      ['a', 'b'],
    );
    assert.equal((await test(['show', 'a', '-a'])).output, listed[0]!.address);
    const byAddress = shown((await test(['show', listed[1]!.address])).output);
    assert.equal(byAddress.name, 'b');
    assert.equal((await test(['show', 'a', '-p'])).output, listed[0]!.pubkey);
    const operator = await test(['show', 'a', '-a', '--bech', 'val']);
    assert.match(operator.output, /^bitscalevaloper1[a-z0-9]{38}$/);
    assert.match((await test(['show', 'a', '-a', '--bech', 'cons'])).output, /^bitscalevalcons1/);
    assert.equal((await test(['delete', 'a'], ['n'])).code, 64);
    assert.equal((await test(['delete', 'a', 'b', '-y'])).code, 0);
    assert.equal((await test(['list'])).output, '[]');
  });

  it('keeps keys that it can only watch: a public key, several together, one in a device', async () => {
    const members: Shown[] = [];
    for (const index of [0, 1, 2]) {
      members.push(shown((await recover(`k${index}`, '--index', String(index))).output));
    }
    const watch = shown((await test(['add', 'w', '--pubkey', members[1]!.pubkey])).output);
    assert.deepEqual([watch.type, watch.address], ['offline', members[1]!.address]);
    assert.match((await test(['show', 'w', '--reveal'])).errors, /no secret here.*offline/);
    const pubkey = members[2]!.pubkey;
    const ledger = shown((await test(['add', 'l', '--ledger', '--pubkey', pubkey])).output);
    assert.deepEqual([ledger.type, ledger.path], ['ledger', "m/44'/118'/0'/0/0"]);
    const none = await test(['add', 'm', '--ledger']);
    assert.equal(none.code, 78);
    assert.match(none.errors, /BITSCALE_LEDGER/);
  });

  it('a multisig has the address that CosmJS gives it, members sorted unless told otherwise', async () => {
    const wallet = await Secp256k1HdWallet.fromMnemonic(TEST_MNEMONIC, {
      prefix: 'bitscale',
      hdPaths: [0, 1, 2].map((index) => stringToPath(`m/44'/118'/0'/0/${index}`)),
    });
    const accounts = await wallet.getAccounts();
    for (const index of [0, 1, 2]) await recover(`k${index}`, '--index', String(index));
    const single = (pubkey: Uint8Array) =>
      ({ type: 'tendermint/PubKeySecp256k1', value: toBase64(pubkey) }) as const;
    for (const nosort of [false, true]) {
      const given = accounts.map(({ pubkey }) => single(pubkey));
      const group = createMultisigThresholdPubkey(given, 2, nosort);
      const options = ['--multisig', 'k0,k1,k2', '--multisig-threshold', '2'];
      const made = await test(['add', `m${nosort}`, ...options, ...(nosort ? ['--nosort'] : [])]);
      const { type, address, pubkey } = shown(made.output);
      assert.deepEqual([type, address], ['multi', pubkeyToAddress(group, 'bitscale')]);
      const keyJson = JSON.parse(pubkey) as { threshold: number; public_keys: object[] };
      assert.deepEqual([keyJson.threshold, keyJson.public_keys.length], [2, 3]);
    }
    const bad = [
      ['--multisig', 'k0,k1', '--multisig-threshold', '3'],
      ['--multisig', 'k0,k1', '--multisig-threshold', '0'],
      ['--multisig', 'k0,mtrue'],
    ];
    for (const options of bad) {
      assert.equal((await test(['add', 'x', ...options])).code, 64, options.join(' '));
    }
    assert.equal((await test(['add', 'x', '--multisig', 'k0,nobody'])).code, 65);
  });

  it('refuses public keys that are none', async () => {
    const url = '/cosmos.crypto.secp256k1.PubKey';
    const short = JSON.stringify({ '@type': url, key: 'AAAA' });
    const offCurve = JSON.stringify({
      '@type': url,
      key: toBase64(fromHex(`02${'5'.padStart(64, '0')}`)),
    });
    for (const text of ['', '{', '{}', 'null', short, offCurve, '{"@type":"/x","key":"AAAA"}']) {
      assert.equal((await test(['add', 'w', '--pubkey', text])).code, 65, text);
    }
  });

  it('shows the words of a new key in JSON, unless they are not wanted; a dry run keeps nothing', async () => {
    const made = shown((await test(['add', 'a', '--words', '12'])).output);
    assert.equal(made.mnemonic?.split(' ').length, 12);
    const silent = await test(['add', 'b', '--no-backup']);
    assert.deepEqual([shown(silent.output).mnemonic, silent.errors], [undefined, '']);
    assert.equal((await test(['add', 'c', '--dry-run'])).code, 0);
    assert.equal((await test(['list', '-n'])).output, 'a\nb');
    assert.equal((await run(['keys', 'mnemonic'])).output.split(' ').length, 24);
  });

  it('writes an address in its other forms', async () => {
    const { address } = shown((await recover('a')).output);
    const parse = (text: string) => run(['keys', 'parse', text, '-o', 'json']);
    const { bytes, human } = JSON.parse((await parse(address)).output) as {
      bytes: string;
      human: string;
    };
    assert.equal(human, 'bitscale');
    const { formats } = JSON.parse((await parse(bytes)).output) as { formats: string[] };
    assert.equal(formats[0], address);
    assert.match(formats[1]!, /^bitscalevaloper1/);
    for (const text of ['xyz', '1', `${address}x`]) {
      assert.equal((await parse(text)).code, 65, text);
    }
  });

  const junk = TEST_MNEMONIC.replace('junk', 'test');
  for (const words of [junk, 'test', `${TEST_MNEMONIC} test`, 'not english words at all', '']) {
    it(`ends with code 65 for the words "${words}"`, async () => {
      assert.equal((await test(['add', 'a', '--recover'], [words])).code, 65);
    });
  }

  it('ends with code 64 for a name that is taken and for odd names, 65 for none', async () => {
    await recover('a');
    assert.equal((await recover('a')).code, 64);
    for (const name of ['../a', 'a/b', '.a', 'x'.repeat(65)]) {
      assert.equal((await recover(name)).code, 64, name);
    }
    assert.equal((await test(['add', 'c', '--words', '13'])).code, 64);
    assert.equal((await test(['show', 'nobody'])).code, 65);
    assert.equal((await test(['rename', 'a', 'a', '-y'])).code, 64);
  });
});

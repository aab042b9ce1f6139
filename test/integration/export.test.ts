/** A new chain from the state of an old one, with real processes and homes. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountKey, seedOf, TEST_MNEMONIC } from '../../genesis/local-keys.ts';
import { accountText } from '../../node/base/address.ts';
import { homeAt, type Home } from '../../node/home.ts';
import { writeSettings } from '../support/solo-node.ts';
import { run, type Ran } from '../unit/cli/fake-terminal.ts';

const LAUNCHER = join(import.meta.dirname, '../../node/cli/launch.js');

describe('a chain that goes on from an export', function () {
  this.timeout(60_000);
  let folder: string;

  before(() => (folder = mkdtempSync(join(tmpdir(), 'bitscale-export-'))));
  after(() => rmSync(folder, { recursive: true }));

  const inHome = (home: Home, words: string): Promise<Ran> =>
    run([...words.split(' '), '--home', home.root]);

  async function begin(name: string): Promise<Home> {
    const home = homeAt(join(folder, name));
    const operator = accountText(accountKey(await seedOf(TEST_MNEMONIC), 0).address);
    const made = await inHome(home, `init ${name} --chain-id ${name}-1 --operator ${operator}`);
    assert.equal(made.code, 0, made.errors);
    return home;
  }

  async function runUntil(home: Home, haltHeight: number): Promise<string> {
    const off = { enabled: false };
    const consensus = { blockTimeMs: 50, haltHeight };
    await writeSettings(home.root, { consensus, metrics: off, api: off, grpc: off });
    const file = JSON.parse(readFileSync(home.configFile, 'utf8')) as object;
    writeFileSync(home.configFile, JSON.stringify({ ...file, logLevel: 'info' }));
    const child = spawn(process.execPath, [LAUNCHER, 'start', '--home', home.root]);
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data: Buffer) => {
        text += data.toString();
        if (text.includes('halted after block')) child.kill('SIGTERM');
      });
    }
    assert.equal(await new Promise((resolve) => child.on('close', resolve)), 0, text);
    assert.ok(text.includes(`halted after block ${haltHeight}:`), text);
    return text;
  }

  it('begins with the next height, the same validators and the same state', async () => {
    const old = await begin('old');
    await runUntil(old, 3);
    const exported = await inHome(old, 'export --chain-id next-1');
    assert.equal(exported.code, 0, exported.errors);
    assert.match(exported.errors, /the old one must not run again/);

    const next = await begin('next');
    writeFileSync(next.genesisFile, exported.output);
    copyFileSync(old.validatorKeyFile, next.validatorKeyFile);
    const valid = await inHome(next, 'genesis validate');
    assert.equal(valid.code, 0, valid.errors);
    await runUntil(next, 6);
    const again = await inHome(next, 'export');
    assert.equal(again.code, 0, again.errors);
    const [before, after] = [exported, again].map(
      ({ output }) => JSON.parse(output) as Record<string, unknown>,
    );
    assert.deepEqual([before!['initial_height'], after!['initial_height']], ['4', '7']);
    assert.deepEqual(after!['app_state'], before!['app_state']);
    assert.deepEqual(after!['consensus_params'], before!['consensus_params']);
    assert.deepEqual(after!['validators'], before!['validators']);
  });
});

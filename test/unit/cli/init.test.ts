import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readGenesis } from '../../../genesis/validate.ts';
import { accountText } from '../../../node/base/address.ts';
import { parseConfig } from '../../../node/config.ts';
import { homeAt } from '../../../node/home.ts';
import { sampleGenesis } from '../genesis/sample.ts';
import { run } from './fake-terminal.ts';

const OPERATOR = accountText(new Uint8Array(20).fill(7));

interface Made {
  chain_id: string;
  node_id: string;
  peer_id: string;
  validator_key: string;
}

describe('cli: init', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'bitscale-init-'))));
  afterEach(() => rmSync(folder, { recursive: true }));
  const init = (...args: string[]) => run(['init', 'me', '--home', folder, ...args]);
  const alone = ['--chain-id', 'my-chain-1', '--operator', OPERATOR];

  it('makes a home with private keys and settings that the node reads', async () => {
    const { code, output, errors } = await init();
    const home = homeAt(folder);
    assert.equal(code, 0);
    const made = JSON.parse(output) as Made;
    assert.match(made.node_id, /^[0-9a-f]{40}$/);
    assert.match(made.peer_id, /^12D3Koo/);
    assert.equal(parseConfig(readFileSync(home.configFile, 'utf8')).moniker, 'me');
    for (const file of [home.nodeKeyFile, home.validatorKeyFile]) {
      assert.equal(statSync(file).mode & 0o777, 0o600);
    }
    assert.ok(errors.includes(home.genesisFile));
  });

  it('begins a chain with this node as its only validator', async () => {
    const { code, output } = await init(...alone, '--account', accountText(new Uint8Array(20)));
    assert.equal(code, 0);
    const genesis = readGenesis(readFileSync(homeAt(folder).genesisFile, 'utf8'));
    const [validator] = genesis.validators;
    assert.equal(genesis.chainId, 'my-chain-1');
    assert.equal(genesis.validators.length, 1);
    const key = Buffer.from(validator!.pubKey).toString('base64');
    assert.equal((JSON.parse(output) as { validator_key: string }).validator_key, key);
  });

  it('joins the chain of a genesis file and refuses a wrong one with code 65', async () => {
    const file = join(folder, 'genesis-of-others.json');
    const json = await sampleGenesis();
    writeFileSync(file, JSON.stringify(json));
    const { code, output } = await init('--genesis', file);
    assert.equal(code, 0);
    assert.equal((JSON.parse(output) as Made).chain_id, 'bitscale-test-1');
    writeFileSync(file, JSON.stringify({ ...json, chain_id: '' }));
    assert.equal((await init('--genesis', file, '--overwrite')).code, 65);
    assert.equal((await init('--genesis', join(folder, 'nothing'), '--overwrite')).code, 74);
  });

  it('never replaces keys, and settings only when told to', async () => {
    const first = JSON.parse((await init()).output) as Made;
    assert.equal((await init()).code, 64);
    const second = JSON.parse((await init('--overwrite')).output) as Made;
    assert.deepEqual(second, first);
  });

  it('ends with code 64 or 65 for options that are wrong', async () => {
    assert.equal((await run(['init', '--home', folder])).code, 64);
    assert.equal((await init('--chain-id', 'a-1')).code, 64);
    assert.equal((await init('--chain-id', 'a b', '--operator', OPERATOR)).code, 65);
    assert.equal((await init('--chain-id', 'a-1', '--operator', 'cosmos1x')).code, 65);
    assert.equal((await init(...alone, '--rollup', '0x12')).code, 64);
  });

  it('ends with code 78 when the validator key file is damaged', async () => {
    await init();
    writeFileSync(homeAt(folder).validatorKeyFile, '{}');
    assert.equal((await init('--overwrite')).code, 78);
  });
});

describe('cli: export', () => {
  it('ends with code 78 without a genesis file and 65 without state', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bitscale-export-'));
    try {
      assert.equal((await run(['export', '--home', folder])).code, 78);
      await run(['init', 'me', '--home', folder, '--chain-id', 'a-1', '--operator', OPERATOR]);
      assert.equal((await run(['export', '--home', folder])).code, 65);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

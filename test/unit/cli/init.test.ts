import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDraft, readGenesis } from '../../../genesis/validate.ts';
import { accountText } from '../../../node/base/address.ts';
import { createApplication } from '../../../node/chain.ts';
import { parseConfig } from '../../../node/config.ts';
import { homeAt } from '../../../node/home.ts';
import { LevelDb } from '../../../node/store/level-db.ts';
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

  it('begins a chain without validators, whose genesis file no node starts with yet', async () => {
    assert.equal((await init('--chain-id', 'a-1')).code, 0);
    const content = readFileSync(homeAt(folder).genesisFile, 'utf8');
    assert.equal(readDraft(content).chainId, 'a-1');
    assert.throws(() => readGenesis(content), /validators is empty/);
  });

  it('ends with code 64 or 65 for options that are wrong', async () => {
    assert.equal((await run(['init', '--home', folder])).code, 64);
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

/** A home whose state is that of block 1. */
async function homeWithState(folder: string): Promise<void> {
  const made = await run([
    'init',
    'me',
    '--home',
    folder,
    '--chain-id',
    'a-1',
    '--operator',
    OPERATOR,
  ]);
  assert.equal(made.code, 0);
  const home = homeAt(folder);
  const genesis = readGenesis(readFileSync(home.genesisFile, 'utf8'));
  const { chainId, time, initialHeight, appState, consensusParams } = genesis;
  const db = await LevelDb.open(home.state);
  const options = { db, chainId, version: 'test', minGasPrices: [], keepRecent: 0 };
  const app = createApplication(options);
  app.initChain({ chainId, time, initialHeight, appState, consensusParams });
  const empty = new Uint8Array(0);
  app.finalizeBlock({
    txs: [],
    height: 1,
    time,
    hash: new Uint8Array(32),
    proposerAddress: genesis.validators[0]!.address,
    nextValidatorsHash: empty,
    lastCommit: { round: 0, votes: [] },
    misbehavior: [],
  });
  await app.commit();
  await db.close();
}

describe('cli: export', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'bitscale-export-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('ends with code 78 without a genesis file and 65 without state', async () => {
    assert.equal((await run(['export', '--home', folder])).code, 78);
    await run(['init', 'me', '--home', folder, '--chain-id', 'a-1', '--operator', OPERATOR]);
    assert.equal((await run(['export', '--home', folder])).code, 65);
  });

  it('writes a genesis file from which a chain can begin', async () => {
    await homeWithState(folder);
    const { code, output } = await run(['export', '--home', folder, '--chain-id', 'a-2']);
    assert.equal(code, 0);
    const exported = readGenesis(output);
    const before = readGenesis(readFileSync(homeAt(folder).genesisFile, 'utf8'));
    assert.equal(exported.chainId, 'a-2');
    assert.equal(exported.initialHeight, 2);
    assert.deepEqual(exported.validators, before.validators);
    assert.deepEqual(exported.consensusParams, before.consensusParams);
  });

  it('ends with code 74 while another process has the state open', async () => {
    await homeWithState(folder);
    const db = await LevelDb.open(homeAt(folder).state);
    try {
      assert.equal((await run(['export', '--home', folder])).code, 74);
    } finally {
      await db.close();
    }
  });
});

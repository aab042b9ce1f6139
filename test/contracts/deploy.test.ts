import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildContracts } from '../../contracts/tools/build.ts';
import { deploy, type DeployOptions } from '../../contracts/tools/deploy.ts';
import { layoutSource } from '../../contracts/tools/layout.ts';
import { keyWords, type SnarkjsKey } from '../../contracts/tools/verifying-key.ts';
import { startAnvil, type Anvil } from './support/anvil.ts';
import { TRAPDOOR, scalar, verifyingKey } from './support/known-key.ts';
import { MEMBERS, SHAPE, account } from './support/rollup-fixture.ts';

const source = (path: string): string =>
  readFileSync(new URL(`../../contracts/${path}`, import.meta.url), 'utf8');

describe('contracts/deploy', () => {
  let anvil: Anvil;
  let folder: string;

  before(async () => {
    anvil = await startAnvil();
    folder = mkdtempSync(join(tmpdir(), 'bitscale-deploy-'));
  });
  after(async () => {
    rmSync(folder, { recursive: true });
    await anvil.stop();
  });

  const options = (vkey: SnarkjsKey = verifyingKey()): DeployOptions => ({
    rpc: anvil.rpc,
    privateKey: account(0).privateKey,
    vkey,
    validators: MEMBERS.map(({ key, power }) => ({ address: key, power })),
    tokens: [{ symbol: 'TUSD', decimals: 6 }],
    params: { chainId: 'bitscale-test-1', genesisRoot: 77n, ...SHAPE },
    out: join(folder, 'l1', 'deployment.json'),
  });

  it('deploys once and finds its deployment again', async () => {
    const first = await deploy(options());
    const blocks = await anvil.provider.getBlockNumber();
    const second = await deploy(options());
    assert.deepEqual(second, first);
    assert.equal(await anvil.provider.getBlockNumber(), blocks);
    assert.deepEqual(Object.keys(first), ['chainId', 'rpc', 'contracts', 'tokens']);
    const names = ['Validators', 'VerifierRegistry', 'Rollup', 'Bridge', 'Inbox'];
    assert.deepEqual(Object.keys(first.contracts), names);
  });

  it('refuses to go on with contracts that pin another verifying key', async () => {
    await deploy(options());
    const other = verifyingKey({ ...TRAPDOOR, delta: scalar('another delta') });
    await assert.rejects(deploy(options(other)), /another verifying key/);
  });

  it('refuses keys that anybody can forge proofs for', async () => {
    const same = verifyingKey({ ...TRAPDOOR, gamma: TRAPDOOR.delta });
    await assert.rejects(deploy(options(same)), /gamma = delta/);
    const bare = verifyingKey({ ...TRAPDOOR, delta: 1n });
    await assert.rejects(deploy(options(bare)), /delta is the generator/);
  });

  it('compiles only what changed, and no contract is larger than the EVM allows', () => {
    const { artifacts, path } = buildContracts();
    assert.equal(buildContracts().cached, true);
    assert.equal(buildContracts().path, path);
    for (const [name, { size }] of Object.entries(artifacts)) assert(size <= 24_576, name);
  });

  it('has the generated sources up to date', () => {
    assert.equal(source('src/Layout.sol'), layoutSource());
    const known = source('test/support/KnownKey.sol');
    for (const [k, word] of keyWords(verifyingKey(), SHAPE).entries()) {
      assert(known.includes(`key[${k}] = ${word};`), `KnownKey.sol, word ${k}`);
    }
  });
});

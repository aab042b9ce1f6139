/** The verifier on chains that real nodes made: from their disks, over RPC, and as a program. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ClassicLevel } from 'classic-level';
import { accountKey, seedOf, TEST_MNEMONIC, type AccountKey } from '../../genesis/local-keys.ts';
import { accountText } from '../../node/base/address.ts';
import { toHex, utf8 } from '../../node/base/bytes.ts';
import { makeToyNetwork, type ToyNetwork } from '../integration/toy/toy-network.ts';
import { toyNode, until } from '../integration/toy/toy-node.ts';
import { sendMessage, signTx } from '../support/application.ts';
import { SOLO_CHAIN, startSoloNode, type SoloNode } from '../support/solo-node.ts';
import { readOutcome } from './genesis.ts';
import { openHome } from './home.ts';
import { verifyChains } from './several.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));

function program(...args: string[]): Promise<{ code: number; output: string; errors: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], (error, output, errors) => {
      resolve({ code: error ? Number(error.code) : 0, output, errors });
    });
  });
}

/** More than one stored record of results holds. */
const SENDS = 40;

/** Hands a block's worth of sends in at once. */
function fill({ pool }: SoloNode['node'], { privateKey, publicKey, address }: AccountKey): void {
  const key = { secret: privateKey, pubKey: publicKey, address, text: accountText(address) };
  const to = accountText(new Uint8Array(20).fill(7));
  for (let i = 0; i < SENDS; i++) {
    const messages = [sendMessage(key, to, '1')];
    const place = { accountNumber: 0n, sequence: BigInt(i), chainId: SOLO_CHAIN };
    assert.equal(pool.mempool.add(signTx({ messages, key, ...place })).code, 0);
  }
}

describe('verifier: the chain of a real node', function () {
  this.timeout(120_000);
  let solo: SoloNode;
  const copies: string[] = [];
  const HEIGHTS = 8;

  before(async () => {
    const enough = (node: SoloNode['node']): Promise<void> =>
      new Promise((resolve) =>
        node.engine.onCommit(() => {
          if (node.engine.height() >= HEIGHTS) resolve();
        }),
      );
    const account = accountKey(await seedOf(TEST_MNEMONIC), 0);
    const start = async (node: SoloNode['node']): Promise<void> => {
      fill(node, account);
      await enough(node);
    };
    solo = await startSoloNode({ until: start });
  });
  after(async () => {
    await solo.remove();
    for (const folder of copies) rmSync(folder, { recursive: true, force: true });
  });

  it('holds over RPC while the node runs', async () => {
    const { code, output, errors } = await program('--rpc', solo.url);
    assert.equal(code, 0, errors);
    assert.match(output, /blocks 1 to \d+\n\d+ votes, 0 violations/);
  });

  it('holds on its disk, which stays as it is', async () => {
    await solo.stop();
    const before = readFileSync(join(solo.folder, 'data/blocks/CURRENT'), 'utf8');
    const { blocks, close } = await openHome(solo.folder);
    const counts: number[] = [];
    for await (const { outcome } of blocks) {
      counts.push(outcome instanceof Uint8Array ? readOutcome(outcome).results.length : 0);
    }
    await close();
    assert.equal(Math.max(...counts), SENDS, 'a block whose results lie in several records');
    const report = await verifyChains({ homes: [solo.folder] });
    assert.deepEqual(report.violations, []);
    assert.ok(report.chains[0]!.to >= HEIGHTS);
    assert.equal(readFileSync(join(solo.folder, 'data/blocks/CURRENT'), 'utf8'), before);
  });

  it('does not hold with one bit of a stored block flipped, and the program says so', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'verifier-'));
    copies.push(folder);
    cpSync(solo.folder, folder, { recursive: true });
    const level = new ClassicLevel<Uint8Array, Uint8Array>(join(folder, 'data/blocks'), {
      keyEncoding: 'view',
      valueEncoding: 'view',
    });
    await level.open();
    const key = Uint8Array.of(...utf8('b'), 0, 0, 0, 0, 0, 0, 0, 4);
    const block = new Uint8Array(level.getSync(key)!);
    block[100]! ^= 1;
    await level.put(key, block);
    await level.close();
    const { code, output, errors } = await program('--home', folder, '--home', solo.folder);
    assert.equal(code, 1, output);
    assert.match(errors, /height 4: block id: not that of the stored bytes/);
    assert.match(errors, /height 4: agreement: .* has another block/);
  });

  it('is of another genesis: nothing holds', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'verifier-'));
    copies.push(folder);
    cpSync(solo.folder, folder, { recursive: true });
    const file = join(folder, 'config/genesis.json');
    const genesis = readFileSync(file, 'utf8');
    writeFileSync(file, genesis.replace('"chain_id":"solo-1"', '"chain_id":"solo-2"'));
    assert.notEqual(readFileSync(file, 'utf8'), genesis);
    const { violations } = await verifyChains({ homes: [folder] });
    assert.ok(violations.some(({ rule }) => rule === 'chain id'));
    assert.ok(violations.some(({ detail }) => detail.endsWith('wrong signature')));
  });

  it('cannot be read: exit code 2; no chain is named: 64', async () => {
    assert.equal((await program()).code, 64);
    assert.equal((await program('--home', '/nowhere')).code, 2);
  });
});

describe('verifier: real nodes whose validators change', function () {
  this.timeout(120_000);
  let network: ToyNetwork;

  before(async () => {
    network = await makeToyNetwork({ nodes: 3, validators: 2 });
  });
  after(() => network.remove());

  it('all chains hold, agree, and nobody signed twice', async () => {
    const errors: unknown[] = [];
    const onFatal = (error: unknown): number => errors.push(error);
    const nodes = await Promise.all(network.homes.map((home) => toyNode(home, { onFatal })));
    for (const node of nodes) await node.start();
    const heightOf = (): number => Math.min(...nodes.map(({ engine }) => engine.height()));
    const [first, , third] = network.pubKeys;
    const tx = (key: Uint8Array, power: number): Uint8Array => utf8(`val${toHex(key)}=${power}`);
    nodes[1]!.pool.add(tx(third!, 7));
    await until(() => heightOf() >= 4, 'the new validator is in');
    nodes[1]!.pool.add(tx(first!, 4));
    const more = heightOf() + 5;
    await until(() => heightOf() >= more, 'its power has changed');
    for (const node of nodes) await node.stop();
    assert.deepEqual(errors, []);

    const homes = network.homes.map(({ root }) => root);
    const report = await verifyChains({ homes });
    assert.deepEqual(report.violations, []);
    const home = await openHome(homes[0]!);
    const sizes = new Set<number>();
    for await (const { validators } of home.blocks) sizes.add(validators!.length);
    await home.close();
    assert.ok(sizes.size > 1, 'the set really changed');
  });
});

/** E12: a chain that stops where it was told to, and goes on when it is told otherwise. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TEST_MNEMONIC, accountKey, seedOf } from '../../genesis/local-keys.ts';
import { accountText } from '../../node/base/address.ts';
import { HaltError } from '../../node/base/exit.ts';
import { homeAt } from '../../node/home.ts';
import { run } from '../unit/cli/fake-terminal.ts';
import { freePorts, makeToyNetwork, type ToyNetwork } from './toy/toy-network.ts';
import { toyNode, until, type ToyNode } from './toy/toy-node.ts';

const LAUNCHER = join(import.meta.dirname, '../../node/cli/launch.js');

function change(configFile: string, consensus: Record<string, unknown>): void {
  const config = JSON.parse(readFileSync(configFile, 'utf8')) as Record<string, object>;
  const merged = { ...config['consensus'], ...consensus };
  writeFileSync(configFile, JSON.stringify({ ...config, consensus: merged }));
}

describe('E12 a node process that halts', function () {
  this.timeout(120_000);
  let folder: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bitscale-halt-'));
    const account = accountKey(await seedOf(TEST_MNEMONIC), 0);
    const operator = accountText(account.address);
    const words = ['init', 'halt', '--chain-id', 'halt-1', '--operator', operator];
    const made = await run([...words, '--home', folder]);
    assert.equal(made.code, 0, made.errors);
    const file = homeAt(folder).configFile;
    const [p2p, rpc] = await freePorts(2);
    const config = JSON.parse(readFileSync(file, 'utf8')) as Record<string, object>;
    const host = '127.0.0.1';
    const changed = {
      ...config,
      p2p: { ...config['p2p'], host, port: p2p },
      rpc: { ...config['rpc'], port: rpc },
      metrics: { enabled: false },
      api: { enabled: false },
      grpc: { enabled: false },
    };
    writeFileSync(file, JSON.stringify(changed));
  });
  after(() => rmSync(folder, { recursive: true }));

  async function ends(consensus: Record<string, unknown>) {
    change(homeAt(folder).configFile, { blockTimeMs: 50, ...consensus });
    const child = spawn(process.execPath, [LAUNCHER, 'start', '--home', folder]);
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (text += data));
    const code = await new Promise((resolve) => child.on('close', resolve));
    const committed = [
      ...text.matchAll(
        /"?height"?[:=] ?(\d+)[^\n]*block committed|block committed[^\n]*?height"?[:=] ?(\d+)/g,
      ),
    ];
    return { code, text, heights: committed.map((one) => Number(one[1] ?? one[2])) };
  }

  it('commits the block of consensus.haltHeight and no further, says so and ends with exit code 0', async () => {
    const { code, text, heights } = await ends({ haltHeight: 4 });
    assert.equal(code, 0, text);
    assert.match(text, /halted after block 4: consensus\.haltHeight is 4; change it to go on/);
    assert.deepEqual(heights, [1, 2, 3, 4], text);
  });

  it('ends at once when started again with the same setting', async () => {
    const { code, text, heights } = await ends({ haltHeight: 4 });
    assert.equal(code, 0, text);
    assert.match(text, /halted after block 4/);
    assert.deepEqual(heights, []);
  });

  it('goes on when the setting is changed', async () => {
    const { code, text, heights } = await ends({ haltHeight: 6 });
    assert.equal(code, 0, text);
    assert.deepEqual(heights, [5, 6], text);
  });

  it('halts at a time as well, after the first block at or past it', async () => {
    const { code, text, heights } = await ends({ haltHeight: 0, haltTime: 1_700_000_000 });
    assert.equal(code, 0, text);
    assert.match(text, /halted after block 6: consensus\.haltTime is 1700000000/);
    assert.deepEqual(heights, []);
  });
});

describe('E12 a network that halts', function () {
  this.timeout(90_000);
  let network: ToyNetwork;
  let nodes: ToyNode[] = [];
  let ended: unknown[] = [];

  async function start(haltHeight: number, more: object = {}): Promise<void> {
    for (const { configFile } of network.homes) change(configFile, { haltHeight, ...more });
    ended = [];
    const onFatal = (error: unknown): void => void ended.push(error);
    const homes = network.homes.slice(0, 4);
    nodes = await Promise.all(homes.map((home) => toyNode(home, { onFatal })));
  }
  const stopAll = (): Promise<unknown> => Promise.all(nodes.splice(0).map((node) => node.stop()));

  before(async () => (network = await makeToyNetwork({ nodes: 5, validators: 4 })));
  afterEach(stopAll);
  after(() => network.remove());

  it('has all nodes at that height, none past it', async () => {
    await start(5);
    await Promise.all(nodes.map((node) => node.start()));
    await until(() => ended.length === 4, 'all have halted', 60_000);
    assert.ok(ended.every((error) => error instanceof HaltError));
    assert.deepEqual(
      nodes.map(({ engine }) => engine.height()),
      [5, 5, 5, 5],
    );
    assert.equal(new Set(nodes.map(({ app }) => app.info().appHash.join())).size, 1);
  });

  it('does not start while the setting stays', async () => {
    await start(5);
    for (const node of nodes) await assert.rejects(node.start(), HaltError);
  });

  it('goes on from there when it is changed, also when the application halts it later', async () => {
    await start(0);
    // Each at once: the first ones need not wait for the last one to make blocks.
    const haltsAtNine = async (node: ToyNode): Promise<void> => {
      await node.start();
      const { app } = node;
      app.haltReason = () => (app.info().height >= 9 ? 'upgrade "next" is due' : undefined);
    };
    await Promise.all(nodes.map(haltsAtNine));
    await until(() => ended.length === 4, 'the application has halted all', 60_000);
    assert.match(
      String(ended[0]),
      /halted after block 9 by the application: upgrade "next" is due/,
    );
    assert.deepEqual(
      nodes.map(({ engine }) => engine.height()),
      [9, 9, 9, 9],
    );
  });

  it('a star without a pace too, whose followers hear of decisions from the next block only', async () => {
    await start(30, { mode: 'star', blockTimeMs: 0 });
    await Promise.all(nodes.map((node) => node.start()));
    await until(() => ended.length === 4, 'all have halted', 60_000);
    assert.deepEqual(
      nodes.map(({ engine }) => engine.height()),
      [30, 30, 30, 30],
    );
  });

  it('a node that catches up halts at its own height as well', async () => {
    await start(0);
    await Promise.all(nodes.map((node) => node.start()));
    await until(() => nodes.every(({ engine }) => engine.height() >= 9), 'they are there');
    const home = network.homes[4]!;
    change(home.configFile, { haltHeight: 4 });
    const late = await toyNode(home, { onFatal: (error) => void ended.push(error) });
    const started = late.start().catch((error: unknown) => error);
    await until(() => ended.length > 0, 'it has halted', 60_000);
    assert.ok(ended[0] instanceof HaltError);
    assert.equal(late.engine.height(), 4);
    await late.stop();
    await started;
  });
});

/** The program against a real node: a chain of one validator, coins sent, state exported. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TEST_MNEMONIC } from '../../genesis/local-keys.ts';
import { readGenesis } from '../../genesis/validate.ts';
import { accountText } from '../../node/base/address.ts';
import { createNode, type BitscaleNode } from '../../node/create-node.ts';
import { homeAt } from '../../node/home.ts';
import { run, type Ran } from '../unit/cli/fake-terminal.ts';

const PASSWORD = 'correct horse';
const RECEIVER = accountText(new Uint8Array(20).fill(9));

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer();
      return new Promise<typeof server>((resolve) =>
        server.listen(0, '127.0.0.1', () => resolve(server)),
      );
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

interface Settings {
  logLevel: string;
  p2p: object;
  rpc: object;
  api: object;
  grpc: object;
  metrics: object;
  consensus: object;
}

describe('cli against a node', () => {
  let folder: string;
  let node: BitscaleNode;
  let url: string;
  let running = false;

  const inHome = (words: string, answers: string[] = []): Promise<Ran> =>
    run([...words.split(' '), '--home', folder], answers);
  const ask = (words: string): Promise<Ran> => run([...words.split(' '), '--node', url]);
  const send = (coins: string): Promise<Ran> =>
    inHome(`tx bank send alice ${RECEIVER} ${coins} --node ${url}`, [PASSWORD]);

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bitscale-cli-'));
    await inHome('keys import alice', [TEST_MNEMONIC, PASSWORD]);
    const { output: address } = await inHome('keys show alice --address');
    const made = await inHome(`init solo --chain-id solo-1 --operator ${address}`);
    assert.equal(made.code, 0, made.errors);
    const [p2p, rpc, metrics] = await freePorts(3);
    const file = homeAt(folder).configFile;
    const settings = JSON.parse(readFileSync(file, 'utf8')) as Settings;
    const host = '127.0.0.1';
    Object.assign(settings, { logLevel: 'silent' });
    Object.assign(settings.p2p, { host, port: p2p });
    Object.assign(settings.rpc, { port: rpc });
    Object.assign(settings.api, { enabled: false });
    Object.assign(settings.grpc, { enabled: false });
    Object.assign(settings.metrics, { port: metrics });
    Object.assign(settings.consensus, { blockTimeMs: 100 });
    writeFileSync(file, JSON.stringify(settings));
    url = `http://127.0.0.1:${rpc}`;
    node = await createNode({ homeFolder: folder, onFatal: (error) => assert.fail(String(error)) });
    await node.start();
    running = true;
    await new Promise<void>((resolve) => node.engine.onCommit(() => resolve()));
  });

  after(async () => {
    if (running) await node.stop();
    rmSync(folder, { recursive: true });
  });

  it('sends coins with estimated gas, and the receiver has them', async () => {
    const { code, output, errors } = await send('5uscale');
    assert.equal(code, 0, errors);
    const { tx_hash: hash } = JSON.parse(output) as { tx_hash: string };
    const found = JSON.parse((await ask(`query tx ${hash}`)).output) as { hash: string };
    assert.equal(found.hash, hash);
    const balances = JSON.parse((await ask(`query balances ${RECEIVER}`)).output) as {
      balances: object[];
    };
    assert.deepEqual(balances.balances, [{ denom: 'uscale', amount: '5' }]);
  });

  it('ends with code 65 when the node refuses, and says why', async () => {
    const { code, errors } = await send('5000000000000000uscale');
    assert.equal(code, 65);
    assert.match(errors, /insufficient funds/);
  });

  it('signs only for the chain it is told to', async () => {
    const words = `tx bank send alice ${RECEIVER} 1uscale --node ${url} --chain-id other-1`;
    const { code, errors } = await inHome(words, [PASSWORD]);
    assert.equal(code, 65);
    assert.match(errors, /solo-1, not other-1/);
  });

  it('exports the state once the node has stopped', async () => {
    assert.equal((await inHome('export')).code, 74);
    await node.stop();
    running = false;
    const { code, output, errors } = await inHome('export --chain-id solo-2');
    assert.equal(code, 0, errors);
    assert.ok(readGenesis(output).initialHeight > 2);
    assert.ok(output.includes(RECEIVER));
  });
});

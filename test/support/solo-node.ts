/** A whole node as the only validator of a new chain, in this process, with real sockets and a real disk. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountKey, seedOf, TEST_MNEMONIC, type AccountKey } from '../../genesis/local-keys.ts';
import { accountText } from '../../node/base/address.ts';
import { createNode, type BitscaleNode } from '../../node/create-node.ts';
import { homeAt } from '../../node/home.ts';
import { run } from '../unit/cli/fake-terminal.ts';

export const SOLO_CHAIN = 'solo-1';

const BLOCK_TIME_MS = 100;

export interface SoloNode {
  readonly folder: string;
  readonly url: string;
  readonly node: BitscaleNode;
  /** Funded, and operator of the validator: account 0 of the test mnemonic. */
  readonly account: AccountKey;
  stop(): Promise<void>;
  /** Stops it and deletes its home. */
  remove(): Promise<void>;
}

/** Ports that nobody listens on now. */
export async function freePorts(count: number): Promise<number[]> {
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

/** Sections of config.json and what to set in them. */
type Settings = Readonly<Record<string, object>>;

/** Gives a home ports of its own; answers where its RPC will be. */
export async function writeSettings(folder: string, more: Settings = {}): Promise<string> {
  const [p2p, rpc, metrics, api, grpc] = await freePorts(5);
  const file = homeAt(folder).configFile;
  const settings = JSON.parse(readFileSync(file, 'utf8')) as Record<string, object>;
  const host = '127.0.0.1';
  const changed = {
    ...settings,
    logLevel: 'silent',
    p2p: { ...settings['p2p'], host, port: p2p },
    rpc: { ...settings['rpc'], port: rpc },
    metrics: { ...settings['metrics'], port: metrics },
    api: { ...settings['api'], port: api },
    grpc: { ...settings['grpc'], port: grpc },
    consensus: { ...settings['consensus'], blockTimeMs: BLOCK_TIME_MS },
  };
  const sections: Record<string, unknown> = { ...changed };
  for (const [name, section] of Object.entries(more)) {
    sections[name] = { ...(sections[name] as object | undefined), ...section };
  }
  writeFileSync(file, JSON.stringify(sections));
  return `http://${host}:${rpc}`;
}

export interface SoloOptions {
  /** Changes the genesis file before the node reads it. */
  readonly genesis?: (json: Record<string, unknown>) => Record<string, unknown>;
  readonly settings?: Settings;
  /** What must have happened before the start is over; by default the first block is committed. */
  readonly until?: (node: BitscaleNode) => Promise<void>;
}

const firstBlock = (node: BitscaleNode): Promise<void> =>
  new Promise((resolve) => node.engine.onCommit(() => resolve()));

export async function startSoloNode(options: SoloOptions = {}): Promise<SoloNode> {
  const { genesis = (json) => json, until = firstBlock, settings = {} } = options;
  const folder = mkdtempSync(join(tmpdir(), 'bitscale-solo-'));
  const account = accountKey(await seedOf(TEST_MNEMONIC), 0);
  const operator = accountText(account.address);
  const words = ['init', 'solo', '--chain-id', SOLO_CHAIN, '--operator', operator];
  const made = await run([...words, '--home', folder]);
  assert.equal(made.code, 0, made.errors);
  const { genesisFile } = homeAt(folder);
  const json = JSON.parse(readFileSync(genesisFile, 'utf8')) as Record<string, unknown>;
  writeFileSync(genesisFile, JSON.stringify(genesis(json)));
  const url = await writeSettings(folder, settings);
  const onFatal = (error: unknown): void => assert.fail(String(error));
  const node = await createNode({ homeFolder: folder, onFatal });
  await node.start();
  await until(node);
  const stop = (): Promise<void> => node.stop();
  const remove = async (): Promise<void> => {
    await stop();
    rmSync(folder, { recursive: true });
  };
  return { folder, url, node, account, stop, remove };
}

/** Asks now and after each block until the answer is yes. */
export async function untilYes({ node }: SoloNode, ask: () => Promise<boolean>): Promise<void> {
  while (!(await ask())) await firstBlock(node);
}

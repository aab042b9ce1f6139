/** Homes for toy nodes on this machine: keys, genesis and settings, with free ports. */
import { createServer } from 'node:net';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toBase64, utf8 } from '../../../node/base/bytes.ts';
import { ed25519PublicKey } from '../../../node/base/ed25519.ts';
import { sha256 } from '../../../node/base/hash.ts';
import { encodeValidatorKey } from '../../../node/engine/signer-files.ts';
import { homeAt, makeHome, type Home } from '../../../node/home.ts';
import { encodeNodeKey, nodeIdentity } from '../../../node/network/node-key.ts';

export interface ToyNetwork {
  readonly root: string;
  readonly homes: readonly Home[];
  readonly pubKeys: readonly Uint8Array[];
  remove(): Promise<void>;
}

export interface ToyNetworkOptions {
  readonly nodes: number;
  /** The first so many nodes are validators of the genesis; all by default. */
  readonly validators?: number;
  readonly consensus?: Record<string, unknown>;
  /** Where the nodes listen; free ones by default. */
  readonly ports?: readonly number[];
  /** Given where the nodes listen, answers the port at which `from` dials `to`; directly by default. */
  readonly between?: (ports: readonly number[]) => Promise<(from: number, to: number) => number>;
  /** Heights from one snapshot of the state to the next; none by default. */
  readonly snapshotInterval?: number;
  /** line: each node knows only the next one. Everybody knows everybody by default. */
  readonly shape?: 'mesh' | 'line';
  /** More settings of the section p2p for a node, given the addresses of all. */
  readonly p2p?: (index: number, addresses: readonly string[]) => Record<string, unknown>;
}

/** Ports nobody listens on right now. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  return Promise.all(
    servers.map(async (server) => {
      const address = server.address();
      await new Promise((resolve) => server.close(resolve));
      return typeof address === 'object' && address !== null ? address.port : 0;
    }),
  );
}

function genesis(pubKeys: readonly Uint8Array[]): string {
  return JSON.stringify({
    genesis_time: new Date(Date.now() - 1000).toISOString().replace(/\.\d+Z$/, 'Z'),
    chain_id: 'toy-1',
    initial_height: '1',
    consensus_params: {
      block: { max_bytes: '1048576', max_gas: '-1' },
      evidence: {
        max_age_num_blocks: '100000',
        max_age_duration: '172800000000000',
        max_bytes: '65536',
      },
      validator: { pub_key_types: ['ed25519'] },
      version: { app: '0' },
    },
    validators: pubKeys.map((key, index) => ({
      address: '',
      pub_key: { type: 'tendermint/PubKeyEd25519', value: toBase64(key) },
      power: '10',
      name: `node${index}`,
    })),
    app_hash: '',
    app_state: {},
  });
}

export async function makeToyNetwork(options: ToyNetworkOptions): Promise<ToyNetwork> {
  const root = await mkdtemp(join(tmpdir(), 'bitscale-toy-'));
  const indexes = Array.from({ length: options.nodes }, (_, index) => index);
  const homes = indexes.map((index) => homeAt(join(root, `node${index}`)));
  const valSeeds = indexes.map((index) => sha256(utf8(`toy validator ${index}`)));
  const nodeSeeds = indexes.map((index) => sha256(utf8(`toy node ${index}`)));
  const pubKeys = valSeeds.map(ed25519PublicKey);
  const ports = options.ports ?? (await freePorts(options.nodes));
  const door = await options.between?.(ports);
  const peers = (from: number): string[] =>
    nodeSeeds.map((seed, to) => {
      const port = from === to ? ports[to] : (door?.(from, to) ?? ports[to]);
      return `/ip4/127.0.0.1/tcp/${port}/p2p/${nodeIdentity(seed).peerId}`;
    });
  const known = (index: number): readonly string[] =>
    options.shape === 'line' ? peers(index).slice(index + 1, index + 2) : peers(index);
  const text = genesis(pubKeys.slice(0, options.validators ?? options.nodes));
  for (const index of indexes) {
    const home = homes[index]!;
    await makeHome(home);
    await writeFile(home.genesisFile, text);
    await writePrivate(home.nodeKeyFile, encodeNodeKey(nodeSeeds[index]!));
    await writePrivate(home.validatorKeyFile, encodeValidatorKey(valSeeds[index]!));
    const config = {
      moniker: `node${index}`,
      p2p: {
        host: '127.0.0.1',
        port: ports[index],
        persistentPeers: known(index),
        peerExchange: false,
        ...options.p2p?.(index, peers(index)),
      },
      consensus: { blockTimeMs: 200, roundMs: 1000, newRoundMs: 200, ...options.consensus },
      metrics: { enabled: false },
      app: { snapshotInterval: options.snapshotInterval ?? 0 },
    };
    await writeFile(home.configFile, JSON.stringify(config));
  }
  const remove = (): Promise<void> => rm(root, { recursive: true, force: true });
  return { root, homes, pubKeys, remove };
}

async function writePrivate(path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
  await chmod(path, 0o600);
}

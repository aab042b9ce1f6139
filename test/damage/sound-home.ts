/**
 * A validator's home with some history: blocks with transactions, databases with tables and logs, and an older
 * copy of its data. And a peer that has the same blocks and never makes new ones.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DirectSecp256k1Wallet } from '@cosmjs/proto-signing';
import { SigningStargateClient } from '@cosmjs/stargate';
import { accountKey, seedOf, TEST_MNEMONIC } from '../../genesis/local-keys.ts';
import { ACCOUNT_PREFIX, accountText } from '../../node/base/address.ts';
import { createNode, type BitscaleNode } from '../../node/create-node.ts';
import { homeAt } from '../../node/home.ts';
import { encodeNodeKey, nodeIdentity } from '../../node/network/node-key.ts';
import { freePorts } from '../integration/toy/toy-network.ts';
import { until } from '../integration/toy/toy-node.ts';
import { run } from '../unit/cli/fake-terminal.ts';
import { ask, type Answers } from './answers.ts';

/** Blocks of the first, second and third run of the node; a copy of the data is taken after the first. */
const RUNS = [12, 40, 52];
const BLOCK_TIME_MS = 20;
/** No further block within a test. */
const NO_BLOCKS_MS = 3_600_000;

export interface SoundHome {
  readonly root: string;
  /** The validator's home as it was when it stopped. */
  readonly folder: string;
  /** Its data folder after the first run. */
  readonly olderData: string;
  readonly answers: Answers;
  readonly peer: BitscaleNode;
  remove(): Promise<void>;
}

async function send(url: string): Promise<void> {
  const account = accountKey(await seedOf(TEST_MNEMONIC), 0);
  const wallet = await DirectSecp256k1Wallet.fromKey(account.privateKey, ACCOUNT_PREFIX);
  const client = await SigningStargateClient.connectWithSigner(url, wallet, {
    broadcastPollIntervalMs: 50,
  });
  const amount = [{ denom: 'uscale', amount: '7' }];
  const receiver = accountText(new Uint8Array(20).fill(7));
  const fee = { amount: [{ denom: 'uscale', amount: '200' }], gas: '200000' };
  await client.sendTokens(accountText(account.address), receiver, amount, fee);
  client.disconnect();
}

type Settings = Record<string, Record<string, unknown> | string>;

/** Changes single settings of a home. */
export function configure(folder: string, changes: Settings): void {
  const { configFile } = homeAt(folder);
  const settings = JSON.parse(readFileSync(configFile, 'utf8')) as Settings;
  for (const [name, change] of Object.entries(changes)) {
    const old = settings[name];
    settings[name] = typeof change === 'object' ? { ...(old as object), ...change } : change;
  }
  writeFileSync(configFile, JSON.stringify(settings));
}

/** The home of a chain's only validator, with free ports and fast blocks; answers its RPC's address. */
export async function newHome(folder: string): Promise<string> {
  const account = accountKey(await seedOf(TEST_MNEMONIC), 0);
  const words = ['--chain-id', 'damage-1', '--operator', accountText(account.address)];
  await run(['init', 'solo', ...words, '--home', folder]);
  const [p2p, rpc] = await freePorts(2);
  configure(folder, {
    logLevel: 'silent',
    p2p: { host: '127.0.0.1', port: p2p },
    rpc: { port: rpc },
    metrics: { enabled: false },
    api: { enabled: false },
    grpc: { enabled: false },
    consensus: { blockTimeMs: BLOCK_TIME_MS },
  });
  return `http://127.0.0.1:${rpc}`;
}

export async function makeSoundHome(): Promise<SoundHome> {
  const root = await mkdtemp(join(tmpdir(), 'bitscale-damage-'));
  const [folder, olderData] = [join(root, 'sound'), join(root, 'older-data')];
  const url = await newHome(folder);
  let answers: Answers | undefined;
  for (const [index, height] of RUNS.entries()) {
    const node = await createNode({ homeFolder: folder });
    await node.start();
    // One more than the first: its block may be stored before clients can ask about it.
    await until(() => node.engine.height() > 1, 'a block');
    await send(url);
    await until(() => node.engine.height() >= height, `block ${height}`, 60_000);
    // From here on the height stays: what is asked is what is on disk afterwards.
    await node.engine.driver.stop();
    if (index === RUNS.length - 1) answers = await ask(url);
    await node.stop();
    if (index === 0) await cp(homeAt(folder).data, olderData, { recursive: true });
  }
  const peer = await startPeer(root, folder);
  const remove = async (): Promise<void> => {
    await peer.stop();
    await rm(root, { recursive: true });
  };
  return { root, folder, olderData, answers: answers!, peer, remove };
}

async function startPeer(root: string, sound: string): Promise<BitscaleNode> {
  const folder = join(root, 'peer');
  await cp(sound, folder, { recursive: true });
  const seed = new Uint8Array(32).fill(9);
  await mkdir(homeAt(folder).config, { recursive: true });
  writeFileSync(homeAt(folder).nodeKeyFile, encodeNodeKey(seed), { mode: 0o600 });
  const [p2p, rpc] = await freePorts(2);
  configure(folder, { p2p: { port: p2p }, rpc: { port: rpc } });
  const settings = JSON.parse(readFileSync(homeAt(folder).configFile, 'utf8')) as object;
  writeFileSync(homeAt(folder).configFile, JSON.stringify({ ...settings, validator: false }));
  const address = `/ip4/127.0.0.1/tcp/${p2p}/p2p/${nodeIdentity(seed).peerId}`;
  configure(sound, {
    p2p: { persistentPeers: [address] },
    consensus: { blockTimeMs: NO_BLOCKS_MS },
  });
  const peer = await createNode({ homeFolder: folder });
  await peer.start();
  return peer;
}

/** Copies the validator's home; a lonely one knows no peer and makes blocks. */
export async function copyHome(sound: SoundHome, name: string, lonely: boolean): Promise<string> {
  const folder = join(sound.root, name);
  await cp(sound.folder, folder, { recursive: true });
  if (lonely) {
    configure(folder, {
      p2p: { persistentPeers: [] },
      consensus: { blockTimeMs: BLOCK_TIME_MS },
    });
  }
  return folder;
}

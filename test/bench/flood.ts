/**
 * One of four nodes is flooded: transactions with bad signatures and garbage from peers that come back under
 * a new name when they are banned, and well-signed transactions of far sequences, which cost no points, as fast
 * as the node reads them. Measured is how late its event loop is, and whether blocks go on. The attackers share the
 * processors with the nodes.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { TxRaw } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { sha256 } from '../../node/base/hash.ts';
import { utf8, type Bytes } from '../../node/base/bytes.ts';
import { LOCAL_CHAIN_ID, portsOf } from '../../node/cli/localnet/layout.ts';
import { encodeTxBatch } from '../../node/network/messages.ts';
import { loadNodeIdentity, nodeIdentity } from '../../node/network/node-key.ts';
import { HostileGossip } from '../integration/p2p/hostile-gossip.ts';
import type { BenchOptions, Benchmark } from './benchmark.ts';
import { pause, rpcUrl, withNetwork, type LocalNetwork } from './local-network.ts';
import { payers, signSend, type Payer } from './payments.ts';
import { atMost, fact, millis, whole, type Row } from './report.ts';
import { Rpc } from './rpc.ts';

const NAME = 'flood';
const QUIET_MS = 15_000;
const FLOOD_MS = 30_000;
const SAMPLE_MS = 5_000;
const BATCH_TXS = 100;
const BATCHES = 200;
const MOST_LAG_MS = 250;
const TOPIC = `/bitscale/${LOCAL_CHAIN_ID}/txs/1`;

interface Seen {
  readonly lagP99Ms: number;
  readonly lagMaxMs: number;
  readonly blocks: number;
  readonly seconds: number;
}

let names = 0;

/** Sends batch after batch until it is thrown out, then comes back under another name. */
async function attack(address: string, next: () => Bytes, signal: AbortSignal): Promise<number> {
  let sent = 0;
  while (!signal.aborted) {
    names += 1;
    const { privateKey } = nodeIdentity(sha256(utf8(`flood ${process.pid} ${names}`)));
    const peer = await HostileGossip.connect(address, privateKey).catch(() => undefined);
    if (peer === undefined) {
      await pause(100);
      continue;
    }
    while (!signal.aborted && peer.isOpen && peer.isConnected) {
      try {
        peer.sendRpc({ messages: [{ topic: TOPIC, data: next() }] });
        sent += 1;
      } catch {
        break;
      }
      await pause(sent % 8 === 0 ? 5 : 0);
    }
    await peer.stop();
  }
  return sent;
}

/** Batches in an endless circle; each time around they differ, or gossip would know them. */
function circle(batches: readonly (readonly Bytes[])[]): () => Bytes {
  let at = 0;
  return () => {
    const batch = batches[at % batches.length]!;
    at += 1;
    const start = Math.floor(at / batches.length) % batch.length;
    return encodeTxBatch([...batch.slice(start), ...batch.slice(0, start)]);
  };
}

function spoiled(tx: Bytes): Bytes {
  const raw = TxRaw.decode(tx);
  raw.signatures[0]![9]! ^= 1;
  return TxRaw.encode(raw).finish();
}

function batchesOf(all: readonly Payer[], change: (tx: Bytes) => Bytes): Bytes[][] {
  return Array.from({ length: BATCHES }, (_, batch) =>
    Array.from({ length: BATCH_TXS }, (__, index) => {
      const payer = all[(batch * BATCH_TXS + index) % all.length]!;
      return change(signSend({ ...payer }, payer.address));
    }),
  );
}

/** So far ahead that a few wait and the rest finds no room: refused, and nobody's fault. */
function farAhead(payer: Payer): Payer {
  return { ...payer, sequence: payer.sequence + 1_000n };
}

async function lag(quantile: string): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${portsOf(0).metrics}/metrics`);
  const name = 'bitscale_process_event_loop_lag_seconds';
  const line = (await response.text())
    .split('\n')
    .find((text) => text.startsWith(name) && text.includes(`quantile="${quantile}"`));
  return 1000 * Number(line?.split(' ').at(-1));
}

async function watch(rpc: Rpc, forMs: number): Promise<Seen> {
  const from = await rpc.height();
  const started = performance.now();
  const lags = { p99: [] as number[], max: [] as number[] };
  while (performance.now() - started < forMs) {
    await pause(SAMPLE_MS);
    lags.p99.push(await lag('0.99'));
    lags.max.push(await lag('1'));
  }
  return {
    lagP99Ms: Math.max(...lags.p99),
    lagMaxMs: Math.max(...lags.max),
    blocks: (await rpc.height()) - from,
    seconds: (performance.now() - started) / 1000,
  };
}

async function measure(network: LocalNetwork, options: BenchOptions): Promise<Row[]> {
  const rpc = new Rpc(rpcUrl(1), 1);
  const { peerId } = await loadNodeIdentity(join(network.home, 'node0', 'config', 'node_key.json'));
  const address = `/ip4/127.0.0.1/tcp/${portsOf(0).p2p}/p2p/${peerId}`;
  options.say('signing what is sent later');
  const known = await payers(rpc, Math.min(200, options.accounts));
  const bad = circle(batchesOf(known, spoiled));
  const neutral = circle(batchesOf(known.map(farAhead), (tx) => tx));
  let serial = 0;
  const garbage = (): Bytes => utf8(`garbage ${(serial += 1)}`.padEnd(2_000, 'x'));
  options.say(`quiet for ${QUIET_MS / 1000} s`);
  const quiet = await watch(rpc, QUIET_MS);
  options.say(`flooded for ${FLOOD_MS / 1000} s`);
  const stop = new AbortController();
  const attackers = [bad, bad, garbage, neutral].map((next) => attack(address, next, stop.signal));
  const flooded = await watch(rpc, FLOOD_MS);
  stop.abort();
  const sent = await Promise.all(attackers);
  rpc.close();
  return rowsOf(quiet, flooded, sent);
}

function rowsOf(quiet: Seen, flooded: Seen, sent: readonly number[]): Row[] {
  const label = [NAME, '99th percentile of the event-loop lag of the flooded node'] as const;
  const interval = ({ seconds, blocks }: Seen): string =>
    blocks === 0 ? 'no block' : `${((1000 * seconds) / blocks).toFixed(0)} ms`;
  return [
    atMost(label, flooded.lagP99Ms, MOST_LAG_MS, millis),
    fact(NAME, 'the same before the flood', millis(quiet.lagP99Ms)),
    fact(
      NAME,
      'longest lag before and while flooded',
      [quiet, flooded].map(({ lagMaxMs }) => millis(lagMaxMs)).join(', '),
    ),
    fact(
      NAME,
      'time from block to block before and while flooded',
      [quiet, flooded].map(interval).join(', '),
    ),
    fact(NAME, 'messages sent by the attackers', sent.map(whole).join(' + ')),
    fact(NAME, 'names the attackers used', whole(names)),
  ];
}

export const flood: Benchmark = {
  name: NAME,
  summary:
    'one node flooded with bad transactions and garbage: lag of its event loop, and the pace of blocks',
  run: (options) => {
    const args = ['--accounts', String(options.accounts), '--no-l1'];
    const { profiles } = options;
    if (profiles !== undefined) mkdirSync(profiles, { recursive: true });
    return withNetwork({ args, ...(profiles !== undefined && { profiles }) }, (network) =>
      measure(network, options),
    );
  },
};

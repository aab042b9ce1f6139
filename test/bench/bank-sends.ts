/**
 * Bank sends from many accounts through RPC. Each account's sends go to one node, in the order of their
 * sequences, one request each; the processor time of the four node processes is divided by what was committed.
 */
import { mkdirSync } from 'node:fs';
import type { BenchOptions, Benchmark } from './benchmark.ts';
import { LocalNetwork, pause, rpcUrl, VALIDATORS, withNetwork } from './local-network.ts';
import { payers, signRounds } from './payments.ts';
import { cpuSeconds } from './processes.ts';
import { atMost, fact, millis, type Row } from './report.ts';
import { Rpc } from './rpc.ts';

const NAME = 'bank sends';
const MOST_MS_PER_SEND = 5;
const CONNECTIONS = 8;
const IDLE_SECONDS = 5;
/** Code that runs for the first time is compiled first, which is no matter of a single send. */
const WARM_UP_ROUNDS = 2;
const FULL_MS = 50;
const POLL_MS = 100;
const GIVE_UP_MS = 180_000;
/** Of transactions handed in and not yet in a block: the mempools hold 5,000. */
const MOST_OPEN = 4_000;

interface Meta {
  readonly header: { readonly height: string; readonly time: string };
  readonly num_txs: string;
}

/** Counts what is committed, from the blocks of one node. */
class Committed {
  readonly #rpc: Rpc;
  #height: number;
  count = 0;
  blocks = 0;

  constructor(rpc: Rpc, height: number) {
    this.#rpc = rpc;
    this.#height = height;
  }

  async look(): Promise<void> {
    const newest = await this.#rpc.height();
    while (this.#height < newest) {
      const range = { minHeight: String(this.#height + 1), maxHeight: String(newest) };
      const { block_metas: metas } = await this.#rpc.call<{ block_metas: Meta[] }>(
        'blockchain',
        range,
      );
      const wanted = metas.filter(({ header }) => Number(header.height) === this.#height + 1);
      for (const meta of wanted.length > 0 ? wanted : metas.slice(-1)) {
        this.count += Number(meta.num_txs);
        this.blocks += Number(meta.num_txs) > 0 ? 1 : 0;
        this.#height = Number(meta.header.height);
      }
    }
  }
}

interface Load {
  readonly nodes: readonly Rpc[];
  readonly rounds: readonly (readonly Uint8Array[])[];
  readonly committed: Committed;
}

/** One request after the other on each connection; the sends of an account share a connection. */
async function submit({ nodes, rounds, committed }: Load): Promise<number> {
  let accepted = 0;
  const before = committed.count;
  const lanes = nodes.length * CONNECTIONS;
  const send = async (rpc: Rpc, tx: Uint8Array): Promise<void> => {
    const params = { tx: Buffer.from(tx).toString('base64') };
    for (;;) {
      while (accepted + before - committed.count > MOST_OPEN) await pause(FULL_MS);
      const { result, error } = await rpc.ask<{ code: number; log: string }>(
        'broadcast_tx_sync',
        params,
      );
      if (result?.code === 0) break;
      if (result) throw new Error(`a send was refused: ${result.log}`);
      if (error?.data !== 'mempool is full') throw new Error(`${error?.message} ${error?.data}`);
      await pause(FULL_MS);
    }
    accepted += 1;
  };
  await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      const rpc = nodes[lane % nodes.length] as Rpc;
      for (const round of rounds) {
        for (let i = lane; i < round.length; i += lanes) await send(rpc, round[i] as Uint8Array);
      }
    }),
  );
  return accepted;
}

async function idleShare(pids: readonly number[]): Promise<number> {
  const before = pids.map(cpuSeconds);
  await pause(IDLE_SECONDS * 1000);
  const used = pids.map((pid, i) => cpuSeconds(pid) - (before[i] as number));
  return used.reduce((sum, value) => sum + value, 0) / IDLE_SECONDS;
}

/** Sends all of them and waits until every one is in a block. */
async function drive(load: Load): Promise<void> {
  const { committed } = load;
  const before = committed.count;
  const started = performance.now();
  let total = Number.POSITIVE_INFINITY;
  const submitted = submit(load).then((count) => (total = count));
  submitted.catch(() => (total = 0));
  while (committed.count - before < total && performance.now() - started < GIVE_UP_MS) {
    await committed.look();
    await pause(POLL_MS);
  }
  await submitted;
  if (committed.count - before < total) throw new Error('not all sends were committed');
}

async function measure(network: LocalNetwork, options: BenchOptions): Promise<Row[]> {
  const nodes = Array.from({ length: VALIDATORS }, (_, i) => new Rpc(rpcUrl(i), CONNECTIONS));
  const [first] = nodes as [Rpc];
  options.say(`signing ${options.accounts * options.sends} sends of ${options.accounts} accounts`);
  const all = await payers(first, options.accounts);
  const [warmUp, rounds] = [signRounds(all, WARM_UP_ROUNDS), signRounds(all, options.sends)];
  const pids = network.nodePids();
  const idle = await idleShare(pids);
  const watcher = new Rpc(rpcUrl(0), 1);
  const from = await watcher.height();
  options.say(`warming up: ${WARM_UP_ROUNDS} sends of each account that do not count`);
  await drive({ nodes, rounds: warmUp, committed: new Committed(watcher, from) });
  options.say('sending');
  const committed = new Committed(watcher, await watcher.height());
  const before = pids.map(cpuSeconds);
  const started = performance.now();
  await drive({ nodes, rounds, committed });
  const elapsed = (performance.now() - started) / 1000;
  const used = pids.map((pid, i) => cpuSeconds(pid) - (before[i] as number));
  for (const node of [...nodes, watcher]) node.close();
  return rowsOf({ committed, elapsed, used, idle });
}

function rowsOf(found: {
  committed: Committed;
  elapsed: number;
  used: readonly number[];
  idle: number;
}): Row[] {
  const { committed, elapsed, used, idle } = found;
  const { count, blocks } = committed;
  const perSend = (cpu: number): number => (1000 * cpu) / count;
  const all = used.reduce((sum, value) => sum + value, 0);
  const label = [NAME, 'processor time of all four nodes per committed send'] as const;
  return [
    atMost(label, perSend(all), MOST_MS_PER_SEND, millis),
    fact(NAME, 'of which node by node', used.map((cpu) => millis(perSend(cpu))).join(' + ')),
    fact(NAME, 'committed', `${(count / elapsed).toFixed(0)} a second`),
    fact(NAME, 'sends and blocks that held them', `${count} in ${blocks} blocks`),
    fact(NAME, 'processor share of all four nodes when idle', `${(100 * idle).toFixed(1)} %`),
  ];
}

export const bankSends: Benchmark = {
  name: 'sends',
  summary: 'bank sends through RPC: processor time of the nodes per committed send, and the rate',
  run: (options) => {
    const { profiles } = options;
    if (profiles !== undefined) mkdirSync(profiles, { recursive: true });
    const args = ['--accounts', String(options.accounts), '--no-l1'];
    return withNetwork({ args, ...(profiles !== undefined && { profiles }) }, (network) =>
      measure(network, options),
    );
  },
};

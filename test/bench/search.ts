/**
 * Searches among many transactions, asked over HTTP of a server on the node's own index and block store. The
 * client is another process. The server's event loop is watched: a search must not keep it from anything else. What
 * holds it is counted in time of the processor, which other programs on the machine do not lengthen.
 */
import { rmSync } from 'node:fs';
import { startFakeNode } from '../unit/rpc/fake-node.ts';
import type { BenchOptions, Benchmark } from './benchmark.ts';
import { drive, post } from './http-load.ts';
import { temporaryFolder } from './local-network.ts';
import { atMost, fact, micros, millis, percentile, whole, type Row } from './report.ts';
import { searchChain, type SearchChain } from './search-chain.ts';
import { kindsOf, type Kind } from './search-kinds.ts';

const NAME = 'search';
const MOST_BLOCKED_MS = 50;
const WARM_UP_SECONDS = 2;
const SECONDS = 6;
const KINDS_ASKED = 997;

/** The most processor time of this thread between two ticks of a quick timer. */
class LoopWatch {
  readonly #timer = setInterval(() => this.#tick(), 1);
  #last = process.threadCpuUsage();
  longestMs = 0;

  #tick(): void {
    const { user, system } = process.threadCpuUsage(this.#last);
    this.longestMs = Math.max(this.longestMs, (user + system) / 1000);
    this.#last = process.threadCpuUsage();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

async function measureKind(port: number, count: number, kind: Kind): Promise<Row[]> {
  const step = Math.max(1, Math.floor(count / KINDS_ASKED));
  const samples = Array.from({ length: KINDS_ASKED }, (_, i) => (i * step) % count);
  const requests = samples.map((sample) => {
    const params = { query: kind.query(sample), ...kind.params };
    return post('/', JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tx_search', params }));
  });
  const { connections, rate, mostP99Ms, expected = '"total_count"' } = kind;
  const load = { port, connections, requests, expected, ...(rate !== undefined && { rate }) };
  await drive({ ...load, seconds: WARM_UP_SECONDS });
  const loop = new LoopWatch();
  const before = process.cpuUsage();
  const { answers, seconds, latencies } = await drive({ ...load, seconds: SECONDS });
  const { user, system } = process.cpuUsage(before);
  loop.stop();
  const [p50, p99] = [percentile(latencies, 0.5), percentile(latencies, 0.99)];
  const cpu = micros((user + system) / answers);
  const shown = `${cpu} of processor each, p50 ${millis(p50)}, p99 ${millis(p99)}, ${whole(answers / seconds)} a second`;
  const lines = connections === 1 ? '1 connection' : `${connections} connections`;
  const held = [NAME, `${kind.what}: longest work before anything else gets a turn`] as const;
  return [
    fact(NAME, `${kind.what}: ${lines}`, shown),
    ...(mostP99Ms ? [atMost([NAME, `${kind.what}: p99`], p99, mostP99Ms, millis)] : []),
    atMost(held, loop.longestMs, MOST_BLOCKED_MS, millis),
  ];
}

async function measure(chain: SearchChain, { txs, say }: BenchOptions): Promise<Row[]> {
  const { reader, indexer } = chain;
  const node = await startFakeNode({}, { blocks: reader, indexer });
  const perTx = (1e6 * chain.indexSeconds) / txs;
  const rows = [
    fact(NAME, `writing the index of ${txs} transactions`, `${perTx.toFixed(0)} us each`),
  ];
  try {
    for (const kind of await kindsOf(txs)) {
      say(kind.what);
      rows.push(...(await measureKind(node.port, txs, kind)));
    }
  } finally {
    await node.server.stop();
  }
  return rows;
}

export const search: Benchmark = {
  name: NAME,
  summary:
    'tx_search among many transactions (--txs): latency, and how long it holds the event loop',
  run: async (options) => {
    const folder = temporaryFolder();
    try {
      options.say(`writing ${options.txs} transactions`);
      const chain = await searchChain(folder, options.txs, options.say);
      const rows = await measure(chain, options);
      await chain.close();
      return rows;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

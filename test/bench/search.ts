/**
 * Searches among many transactions, asked over HTTP of a server on the node's own index and block store. The
 * client is another process. The server's event loop is watched: a search must not keep it from anything else. What
 * holds it is counted in time of the processor, which other programs on the machine do not lengthen.
 */
import { rmSync } from 'node:fs';
import type { BenchOptions, Benchmark } from './benchmark.ts';
import { drive, post } from './http-load.ts';
import { pause, temporaryFolder } from './local-network.ts';
import { atMost, fact, micros, millis, percentile, whole, type Row } from './report.ts';
import { writeChain } from './search-chain.ts';
import { kindsOf, type Kind } from './search-kinds.ts';
import { SearchServer } from './search-server.ts';

const NAME = 'search';
const MOST_BLOCKED_MS = 50;
const WARM_UP_SECONDS = 2;
const SECONDS = 6;
const KINDS_ASKED = 997;
const MOST_SETTLE_SECONDS = 60;
const IDLE_MICROS_A_SECOND = 100_000;

async function measureKind(server: SearchServer, count: number, kind: Kind): Promise<Row[]> {
  const step = Math.max(1, Math.floor(count / KINDS_ASKED));
  const samples = Array.from({ length: KINDS_ASKED }, (_, i) => (i * step) % count);
  const requests = samples.map((sample) => {
    const params = { query: kind.query(sample), ...kind.params };
    return post('/', JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tx_search', params }));
  });
  const { connections, rate, mostP99Ms, expected = '"total_count"' } = kind;
  const load = {
    port: server.port,
    connections,
    requests,
    expected,
    ...(rate !== undefined && { rate }),
  };
  await drive({ ...load, seconds: WARM_UP_SECONDS });
  await server.spent();
  const { answers, seconds, latencies } = await drive({ ...load, seconds: SECONDS });
  const { cpuMicros, longestMs } = await server.spent();
  const [p50, p99] = [percentile(latencies, 0.5), percentile(latencies, 0.99)];
  const cpu = micros(cpuMicros / answers);
  const shown = `${cpu} of processor each, p50 ${millis(p50)}, p99 ${millis(p99)}, ${whole(answers / seconds)} a second`;
  const lines = connections === 1 ? '1 connection' : `${connections} connections`;
  const held = [NAME, `${kind.what}: longest work before anything else gets a turn`] as const;
  return [
    fact(NAME, `${kind.what}: ${lines}`, shown),
    ...(mostP99Ms ? [atMost([NAME, `${kind.what}: p99`], p99, mostP99Ms, millis)] : []),
    atMost(held, longestMs, MOST_BLOCKED_MS, millis),
  ];
}

/** What was written is put in order in the background for a while. */
async function settled(server: SearchServer): Promise<void> {
  for (let i = 0; i < MOST_SETTLE_SECONDS; i++) {
    await pause(1_000);
    const { cpuMicros } = await server.spent();
    if (cpuMicros < IDLE_MICROS_A_SECOND) return;
  }
}

async function measure(folder: string, { txs, say }: BenchOptions): Promise<Row[]> {
  const server = await SearchServer.start(folder);
  const rows: Row[] = [];
  try {
    await settled(server);
    for (const kind of await kindsOf(txs)) {
      say(kind.what);
      rows.push(...(await measureKind(server, txs, kind)));
    }
  } finally {
    await server.stop();
  }
  return rows;
}

export const search: Benchmark = {
  name: NAME,
  summary:
    'tx_search among many transactions (--txs): latency, and how long it holds the event loop',
  run: async (options) => {
    const { txs, say } = options;
    const folder = temporaryFolder();
    try {
      say(`writing ${txs} transactions`);
      const perTx = (1e6 * (await writeChain(folder, txs, say))) / txs;
      const written = fact(
        NAME,
        `writing the index of ${txs} transactions`,
        `${micros(perTx)} each`,
      );
      return [written, ...(await measure(folder, options))];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

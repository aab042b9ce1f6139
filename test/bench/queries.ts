/**
 * Queries of one node: processor time of its process, all threads, per answer. Each kind is asked over kept
 * connections, one request open on each; what the node takes when idle is measured in the same run and left
 * out; of five rounds the middle one counts. The client is another process; what it takes counts nowhere.
 */
import { QueryBalanceRequest } from 'cosmjs-types/cosmos/bank/v1beta1/query';
import { balanceKey } from '../../modules/bank/keys.ts';
import { accountText } from '../../node/base/address.ts';
import { toHex } from '../../node/base/bytes.ts';
import type { BenchOptions, Benchmark } from './benchmark.ts';
import { drive, get, post, type LoadResult } from './http-load.ts';
import { idleShare, withOneNode, type OneNode } from './one-node.ts';
import { cpuSeconds } from './processes.ts';
import { atLeast, atMost, fact, micros, millis, percentile, whole, type Row } from './report.ts';

const NAME = 'queries';
const DENOM = 'uscale';
const CONNECTIONS = 16;
const IDLE_SECONDS = 5;
/** Code that runs for the first time is compiled first, which is no matter of a single answer. */
const WARM_UP_SECONDS = 4;
const ROUND_SECONDS = 3;
/** Other processes disturb caches; the round in the middle is shown. */
const ROUNDS = 5;
const LEAST_BALANCES_A_SECOND = 5_000;

interface Kind {
  readonly what: string;
  readonly mostMicros: number;
  readonly url: string;
  readonly requests: readonly string[];
  readonly expected: string;
}

function kindsOf({ rpcUrl, restUrl, addresses }: OneNode): Kind[] {
  const query = (path: string, data: Uint8Array, prove: boolean): string => {
    const params = { path, data: toHex(data), prove };
    return post('/', JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'abci_query', params }));
  };
  const keys = addresses.map((address) => balanceKey(address, DENOM));
  const texts = addresses.map(accountText);
  const balances = texts.map((address) =>
    query(
      '/cosmos.bank.v1beta1.Query/Balance',
      QueryBalanceRequest.encode({ address, denom: DENOM }).finish(),
      false,
    ),
  );
  return [
    {
      what: 'abci_query, balance',
      mostMicros: 160,
      url: rpcUrl,
      requests: balances,
      expected: '"code":0',
    },
    {
      what: 'abci_query, raw store key',
      mostMicros: 120,
      url: rpcUrl,
      requests: keys.map((key) => query('/store/bank/key', key, false)),
      expected: '"value":"MTAw',
    },
    {
      what: 'abci_query, raw store key with proof',
      mostMicros: 200,
      url: rpcUrl,
      requests: keys.map((key) => query('/store/bank/key', key, true)),
      expected: 'ics23:simple',
    },
    {
      what: 'REST, balance',
      mostMicros: 200,
      url: restUrl,
      requests: texts.map((address) =>
        get(`/cosmos/bank/v1beta1/balances/${address}/by_denom?denom=${DENOM}`),
      ),
      expected: '"denom":"uscale"',
    },
  ];
}

interface Measured extends LoadResult {
  /** Processor seconds of the node, what it takes when idle left out. */
  readonly cpu: number;
}

async function measureKind(node: OneNode, kind: Kind, idle: number): Promise<Measured> {
  const port = Number(new URL(kind.url).port);
  const { requests, expected } = kind;
  const load = { port, connections: CONNECTIONS, requests, expected };
  await drive({ ...load, seconds: WARM_UP_SECONDS });
  const rounds: Measured[] = [];
  while (rounds.length < ROUNDS) {
    const before = cpuSeconds(node.pid);
    const result = await drive({ ...load, seconds: ROUND_SECONDS });
    rounds.push({ ...result, cpu: cpuSeconds(node.pid) - before - idle * result.seconds });
  }
  rounds.sort((a, b) => microsEach(a) - microsEach(b));
  return rounds[Math.floor(ROUNDS / 2)] as Measured;
}

const microsEach = ({ cpu, answers }: Measured): number => (1e6 * cpu) / answers;

function rowsOf(kind: Kind, measured: Measured): Row[] {
  const { answers, seconds, latencies } = measured;
  const rate = `${whole(answers / seconds)} a second, p50 ${millis(percentile(latencies, 0.5))}, p99 ${millis(percentile(latencies, 0.99))}`;
  return [
    atMost([NAME, kind.what], microsEach(measured), kind.mostMicros, micros),
    fact(NAME, `${kind.what}: answers with ${CONNECTIONS} connections`, rate),
  ];
}

async function measure(node: OneNode, options: BenchOptions): Promise<Row[]> {
  options.say(`idle for ${IDLE_SECONDS} s`);
  const idle = await idleShare(node, IDLE_SECONDS);
  const rows: Row[] = [];
  for (const [i, kind] of kindsOf(node).entries()) {
    options.say(kind.what);
    const measured = await measureKind(node, kind, idle);
    rows.push(...rowsOf(kind, measured));
    if (i > 0) continue;
    const label = [NAME, 'abci_query, balances in a second of processor time'] as const;
    rows.push(atLeast(label, measured.answers / measured.cpu, LEAST_BALANCES_A_SECOND, whole));
  }
  rows.push(fact(NAME, 'processor share of the idle node', `${(100 * idle).toFixed(1)} %`));
  return rows;
}

export const queries: Benchmark = {
  name: NAME,
  summary: 'balances and raw state asked of one node: processor time of its process per answer',
  run: (options) => {
    const { accounts, profiles } = options;
    return withOneNode({ accounts, profiles }, (node) => measure(node, options));
  },
};

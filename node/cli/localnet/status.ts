/** What the local network is doing, asked over the same public RPC that anybody uses. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { QueryStatusResponse } from '../../../proto/gen/bitscale/settlement/v1/query.ts';
import { remoteChain } from '../../rollup/chain.ts';
import type { L1Client } from '../../rollup/l1-client.ts';
import { STATUS } from '../../rollup/queries.ts';
import { nodeRpc, type LocalHome } from './layout.ts';
import type { LocalOptions } from './options.ts';
import { pause } from './waiting.ts';

export interface NodeStatus {
  /** Undefined while the node does not answer. */
  readonly height: number | undefined;
  readonly peers: number;
}

export interface NetworkStatus {
  readonly nodes: readonly NodeStatus[];
  readonly softFinal: number;
  readonly txsPerSecond: number;
  readonly batches: QueryStatusResponse | undefined;
  /** Batches accepted on L1, final or not. */
  readonly proven: bigint | undefined;
  /** What each prover says it is doing. */
  readonly provers: readonly string[];
}

interface Rpc {
  status: { sync_info: { latest_block_height: string } };
  net_info: { n_peers: string };
  blockchain: { block_metas: { num_txs: string; header: { time: string } }[] };
}

const TIMEOUT_MS = 2_000;
/** Blocks over which the rate of transactions is taken. */
const RATE_BLOCKS = 10;

async function ask<M extends keyof Rpc>(url: string, method: M, query = ''): Promise<Rpc[M]> {
  const reply = await fetch(`${url}/${method}${query}`, {
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const { result } = (await reply.json()) as { result?: Rpc[M] };
  if (result === undefined) throw new Error(`${method} was refused`);
  return result;
}

async function nodeStatus(url: string): Promise<NodeStatus> {
  try {
    const { sync_info: sync } = await ask(url, 'status');
    const { n_peers: peers } = await ask(url, 'net_info');
    return { height: Number(sync.latest_block_height), peers: Number(peers) };
  } catch {
    return { height: undefined, peers: 0 };
  }
}

async function rate(url: string, height: number): Promise<number> {
  const from = Math.max(1, height - RATE_BLOCKS);
  if (from >= height) return 0;
  const { block_metas: metas } = await ask(
    url,
    'blockchain',
    `?minHeight=${from}&maxHeight=${height}`,
  );
  const times = metas.map((meta) => Date.parse(meta.header.time));
  const txs = metas.slice(0, -1).reduce((sum, meta) => sum + Number(meta.num_txs), 0);
  const span = (Math.max(...times) - Math.min(...times)) / 1000;
  return span > 0 ? txs / span : 0;
}

export class StatusReader {
  readonly #home: LocalHome;
  readonly #options: LocalOptions;
  readonly #l1: L1Client | undefined;
  /** The question that L1 has not answered yet; one that hangs is not asked again and again. */
  #asked: Promise<bigint | undefined> | undefined;

  constructor(home: LocalHome, options: LocalOptions, l1?: L1Client) {
    this.#home = home;
    this.#options = options;
    this.#l1 = l1;
  }

  /** Height of the newest committed block that any node shows; 0 while none answers. */
  async height(): Promise<number> {
    return highest(await this.#nodes());
  }

  async read(): Promise<NetworkStatus> {
    const nodes = await this.#nodes();
    const softFinal = highest(nodes);
    const url = softFinal > 0 ? nodeRpc(nodes.findIndex((node) => node.height === softFinal)) : '';
    const [txsPerSecond, batches, proven] = await Promise.all([
      url ? rate(url, softFinal).catch(() => 0) : 0,
      url && this.#l1 ? queryStatus(url) : undefined,
      this.#proven(),
    ]);
    const provers = Array.from({ length: this.#options.provers }, (_, i) => this.#activity(i));
    return { nodes, softFinal, txsPerSecond, batches, proven, provers };
  }

  #nodes(): Promise<NodeStatus[]> {
    const urls = Array.from({ length: this.#options.validators }, (_, i) => nodeRpc(i));
    return Promise.all(urls.map(nodeStatus));
  }

  async #proven(): Promise<bigint | undefined> {
    if (!this.#l1) return undefined;
    this.#asked ??= this.#l1
      .tip()
      .then(({ batchCount }) => batchCount)
      .catch(() => undefined)
      .finally(() => (this.#asked = undefined));
    return Promise.race([this.#asked, pause(TIMEOUT_MS, NEVER).then(() => undefined)]);
  }

  #activity(index: number): string {
    try {
      return readFileSync(activityFile(this.#home, index), 'utf8').trim();
    } catch {
      return 'starting';
    }
  }
}

/** Where a prover says what it is doing. */
export const activityFile = (home: LocalHome, index: number): string =>
  join(home.prover(index), 'activity');

const NEVER = new AbortController().signal;

function highest(nodes: readonly NodeStatus[]): number {
  return Math.max(0, ...nodes.map(({ height }) => height ?? 0));
}

async function queryStatus(url: string): Promise<QueryStatusResponse | undefined> {
  return remoteChain(url)
    .query(STATUS, {})
    .catch(() => undefined);
}

/** One line for logs and pipes. */
export function statusLine(status: NetworkStatus): string {
  const { nodes, batches, proven, provers } = status;
  const parts = [
    `soft-final height ${status.softFinal}`,
    `nodes at ${nodes.map(({ height }) => height ?? 'down').join('/')}`,
    `peers ${nodes.map(({ peers }) => peers).join('/')}`,
    `${status.txsPerSecond.toFixed(1)} txs/s`,
  ];
  if (batches) {
    const { sealed, final } = batches;
    parts.push(`batches sealed ${sealed} / proven ${proven ?? '?'} / final ${final}`);
    parts.push(`provers ${provers.join(', ')}`);
  }
  return parts.join(' | ');
}

const row = (label: string, text: string): string => `  ${label.padEnd(12)} ${text}`;

/** A few rows for a terminal of 80 columns. */
export function statusBlock(status: NetworkStatus): string[] {
  const { nodes, batches, provers } = status;
  const heights = nodes.map(({ height }) => height ?? 'down').join('  ');
  const rows = [
    row('soft-final', `height ${status.softFinal}, ${status.txsPerSecond.toFixed(1)} txs/s`),
    row('validators', `at ${heights}`),
    row('peers', nodes.map(({ peers }) => peers).join('  ')),
  ];
  if (batches) {
    const { sealed, attested, final, openOperations } = batches;
    const proven = status.proven ?? '? (L1 does not answer)';
    const counts = `sealed ${sealed}, attested ${attested}, proven ${proven}, final ${final}`;
    rows.push(row('batches', `${counts}; ${openOperations} operations waiting`));
    rows.push(row('provers', provers.join(', ')));
  }
  return rows;
}

/** What the local network is doing, asked over the same public RPC that anybody uses. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { QueryStatusResponse } from '../../../proto/gen/bitscale/settlement/v1/query.ts';
import { remoteChain } from '../../rollup/chain.ts';
import type { L1Client } from '../../rollup/l1-client.ts';
import { STATUS } from '../../rollup/queries.ts';
import { nodeRpc, type LocalHome } from './layout.ts';
import type { LocalOptions } from './options.ts';

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

  constructor(home: LocalHome, options: LocalOptions, l1: L1Client | undefined) {
    this.#home = home;
    this.#options = options;
    this.#l1 = l1;
  }

  async read(): Promise<NetworkStatus> {
    const urls = Array.from({ length: this.#options.validators }, (_, i) => nodeRpc(i));
    const nodes = await Promise.all(urls.map(nodeStatus));
    const softFinal = Math.max(0, ...nodes.map(({ height }) => height ?? 0));
    const at = nodes.findIndex(({ height }) => height === softFinal);
    const url = urls[at];
    const answers = url !== undefined && softFinal > 0;
    return {
      nodes,
      softFinal,
      txsPerSecond: answers ? await rate(url, softFinal).catch(() => 0) : 0,
      batches: answers
        ? await remoteChain(url)
            .query(STATUS, {})
            .catch(() => undefined)
        : undefined,
      proven: await this.#proven(),
      provers: Array.from({ length: this.#options.provers }, (_, i) => this.#activity(i)),
    };
  }

  async #proven(): Promise<bigint | undefined> {
    try {
      return (await this.#l1?.tip())?.batchCount;
    } catch {
      return undefined;
    }
  }

  #activity(index: number): string {
    try {
      return readFileSync(join(this.#home.prover(index), 'activity'), 'utf8').trim();
    } catch {
      return 'starting';
    }
  }
}

/** One line for logs and pipes. */
export function statusLine(status: NetworkStatus): string {
  const heights = status.nodes.map(({ height }) => height ?? 'down').join('/');
  const peers = status.nodes.map(({ peers: count }) => count).join('/');
  const parts = [
    `soft-final height ${status.softFinal}`,
    `nodes at ${heights}`,
    `peers ${peers}`,
    `${status.txsPerSecond.toFixed(1)} txs/s`,
  ];
  if (status.batches && status.provers.length > 0) {
    const { sealed, final } = status.batches;
    parts.push(`batches sealed ${sealed} / proven ${status.proven ?? '?'} / final ${final}`);
    parts.push(`provers: ${status.provers.join(', ')}`);
  }
  return parts.join(' | ');
}

/** A few lines for a terminal. */
export function statusBlock(status: NetworkStatus): string[] {
  const nodes = status.nodes.map(({ height, peers }, i) =>
    height === undefined ? `node${i} down` : `node${i} ${height} (${peers} peers)`,
  );
  const lines = [
    `  soft-final height  ${status.softFinal}    ${status.txsPerSecond.toFixed(1)} txs/s`,
    `  nodes              ${nodes.join('   ')}`,
  ];
  if (status.batches && status.provers.length > 0) {
    const { sealed, attested, final, openOperations } = status.batches;
    const proven = status.proven ?? '?';
    lines.push(
      `  batches            sealed ${sealed}  attested ${attested}  proven ${proven}  final ${final}  (${openOperations} operations open)`,
      `  provers            ${status.provers.join('   ')}`,
    );
  }
  return lines;
}

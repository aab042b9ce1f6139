/** What a node says over RPC, with a deadline for every question: nodes here may be dead, stopped or cut off. */

const ANSWER_MS = 3_000;
const METAS = 20;

export interface Status {
  readonly height: number;
  readonly hash: string;
  readonly earliest: number;
  readonly catchingUp: boolean;
}

export interface Meta {
  readonly height: number;
  readonly hash: string;
  readonly appHash: string;
  readonly time: string;
  readonly txs: number;
}

interface Answer<T> {
  readonly result?: T;
  readonly error?: { readonly message: string; readonly data?: string };
}

interface RawMeta {
  readonly block_id: { readonly hash: string };
  readonly header: { readonly height: string; readonly app_hash: string; readonly time: string };
  readonly num_txs: string;
}

/** The node answered, and what it said was an error. */
export class Refusal extends Error {}

export class NodeRpc {
  readonly #url: string;
  readonly #metrics: string;

  constructor(port: number, metricsPort: number) {
    this.#url = `http://127.0.0.1:${port}`;
    this.#metrics = `http://127.0.0.1:${metricsPort}/metrics`;
  }

  get socketUrl(): string {
    return `${this.#url.replace('http', 'ws')}/websocket`;
  }

  async call<T>(method: string, params: object = {}): Promise<T> {
    const reply = await fetch(this.#url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    const { result, error } = (await reply.json()) as Answer<T>;
    if (result !== undefined) return result;
    throw new Refusal(`${error?.message ?? 'no result'}: ${error?.data ?? ''}`);
  }

  async status(): Promise<Status> {
    const { sync_info: info } = await this.call<{ sync_info: Record<string, string | boolean> }>(
      'status',
    );
    return {
      height: Number(info['latest_block_height']),
      hash: String(info['latest_block_hash']),
      earliest: Number(info['earliest_block_height']),
      catchingUp: info['catching_up'] === true,
    };
  }

  /** Undefined while it does not answer. */
  async height(): Promise<number | undefined> {
    return this.status().then(
      ({ height }) => height,
      () => undefined,
    );
  }

  /** All headers from one height to another, ascending. */
  async metas(from: number, to: number): Promise<Meta[]> {
    const found: Meta[] = [];
    for (let low = from; low <= to; low += METAS) {
      const range = { minHeight: String(low), maxHeight: String(Math.min(to, low + METAS - 1)) };
      const { block_metas: metas } = await this.call<{ block_metas: RawMeta[] }>(
        'blockchain',
        range,
      );
      found.push(...metas.map(metaOf).sort((a, b) => a.height - b.height));
    }
    return found;
  }

  /** Peer ids of its connections. */
  async peers(): Promise<string[]> {
    const { peers } = await this.call<{ peers: { node_info: { id: string } }[] }>('net_info');
    return peers.map(({ node_info: info }) => info.id);
  }

  /** The value of a measurement; undefined when there is none of that name. */
  async metric(name: string): Promise<number | undefined> {
    const reply = await fetch(this.#metrics, { signal: AbortSignal.timeout(ANSWER_MS) });
    const line = new RegExp(`^${name}(?:\\{[^}]*\\})? (.+)$`, 'm').exec(await reply.text());
    return line === null ? undefined : Number(line[1]);
  }
}

function metaOf({ block_id: id, header, num_txs: txs }: RawMeta): Meta {
  const { height, app_hash: appHash, time } = header;
  return { height: Number(height), hash: id.hash, appHash, time, txs: Number(txs) };
}

/** JSON-RPC for benchmarks: connections are kept, so that the client costs as little as can be. */
import { Agent, request } from 'node:http';

const TIMEOUT_MS = 30_000;

export interface Answer<T> {
  readonly result?: T;
  readonly error?: { readonly message: string; readonly data?: string };
}

export class Rpc {
  readonly #url: URL;
  readonly #agent: Agent;

  constructor(url: string, connections = 8) {
    this.#url = new URL(url);
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /** The whole answer, refusals included. */
  ask<T>(method: string, params: object): Promise<Answer<T>> {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    const options = { method: 'POST', agent: this.#agent, headers, timeout: TIMEOUT_MS };
    return new Promise((resolve, reject) => {
      const sent = request(this.#url, options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          try {
            resolve(JSON.parse(Buffer.concat(chunks).toString()) as Answer<T>);
          } catch (error) {
            reject(error as Error);
          }
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  /** Throws when the node refuses. */
  async call<T>(method: string, params: object = {}): Promise<T> {
    const { result, error } = await this.ask<T>(method, params);
    if (result !== undefined) return result;
    throw new Error(`${method}: ${error?.message ?? 'no answer'} ${error?.data ?? ''}`);
  }

  async height(): Promise<number> {
    const status = await this.call<{ sync_info: { latest_block_height: string } }>('status');
    return Number(status.sync_info.latest_block_height);
  }

  /** An application query; throws unless it succeeds. */
  async query(path: string, data: Uint8Array): Promise<Uint8Array> {
    const { response } = await this.call<{
      response: { code?: number; log?: string; value?: string };
    }>('abci_query', { path, data: Buffer.from(data).toString('hex'), height: '0', prove: false });
    if (response.code) throw new Error(`${path}: ${response.log}`);
    return Buffer.from(response.value ?? '', 'base64');
  }

  close(): void {
    this.#agent.destroy();
  }
}

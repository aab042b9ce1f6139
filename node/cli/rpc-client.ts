/** Asks a node over CometBFT's JSON-RPC. */
import { fromBase64, toHex, type Bytes } from '../base/bytes.ts';
import { EXIT_DATA, EXIT_IO, ExitError } from '../base/exit.ts';

const TIMEOUT_MS = 15_000;

export type Json = Record<string, unknown>;

export interface AbciAnswer {
  readonly value: Bytes;
  /** The answer as the node gave it. */
  readonly response: Json;
}

export class RpcClient {
  readonly #url: string;

  /** `tcp://` is what the Cosmos SDK's programs write for `http://`. */
  constructor(url: string) {
    this.#url = url.replace(/^tcp:/, 'http:');
  }

  /** Throws ExitError 74 when nobody answers, 65 when the node refuses. */
  async call(method: string, params: Json = {}): Promise<Json> {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    let reply: { result?: Json; error?: { message?: string; data?: string } };
    try {
      const answer = await fetch(this.#url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      reply = (await answer.json()) as typeof reply;
    } catch (cause) {
      throw new ExitError(EXIT_IO, `no answer from ${this.#url}; is a node running there?`, {
        cause,
      });
    }
    if (reply.result !== undefined) return reply.result;
    const { message = 'no result', data = '' } = reply.error ?? {};
    throw new ExitError(EXIT_DATA, data === '' ? message : `${message}: ${data}`);
  }

  /** A query of the application. Throws ExitError 65 with the application's own words when it fails. */
  async abciQuery(path: string, data: Bytes, options: QueryOptions = {}): Promise<AbciAnswer> {
    const { height = 0, prove = false } = options;
    const params = { path, data: toHex(data), height: String(height), prove };
    const { response } = (await this.call('abci_query', params)) as { response: Json };
    const { code = 0, codespace = '', log = '', value } = response;
    if (code !== 0)
      throw new ExitError(EXIT_DATA, `${String(log)} (${String(codespace)}/${String(code)})`);
    return {
      value: fromBase64(typeof value === 'string' ? value : ''),
      response,
    };
  }
}

export interface QueryOptions {
  /** 0 for the newest. */
  readonly height?: number;
  readonly prove?: boolean;
}

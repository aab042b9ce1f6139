/** How the rollup parts ask the chain: typed queries over abci_query, in this process or over HTTP. */
import { fromBase64, toHex, type Bytes } from '../base/bytes.ts';
import { BitscaleError } from '../base/errors.ts';

interface Encoder<T> {
  encode(message: T): { finish(): Bytes };
}
interface Decoder<T> {
  decode(bytes: Bytes): T;
}

/** One query method of the chain: its path and the codecs of its messages. */
export interface QueryMethod<Req, Res> {
  readonly path: string;
  readonly request: Encoder<Req>;
  readonly response: Decoder<Res>;
}

export interface ChainQuery {
  /** Throws BitscaleError when the chain refuses, and any other error when it cannot be reached. */
  query<Req, Res>(method: QueryMethod<Req, Res>, request: Req): Promise<Res>;
}

interface Answer {
  readonly code: number;
  readonly codespace: string;
  readonly log: string;
  readonly value: Bytes;
}

function unwrap<Req, Res>(method: QueryMethod<Req, Res>, answer: Answer): Res {
  const { code, codespace, log } = answer;
  if (code !== 0) throw new BitscaleError({ code, codespace, text: log });
  return method.response.decode(answer.value);
}

/** Asks the application of this process. */
export function localChain(app: {
  query(request: { path: string; data: Bytes; height: number; prove: boolean }): Answer;
}): ChainQuery {
  return {
    query: async (method, request) => {
      const data = method.request.encode(request).finish();
      return unwrap(method, app.query({ path: method.path, data, height: 0, prove: false }));
    },
  };
}

const REQUEST_TIMEOUT_MS = 10_000;

/** Asks a node over its JSON-RPC. */
export function remoteChain(rpcUrl: string): ChainQuery {
  return {
    query: async (method, request) => {
      const data = toHex(method.request.encode(request).finish());
      const params = { path: method.path, data, height: '0', prove: false };
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'abci_query', params });
      const headers = { 'content-type': 'application/json' };
      const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
      const reply = await fetch(rpcUrl, { method: 'POST', body, headers, signal });
      const { result, error } = (await reply.json()) as {
        result?: {
          response: { code: number; codespace: string; log: string; value: string | null };
        };
        error?: { message: string; data?: string };
      };
      if (!result)
        throw new Error(`${rpcUrl}: ${error?.message ?? reply.status} ${error?.data ?? ''}`);
      const { code, codespace, log, value } = result.response;
      return unwrap(method, { code, codespace, log, value: fromBase64(value ?? '') });
    },
  };
}

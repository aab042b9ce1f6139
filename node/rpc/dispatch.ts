/**
 * From the text of a request to the text of its answer: JSON-RPC 2.0 as CometBFT speaks it. Synchronous
 * methods are answered synchronously, so that a subscription's first event never overtakes its reply.
 */
import { BitscaleError } from '../base/errors.ts';
import { MAX_JSON_DEPTH, MAX_RPC_BATCH } from '../base/limits.ts';
import { clientShare } from '../base/loop-share.ts';
import type { Logger } from '../base/service.ts';
import {
  INTERNAL_ERROR,
  INVALID_REQUEST,
  METHOD_NOT_FOUND,
  PARSE_ERROR,
  RpcError,
} from './errors.ts';
import { JsonText, type Json } from './json/scalars.ts';
import type { CallContext, Method, Methods, RequestId, Subscriber } from './method.ts';
import { argsFromJson } from './params.ts';

export interface Reply {
  /** False when the request was not JSON at all. */
  readonly understood: boolean;
  /** '' when nothing is to be answered. */
  readonly text: string;
}

export class Dispatcher {
  readonly #methods: ReadonlyMap<string, Method>;
  readonly #logger: Logger;

  constructor(methods: Methods, logger: Logger) {
    this.#methods = new Map(Object.entries(methods));
    this.#logger = logger;
  }

  method(name: string): Method | undefined {
    return this.#methods.get(name);
  }

  names(): readonly string[] {
    return [...this.#methods.keys()];
  }

  /** One request or a batch. Never throws. */
  handle(body: string, subscriber?: Subscriber): Reply | Promise<Reply> {
    let request: unknown;
    try {
      if (nestsDeeper(body, MAX_JSON_DEPTH)) throw new SyntaxError('nested too deep');
      request = LARGE_ID.test(body) ? parseKeepingIds(body) : JSON.parse(body);
    } catch (error) {
      const detail = `error unmarshaling request: ${(error as Error).message}`;
      return { understood: false, text: failure(null, new RpcError(PARSE_ERROR, detail)) };
    }
    const text = Array.isArray(request)
      ? this.#batch(request, subscriber)
      : this.#single(request, subscriber);
    if (typeof text === 'string') return { understood: true, text };
    return text.then((answer) => ({ understood: true, text: answer }));
  }

  /** Runs one method for the id given; errors become an error answer. */
  call(
    method: Method,
    context: CallContext,
    args: () => object,
  ): { text: string; failed: boolean } | Promise<{ text: string; failed: boolean }> {
    const failed = (error: unknown): { text: string; failed: boolean } => {
      return { text: failure(context.id, this.#asRpcError(error)), failed: true };
    };
    const succeeded = (result: Json | JsonText): { text: string; failed: boolean } => {
      return { text: success(context.id, result), failed: false };
    };
    try {
      const result = method.run(args(), context);
      return result instanceof Promise ? result.then(succeeded).catch(failed) : succeeded(result);
    } catch (error) {
      return failed(error);
    }
  }

  async #batch(requests: readonly unknown[], subscriber?: Subscriber): Promise<string> {
    if (requests.length === 0) return failure(null, new RpcError(INVALID_REQUEST, 'empty batch'));
    if (requests.length > MAX_RPC_BATCH) {
      const detail = `request batch size (${requests.length}) exceeds limit (${MAX_RPC_BATCH})`;
      return failure(null, new RpcError(INVALID_REQUEST, detail));
    }
    const begun = requests.map((request) => {
      return new Promise<string>((resolve) => {
        const answer = (): void => resolve(this.#single(request, subscriber));
        if (clientShare.isSpent) clientShare.later(answer);
        else clientShare.spend(answer);
      });
    });
    const answers = (await Promise.all(begun)).filter((text) => text !== '');
    return answers.length === 0 ? '' : `[${answers.join(',')}]`;
  }

  #single(request: unknown, subscriber?: Subscriber): string | Promise<string> {
    const refuse = (code: number, detail: string, id: RequestId | null = null): string =>
      failure(id, new RpcError(code, detail));
    if (typeof request !== 'object' || request === null || Array.isArray(request)) {
      return refuse(INVALID_REQUEST, 'a request is an object');
    }
    const { id, method: name, params, jsonrpc } = request as Record<string, unknown>;
    if (id !== undefined && id !== null && !isId(id)) {
      return refuse(INVALID_REQUEST, 'an id is a string or an integer');
    }
    if (jsonrpc !== undefined && jsonrpc !== '2.0') {
      return refuse(INVALID_REQUEST, 'jsonrpc must be "2.0"', id ?? null);
    }
    if (typeof name !== 'string' || name === '') {
      return refuse(INVALID_REQUEST, 'method is missing', id ?? null);
    }
    // A notification: like CometBFT, neither run nor answered.
    if (id === undefined || id === null) return '';
    const method = this.#methods.get(name);
    if (!method || (method.socketOnly && !subscriber)) {
      return refuse(METHOD_NOT_FOUND, name.slice(0, 64), id);
    }
    const context: CallContext = subscriber ? { id, subscriber } : { id };
    const outcome = this.call(method, context, () => argsFromJson(method.params, params));
    return outcome instanceof Promise ? outcome.then(({ text }) => text) : outcome.text;
  }

  #asRpcError(error: unknown): RpcError {
    if (error instanceof RpcError) return error;
    if (error instanceof BitscaleError) return new RpcError(INTERNAL_ERROR, error.message);
    this.#logger.error('an RPC method failed unexpectedly', { error: String(error) });
    return new RpcError(INTERNAL_ERROR, 'unexpected failure; see the log of the node');
  }
}

function isId(id: unknown): id is RequestId {
  if (typeof id === 'number') return Number.isSafeInteger(id);
  return typeof id === 'string' || typeof id === 'bigint';
}

const LARGE_ID = /"id"\s*:\s*-?[1-9][0-9]{15}/;

/** Ids come back as they were sent, also integers that a number would round. */
function parseKeepingIds(body: string): unknown {
  // The context of a reviver is newer than its type, and absent in old runtimes.
  const keep = (key: string, value: unknown, ...[context]: { source?: string }[]): unknown => {
    if (key !== 'id' || typeof value !== 'number' || Number.isSafeInteger(value)) return value;
    const source = context?.source ?? '';
    return /^-?[0-9]+$/.test(source) ? BigInt(source) : value;
  };
  return JSON.parse(body, keep);
}

/** The id as JSON. */
export function idText(id: RequestId | null): string {
  return typeof id === 'bigint' ? id.toString() : JSON.stringify(id);
}

export function success(id: RequestId, result: Json | JsonText): string {
  const text = result instanceof JsonText ? result.text : JSON.stringify(result);
  return `{"jsonrpc":"2.0","id":${idText(id)},"result":${text}}`;
}

export function failure(id: RequestId | null, { code, message, data }: RpcError): string {
  const error = JSON.stringify({ code, message, data });
  return `{"jsonrpc":"2.0","id":${idText(id)},"error":${error}}`;
}

const QUOTE = 34;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

/** Looks at the text before it is parsed: a parser that recurses must never see a deep one. */
export function nestsDeeper(text: string, limit: number): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) i = stringEnd(text, i);
    else if (code === OPEN_BRACKET || code === OPEN_BRACE) {
      depth++;
      if (depth > limit) return true;
    } else if (code === CLOSE_BRACKET || code === CLOSE_BRACE) depth--;
  }
  return false;
}

/** Where the string that starts at `start` ends; the end of the text when it does not. */
function stringEnd(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let escapes = 0;
    while (text.charCodeAt(end - 1 - escapes) === BACKSLASH) escapes++;
    if (escapes % 2 === 0) return end;
  }
  return text.length;
}

/** THE table of methods, and the one way to call them: gRPC and REST differ in how they are asked only. */
import type { QueryRequest, QueryResponse } from '../app/abci.ts';
import { assert } from '../base/errors.ts';
import type { Bytes } from '../base/bytes.ts';
import { Deadline } from '../base/deadline.ts';
import { MAX_QUERY_MS } from '../base/limits.ts';
import { TOO_MANY_WAIT } from '../base/loop-share.ts';
import type { Logger } from '../base/service.ts';
import type { JsonCodec, Method, Queries } from './expected.ts';
import {
  DEADLINE_EXCEEDED,
  GatewayError,
  INTERNAL,
  refusal,
  UNAVAILABLE,
  UNIMPLEMENTED,
} from './status.ts';

const ABOUT_THE_NODE = '/cosmos.base.';
const RETRY_SECONDS = 1;

const unavailable = (why: string): GatewayError =>
  new GatewayError(UNAVAILABLE, why, RETRY_SECONDS);

/** For a call that is not even allowed to wait. */
export const overloaded = (): GatewayError => unavailable(TOO_MANY_WAIT);

export interface Answer {
  readonly value: Bytes;
  /** Of the state that answered. */
  readonly height: number;
}

export class Calls {
  readonly #queries: Queries;
  readonly #logger: Logger;
  readonly #methods = new Map<string, Method>();
  #faults = 0;

  constructor(queries: Queries, logger: Logger) {
    this.#queries = queries;
    this.#logger = logger;
    for (const method of queries.methods) {
      assert(!this.#methods.has(method.path), `method ${method.path} is claimed twice`);
      this.#methods.set(method.path, method);
    }
  }

  get methods(): readonly Method[] {
    return [...this.#methods.values()];
  }

  method(path: string): Method | undefined {
    return this.#methods.get(path);
  }

  type(typeUrl: string): JsonCodec | undefined {
    return this.#queries.type(typeUrl);
  }

  /**
   * `height` 0 asks the newest state; `withinMs` is how long the client waits. Throws GatewayError, and nothing
   * else.
   */
  async call(path: string, data: Bytes, height: number, withinMs = Infinity): Promise<Answer> {
    if (!this.#methods.has(path)) throw new GatewayError(UNIMPLEMENTED, `unknown method ${path}`);
    const tip = this.#queries.tip();
    this.#requireState(path, height, tip);
    try {
      const answer = await this.#inTime({ path, data, height, prove: false }, withinMs);
      if (answer.code !== 0) throw refusal(answer, height, tip);
      return { value: answer.value, height: answer.height };
    } catch (error) {
      throw this.known(error, path);
    }
  }

  /** What this node says of itself it knows at any time, and old states do not change. */
  #requireState(path: string, height: number, tip: number): void {
    if (tip === 0) throw unavailable('the node has no state yet');
    if (height !== 0 || path.startsWith(ABOUT_THE_NODE) || !this.#queries.isSyncing()) return;
    throw unavailable('the node is syncing: its newest state is old');
  }

  /** Who waits no longer gets no work done. */
  async #inTime(request: QueryRequest, withinMs: number): Promise<QueryResponse> {
    const late = new GatewayError(DEADLINE_EXCEEDED, 'deadline exceeded');
    const deadline = new Deadline(Math.min(withinMs, MAX_QUERY_MS), late);
    deadline.check();
    const answer = this.#queries.query(request, deadline);
    if (!(answer instanceof Promise)) return answer;
    let timer: NodeJS.Timeout | undefined;
    const end = new Promise<never>((_, reject) => {
      // A timer may be early by a part of a millisecond.
      timer = setTimeout(() => {
        deadline.expire();
        reject(late);
      }, deadline.leftMs);
    });
    return Promise.race([answer, end]).finally(() => clearTimeout(timer));
  }

  /** What a client may know of an error: of a fault only a number, by which the operator finds it in the log. */
  known(error: unknown, path: string): GatewayError {
    if (error instanceof GatewayError) return error;
    this.#faults += 1;
    const id = `${process.pid}-${this.#faults}`;
    this.#logger.error('a query failed', { id, path, error: String(error) });
    return new GatewayError(INTERNAL, `internal error ${id}`);
  }
}

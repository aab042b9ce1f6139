/** THE table of methods, and the one way to call them: gRPC and REST differ in how they are asked only. */
import { assert } from '../base/errors.ts';
import type { Bytes } from '../base/bytes.ts';
import type { Logger } from '../base/service.ts';
import type { JsonCodec, Method, Queries } from './expected.ts';
import { GatewayError, INTERNAL, refusal, UNAVAILABLE, UNIMPLEMENTED } from './status.ts';

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

  /** `height` 0 asks the newest state. Throws GatewayError, and nothing else. */
  async call(path: string, data: Bytes, height: number): Promise<Answer> {
    if (!this.#methods.has(path)) throw new GatewayError(UNIMPLEMENTED, `unknown method ${path}`);
    const tip = this.#queries.tip();
    if (tip === 0) throw new GatewayError(UNAVAILABLE, 'the node has no state yet');
    try {
      const answer = await this.#queries.query({ path, data, height, prove: false });
      if (answer.code !== 0) throw refusal(answer, height, tip);
      return { value: answer.value, height: answer.height };
    } catch (error) {
      throw this.known(error, path);
    }
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

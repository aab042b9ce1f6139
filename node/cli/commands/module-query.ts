/** A query of a module as a command: from arguments to a request, from the answer to JSON. */
import type { Bytes } from '../../base/bytes.ts';
import type { Call, Command } from '../command.ts';
import { RpcClient } from '../rpc-client.ts';
import { NODE_OPTION, printJson } from '../shared-options.ts';

interface Request<T> {
  encode(message: T): { finish(): Bytes };
}

interface Response<T> {
  decode(bytes: Bytes): T;
  toJSON?(message: T): unknown;
}

export interface ModuleQuery<Q, R> {
  /** After "query". */
  readonly name: string;
  readonly summary: string;
  readonly arguments?: readonly string[];
  readonly path: string;
  readonly request: Request<Q>;
  readonly response: Response<R>;
  readonly read: (call: Call) => Q;
}

export function moduleQuery<Q, R>(query: ModuleQuery<Q, R>): Command {
  return {
    name: `query ${query.name}`,
    summary: query.summary,
    arguments: query.arguments ?? [],
    options: {
      ...NODE_OPTION,
      height: { value: '<number>', help: 'state after this block; 0 for the newest', default: '0' },
    },
    async run(call, terminal) {
      const data = query.request.encode(query.read(call)).finish();
      const rpc = new RpcClient(call.text('node'));
      const { value } = await rpc.abciQuery(query.path, data, { height: call.integer('height') });
      const answer = query.response.decode(value);
      printJson(terminal, query.response.toJSON?.(answer) ?? answer);
    },
  };
}

/** The table of everything that a node answers, for programs that ask: names and codecs, nobody to answer. */
import type { Application } from './app/application.ts';
import { applicationAt } from './application-at.ts';
import { InvariantError } from './base/errors.ts';
import { typesOf } from './ask-application.ts';
import { nodeMethods, type NodeMethodParts } from './gateway-parts.ts';
import type { Method } from './gateway/expected.ts';
import type { TypeFinder } from './gateway/json/to-json.ts';
import { finalityMethod } from './query-app.ts';
import { MemoryDb } from './store/memory-db.ts';

export interface MethodTable {
  /** By `/package.Service/Method`. */
  readonly methods: ReadonlyMap<string, Method>;
  /** What may stand in an Any. */
  readonly types: TypeFinder;
}

/** Stands where a running node has its parts. */
const nobody = new Proxy(
  {},
  {
    get(_, name): never {
      throw new InvariantError(`the table of methods has no node to ask for ${String(name)}`);
    },
  },
) as never;

/** An application without any state, which knows its types all the same. */
export function emptyApplication(chainId: string): Application {
  return applicationAt(new MemoryDb(), { chainId });
}

export function methodTable(): MethodTable {
  const app = emptyApplication('table-of-methods');
  const parts: NodeMethodParts = {
    app,
    node: nobody,
    blocks: nobody,
    indexer: nobody,
    pool: nobody,
  };
  const methods = [
    ...(app.registry.queries() as readonly object[] as readonly Method[]),
    ...nodeMethods(parts),
    finalityMethod(nobody),
  ];
  return { methods: new Map(methods.map((method) => [method.path, method])), types: typesOf(app) };
}

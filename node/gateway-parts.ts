/** The gateway with the node's parts plugged in. */
import type { Deadline } from './base/deadline.ts';
import type { QueryRequest } from './app/abci.ts';
import { askApplication, typesOf } from './ask-application.ts';
import type { Application } from './app/application.ts';
import { invalidArgument } from './app/query-error.ts';
import { EXIT_IO, ExitError, systemCode } from './base/exit.ts';
import type { Logger } from './base/service.ts';
import type { NodeConfig } from './config.ts';
import { Calls } from './gateway/calls.ts';
import type {
  Blocks,
  CommittedTx,
  Method,
  NodeFacts,
  TxIndex,
  TxPool,
} from './gateway/expected.ts';
import { GrpcServer } from './gateway/grpc/server.ts';
import { tendermintMethods } from './gateway/methods/tendermint.ts';
import { transactionMethods } from './gateway/methods/transactions.ts';
import type { NodeMethod } from './gateway/node-method.ts';
import type { Documents } from './gateway/rest/handler.ts';
import { RestServer } from './gateway/rest/server.ts';
import type { Stoppable } from './node.ts';
import { RpcError } from './rpc/errors.ts';
import type { BlockReader, QueryApp } from './rpc/expected.ts';
import { txAt, txsAt, type CommittedTx as FoundTx } from './rpc/index/committed-txs.ts';
import type { Indexer } from './rpc/index/indexer.ts';
import { searchTxs } from './rpc/index/tx-search.ts';
import { parseQuery } from './rpc/query/query.ts';

export interface NodeMethodParts {
  readonly app: Application;
  readonly node: NodeFacts;
  readonly blocks: BlockReader;
  readonly indexer: Indexer;
  readonly pool: TxPool;
}

/** What the node answers itself; with the application's queries this is the whole table. */
export function nodeMethods(parts: NodeMethodParts): readonly NodeMethod[] {
  const { app, node, indexer, pool } = parts;
  const reader = parts.blocks;
  const tip = (): number => Math.min(reader.height(), indexer.height());
  const blocks: Blocks = {
    tip,
    block: (height) => reader.block(height),
    validators: (height) => reader.validators(height),
  };
  const index = txIndex(reader, indexer, tip);
  return [
    ...tendermintMethods({ node, blocks, query: (request) => askApplication(app, request) }),
    ...transactionMethods({ blocks, index, pool }),
  ];
}

function txIndex(reader: BlockReader, indexer: Indexer, tip: () => number): TxIndex {
  const committed = ({ header, ...found }: FoundTx): CommittedTx => ({
    ...found,
    time: header.time,
  });
  return {
    tx: (hash) => {
      const place = indexer.txByHash(hash);
      const found = place && place.height <= tip() ? txAt(reader, place) : undefined;
      return found && committed(found);
    },
    search: async (text, { page, perPage, descending }, deadline) => {
      try {
        const query = { ...parseQuery(text), ...(deadline && { deadline }) };
        const found = await searchTxs(indexer, reader, query, tip());
        const places = found.page((page - 1) * perPage, perPage, descending);
        return { total: found.total, txs: (await txsAt(reader, places)).map(committed) };
      } catch (error) {
        throw error instanceof RpcError ? invalidArgument(error.data) : error;
      }
    },
  };
}

export interface GatewayParts {
  readonly app: Application;
  readonly node: Pick<NodeFacts, 'status'>;
  readonly queries: QueryApp;
  readonly methods: readonly NodeMethod[];
  readonly logger: Logger;
  /** REST answers that never change, by path. */
  readonly documents?: Documents;
}

/** REST and gRPC, as far as the settings want them. Rejects with ExitError 74 when a port is taken. */
export async function startGateway(
  { api, grpc }: Pick<NodeConfig, 'api' | 'grpc'>,
  { app, node, queries, methods, logger, documents }: GatewayParts,
): Promise<Stoppable[]> {
  const table = {
    // Generated codecs all write JSON; the application has no use for it and does not ask for it.
    methods: [...(app.registry.queries() as readonly object[] as readonly Method[]), ...methods],
    query: (request: QueryRequest, deadline?: Deadline) => queries.query(request, deadline),
    tip: () => app.info().height,
    isSyncing: () => node.status.catchingUp,
    type: typesOf(app),
  };
  const calls = new Calls(table, logger);
  const started: Stoppable[] = [];
  try {
    if (api.enabled)
      started.push(await listening(new RestServer(api, calls, documents), api, 'REST'));
    if (grpc.enabled) started.push(await listening(new GrpcServer(grpc, calls), grpc, 'gRPC'));
    return started;
  } catch (error) {
    for (const part of started) await part.stop();
    throw error;
  }
}

async function listening<T extends Stoppable & { start(): Promise<number> }>(
  server: T,
  { host, port }: { readonly host: string; readonly port: number },
  name: string,
): Promise<T> {
  try {
    await server.start();
    return server;
  } catch (error) {
    const isTaken = systemCode(error) === 'EADDRINUSE' || String(error).includes('EADDRINUSE');
    if (!isTaken) throw error;
    throw new ExitError(EXIT_IO, `port ${port} on ${host} (${name}) is in use`, { cause: error });
  }
}

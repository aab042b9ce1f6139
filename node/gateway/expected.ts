/** What the gateway needs from its siblings; the composition root passes the real ones in. */
import type { Deadline } from '../base/deadline.ts';
import type { CheckTxResult, QueryRequest, QueryResponse, TxResult } from '../app/abci.ts';
import type { Bytes } from '../base/bytes.ts';
import type { Codec } from '../base/strict-decode.ts';
import type { Time } from '../base/time.ts';
import type { Block, BlockId, Validator } from '../consensus/types.ts';

/** What every generated codec can do besides reading and writing bytes. */
export interface JsonCodec<T = unknown> extends Codec<T> {
  /** JSON of the generator's own kind: names and enums as it writes them. */
  toJSON(message: T): unknown;
  fromJSON(json: unknown): T;
  fromPartial(partial: object): T;
}

/** A method of a gRPC service, wherever it is answered. */
export interface Method {
  /** `/package.Service/Method`. */
  readonly path: string;
  readonly request: JsonCodec;
  readonly response: JsonCodec;
}

/** The whole of what a node answers: the same for abci_query, gRPC and REST. */
export interface Queries {
  readonly methods: readonly Method[];
  /** Work that may take long heeds the deadline. */
  query(request: QueryRequest, deadline?: Deadline): QueryResponse | Promise<QueryResponse>;
  /** The newest committed height; 0 before the first block. */
  tip(): number;
  /** Is the newest state here older than that of the network? */
  isSyncing(): boolean;
  /** The codec of a type that may stand in an Any; undefined when the chain does not know it. */
  type(typeUrl: string): JsonCodec | undefined;
}

export interface StoredBlock {
  readonly block: Block;
  readonly blockId: BlockId;
}

export interface RankedValidator extends Validator {
  readonly priority: bigint;
}

export interface Blocks {
  /** The newest height clients may see. */
  tip(): number;
  block(height: number): StoredBlock | undefined;
  validators(height: number): { readonly validators: readonly RankedValidator[] } | undefined;
}

export interface NodeFacts {
  readonly nodeInfo: {
    readonly id: Bytes;
    readonly moniker: string;
    readonly network: string;
    readonly version: string;
    readonly listenAddr: string;
    readonly rpcAddr: string;
    readonly appVersion: bigint;
    readonly software: string;
    readonly softwareVersion: string;
  };
  readonly status: { readonly catchingUp: boolean };
}

export interface CommittedTx {
  readonly hash: Bytes;
  readonly height: number;
  readonly tx: Bytes;
  readonly result: TxResult;
  /** Time of its block. */
  readonly time: Time;
}

export interface TxPage {
  readonly page: number;
  readonly perPage: number;
  readonly descending: boolean;
}

export interface TxIndex {
  tx(hash: Bytes): CommittedTx | undefined;
  /** Throws QueryError when the query cannot be read. A page past the end is empty. */
  search(
    query: string,
    page: TxPage,
    deadline?: Deadline,
  ): Promise<{ readonly total: number; readonly txs: readonly CommittedTx[] }>;
}

/** Throws BitscaleError sdk/19 (already known), sdk/20 (full), sdk/21 (too large). */
export interface TxPool {
  add(tx: Bytes): CheckTxResult;
}

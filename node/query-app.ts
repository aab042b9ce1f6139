/** What abci_query can be asked: the application, and how final something is, which also needs L1 and index. */
import {
  QueryFinalityRequest,
  QueryFinalityResponse,
} from '../proto/gen/bitscale/settlement/v1/query.ts';
import type { FinalizeBlockResponse } from './app/abci.ts';
import type { Application } from './app/application.ts';
import { invalidArgument } from './app/query-error.ts';
import { askApplication } from './ask-application.ts';
import type { Bytes } from './base/bytes.ts';
import { answerNodeMethod, nodeMethod, type NodeMethod } from './gateway/node-method.ts';
import { FINALITY_PATH, type FinalityService, type TxPlace } from './rollup/finality.ts';
import type { QueryApp } from './rpc/expected.ts';

const HASH_BYTES = 32;

type Finality = Pick<FinalityService, 'finality'>;

/** The heights that clients may see: their blocks are stored and indexed. */
export interface Shown {
  height(): number;
  /** Resolves when a committed height is shown. */
  reached(height: number): Promise<void>;
}

/**
 * The application, and before it the methods that the node answers itself. An answer names the height of its state,
 * and clients ask for the block of that height next: it goes out when they can have it, some milliseconds later.
 */
export function queryApp(app: Application, methods: readonly NodeMethod[], shown: Shown): QueryApp {
  const own = new Map(methods.map((method) => [method.path, method]));
  return {
    info: () => app.info(),
    checkTx: (tx) => app.tryTx(tx),
    query: (request, signal) => {
      const method = own.get(request.path);
      if (method) return answerNodeMethod(method, request, shown.height(), signal);
      const answer = askApplication(app, request);
      if (answer.height <= shown.height()) return answer;
      return shown.reached(answer.height).then(() => answer);
    },
  };
}

export function finalityMethod(service: Finality): NodeMethod {
  return nodeMethod(FINALITY_PATH, [QueryFinalityRequest, QueryFinalityResponse], (request) =>
    service.finality(checked(request)),
  );
}

function checked(request: QueryFinalityRequest): QueryFinalityRequest {
  const { txHash, intentId } = request;
  if ((txHash.length === 0) === (intentId === '')) {
    throw invalidArgument('give either the hash of a transaction or the id of an intent');
  }
  if (intentId === '' && txHash.length !== HASH_BYTES) {
    throw invalidArgument(`a hash has ${HASH_BYTES} bytes`);
  }
  return request;
}

/** Where committed transactions and their results are found. */
export interface TxRecords {
  place(hash: Bytes): { readonly height: number; readonly position: number } | undefined;
  results(height: number): FinalizeBlockResponse | undefined;
}

/** Batches that a committed transaction's intents went into, from its events. */
export function placeOf(records: TxRecords, hash: Bytes): TxPlace | undefined {
  const place = records.place(hash);
  const result = place && records.results(place.height)?.txResults[place.position];
  if (!place || !result) return undefined;
  const batches = result.events
    .filter(({ type }) => type === 'ledger_intent')
    .flatMap(({ attributes }) => attributes.filter(({ key }) => key === 'batch'))
    .map(({ value }) => BigInt(value));
  return { height: place.height, batches: [...new Set(batches)] };
}

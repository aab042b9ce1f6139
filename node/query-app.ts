/** What abci_query can be asked: the application, and how final something is, which also needs L1 and index. */
import {
  QueryFinalityRequest,
  QueryFinalityResponse,
} from '../proto/gen/bitscale/settlement/v1/query.ts';
import type { FinalizeBlockResponse, QueryResponse } from './app/abci.ts';
import type { Application } from './app/application.ts';
import { invalidArgument, queryFailure } from './app/query-error.ts';
import { EMPTY, type Bytes } from './base/bytes.ts';
import { FINALITY_PATH, type FinalityService, type TxPlace } from './rollup/finality.ts';
import type { QueryApp } from './rpc/expected.ts';

const HASH_BYTES = 32;

type Finality = Pick<FinalityService, 'finality'>;

export function queryApp(app: Application, finality: Finality): QueryApp {
  return {
    info: () => app.info(),
    checkTx: (tx) => app.tryTx(tx),
    query: (request) =>
      request.path === FINALITY_PATH
        ? answerFinality(finality, request.data, app.info().height)
        : app.query(request),
  };
}

/** Refusals are answers with a code, like those of the application. */
export async function answerFinality(
  service: Finality,
  data: Bytes,
  height: number,
): Promise<QueryResponse> {
  const rest = { info: '', index: 0n, key: EMPTY, proofOps: [], height };
  try {
    const answer = await service.finality(readRequest(data));
    const value = QueryFinalityResponse.encode(answer).finish();
    return { code: 0, codespace: '', log: '', value, ...rest };
  } catch (error) {
    const { code, codespace, message: log } = queryFailure(error);
    return { code, codespace, log, value: EMPTY, ...rest };
  }
}

function readRequest(data: Bytes): QueryFinalityRequest {
  let request: QueryFinalityRequest;
  try {
    request = QueryFinalityRequest.decode(data);
  } catch {
    throw invalidArgument('the request cannot be decoded');
  }
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

/** Answers abci_query: services by their gRPC path, raw state with proofs, and facts of the program. */
import { EMPTY, utf8, type Bytes } from '../base/bytes.ts';
import { BitscaleError } from '../base/errors.ts';
import { UNKNOWN_REQUEST } from '../base/sdk-errors.ts';
import { answerSubspace } from '../store/query.ts';
import type { MultiStore } from '../store/multi-store.ts';
import type { QueryRequest, QueryResponse } from './abci.ts';
import type { Context } from './context.ts';
import type { AnyQueryHandler } from './module.ts';
import { invalidArgument, queryFailure } from './query-error.ts';
import type { Registry } from './registry.ts';

export interface QueryDeps {
  readonly registry: Registry;
  readonly stores: MultiStore;
  readonly version: string;
  /** A throw-away context at a height (0: the newest). Throws sdk/26 when the height is not there. */
  context(height: number): Context;
}

export function answerQuery(request: QueryRequest, deps: QueryDeps): QueryResponse {
  try {
    return route(request, deps);
  } catch (error) {
    if (!(error instanceof BitscaleError)) throw error;
    return { ...empty(deps.stores.version), ...failure(error) };
  }
}

function route(request: QueryRequest, deps: QueryDeps): QueryResponse {
  const handler = deps.registry.query(request.path);
  if (handler) return runService(handler, request, deps);
  const words = request.path.replace(/^\//, '').split('/');
  if (words[0] === 'store' && words.length > 1) return readStore(words, request, deps);
  if (request.path === '/app/version' || request.path === 'app/version') {
    return { ...empty(deps.stores.version), codespace: 'sdk', value: utf8(deps.version) };
  }
  throw new BitscaleError(UNKNOWN_REQUEST, `unknown query path: ${request.path.slice(0, 200)}`);
}

function runService(
  handler: AnyQueryHandler,
  request: QueryRequest,
  deps: QueryDeps,
): QueryResponse {
  const height = request.height === 0 ? deps.stores.version : request.height;
  const context = deps.context(request.height);
  try {
    const answer: unknown = handler.run(context, decodeRequest(handler, request.data));
    return { ...empty(height), value: handler.response.encode(answer).finish() };
  } catch (error) {
    return { ...empty(height), ...failure(queryFailure(error)) };
  }
}

function decodeRequest(handler: AnyQueryHandler, data: Bytes): unknown {
  try {
    return handler.request.decode(data);
  } catch {
    // Clients may send fields this version does not know, so the strict rules of txs do not apply.
    throw invalidArgument('the request cannot be decoded');
  }
}

function readStore(
  words: readonly string[],
  { data, height, prove }: QueryRequest,
  { stores }: QueryDeps,
): QueryResponse {
  const [, store = '', ...rest] = words;
  const part = rest.join('/');
  if (part !== 'key' && part !== 'subspace' && stores.kindOf(store) === 'iavl') {
    const path = rest.length > 0 ? `/${part}`.slice(0, 200) : '';
    throw new BitscaleError(UNKNOWN_REQUEST, `unexpected query path: ${path}`);
  }
  const question = { store, key: data, height, prove };
  const answer = part === 'subspace' ? answerSubspace(stores, question) : stores.query(question);
  return {
    ...empty(answer.height),
    key: answer.key,
    value: answer.value ?? EMPTY,
    proofOps: answer.proofOps,
  };
}

function empty(height: number): QueryResponse {
  return {
    code: 0,
    codespace: '',
    log: '',
    info: '',
    index: 0n,
    key: EMPTY,
    value: EMPTY,
    proofOps: [],
    height,
  };
}

function failure({ code, codespace, message }: BitscaleError) {
  return { code, codespace, log: message };
}

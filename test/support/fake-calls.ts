/** Calls of one method, answered as a test wants it. */
import { QueryParamsRequest, QueryParamsResponse } from 'cosmjs-types/cosmos/bank/v1beta1/query';
import type { QueryResponse } from '../../node/app/abci.ts';
import { EMPTY } from '../../node/base/bytes.ts';
import { silentLogger } from '../../node/base/service.ts';
import { Calls } from '../../node/gateway/calls.ts';
import type { Method, Queries } from '../../node/gateway/expected.ts';

export const PATH = '/cosmos.bank.v1beta1.Query/Params';
export const URL_PATH = '/cosmos/bank/v1beta1/params';
export const METHOD = {
  path: PATH,
  request: QueryParamsRequest,
  response: QueryParamsResponse,
} as unknown as Method;

export const OK: QueryResponse = {
  code: 0,
  codespace: '',
  log: '',
  info: '',
  index: 0n,
  key: EMPTY,
  value: EMPTY,
  proofOps: [],
  height: 7,
};

export interface Fake {
  readonly tip?: number;
  readonly isSyncing?: boolean;
  readonly query?: Queries['query'];
  readonly errors?: string[];
}

export function fakeCalls({
  tip = 7,
  isSyncing = false,
  query = () => OK,
  errors = [],
}: Fake = {}): Calls {
  const queries = {
    methods: [METHOD],
    query,
    tip: () => tip,
    isSyncing: () => isSyncing,
    type: () => undefined,
  };
  const error = (_text: string, facts?: unknown): unknown => errors.push(JSON.stringify(facts));
  return new Calls(queries, { ...silentLogger, error: error as typeof silentLogger.error });
}

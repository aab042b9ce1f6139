/** The queries of the chain that the rollup parts use. */
import * as ledger from '../../proto/gen/bitscale/ledger/v1/query.ts';
import * as settlement from '../../proto/gen/bitscale/settlement/v1/query.ts';
import type { QueryMethod } from './chain.ts';

const LEDGER = '/bitscale.ledger.v1.Query';
const SETTLEMENT = '/bitscale.settlement.v1.Query';

export const LEDGER_PARAMS: QueryMethod<ledger.QueryParamsRequest, ledger.QueryParamsResponse> = {
  path: `${LEDGER}/Params`,
  request: ledger.QueryParamsRequest,
  response: ledger.QueryParamsResponse,
};

export const STATUS: QueryMethod<settlement.QueryStatusRequest, settlement.QueryStatusResponse> = {
  path: `${SETTLEMENT}/Status`,
  request: settlement.QueryStatusRequest,
  response: settlement.QueryStatusResponse,
};

export const PARAMS: QueryMethod<settlement.QueryParamsRequest, settlement.QueryParamsResponse> = {
  path: `${SETTLEMENT}/Params`,
  request: settlement.QueryParamsRequest,
  response: settlement.QueryParamsResponse,
};

export const BATCH: QueryMethod<settlement.QueryBatchRequest, settlement.QueryBatchResponse> = {
  path: `${SETTLEMENT}/Batch`,
  request: settlement.QueryBatchRequest,
  response: settlement.QueryBatchResponse,
};

export const BATCH_DATA: QueryMethod<
  settlement.QueryBatchDataRequest,
  settlement.QueryBatchDataResponse
> = {
  path: `${SETTLEMENT}/BatchData`,
  request: settlement.QueryBatchDataRequest,
  response: settlement.QueryBatchDataResponse,
};

export const ATTESTATIONS: QueryMethod<
  settlement.QueryAttestationsRequest,
  settlement.QueryAttestationsResponse
> = {
  path: `${SETTLEMENT}/Attestations`,
  request: settlement.QueryAttestationsRequest,
  response: settlement.QueryAttestationsResponse,
};

export const BATCH_FINALITY: QueryMethod<
  settlement.QueryBatchFinalityRequest,
  settlement.QueryBatchFinalityResponse
> = {
  path: `${SETTLEMENT}/BatchFinality`,
  request: settlement.QueryBatchFinalityRequest,
  response: settlement.QueryBatchFinalityResponse,
};

export const INTENT: QueryMethod<ledger.QueryIntentRequest, ledger.QueryIntentResponse> = {
  path: `${LEDGER}/Intent`,
  request: ledger.QueryIntentRequest,
  response: ledger.QueryIntentResponse,
};

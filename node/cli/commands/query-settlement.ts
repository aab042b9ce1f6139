/** bitscale query settlement: batches on their way to L1, and how final they are. */
import * as query from '../../../proto/gen/bitscale/settlement/v1/query.ts';
import { wholeNumber, type Call, type Command } from '../command.ts';
import { moduleQuery } from './module-query.ts';

const path = (method: string): string => `/bitscale.settlement.v1.Query/${method}`;
const number = (call: Call): bigint => BigInt(wholeNumber(call.argument(0), 'the batch number'));

export const settlementQueries: readonly Command[] = [
  moduleQuery({
    name: 'settlement params',
    summary: 'L1 contract, sealing policy and proving interval',
    path: path('Params'),
    request: query.QueryParamsRequest,
    response: query.QueryParamsResponse,
    read: () => ({}),
  }),
  moduleQuery({
    name: 'settlement status',
    summary: 'How many batches are sealed, attested and final',
    path: path('Status'),
    request: query.QueryStatusRequest,
    response: query.QueryStatusResponse,
    read: () => ({}),
  }),
  moduleQuery({
    name: 'settlement batch',
    summary: 'Header of a batch',
    arguments: ['<number>'],
    path: path('Batch'),
    request: query.QueryBatchRequest,
    response: query.QueryBatchResponse,
    read: (call) => ({ number: number(call) }),
  }),
  moduleQuery({
    name: 'settlement batch-data',
    summary: 'All operations of a batch',
    arguments: ['<number>'],
    path: path('BatchData'),
    request: query.QueryBatchDataRequest,
    response: query.QueryBatchDataResponse,
    read: (call) => ({ number: number(call) }),
  }),
  moduleQuery({
    name: 'settlement attestations',
    summary: 'Which validators have signed a batch for L1',
    arguments: ['<number>'],
    path: path('Attestations'),
    request: query.QueryAttestationsRequest,
    response: query.QueryAttestationsResponse,
    read: (call) => ({ batch: number(call) }),
  }),
  moduleQuery({
    name: 'settlement finality',
    summary: 'How final a batch is, and what to accept before it is',
    arguments: ['<number>'],
    path: path('BatchFinality'),
    request: query.QueryBatchFinalityRequest,
    response: query.QueryBatchFinalityResponse,
    read: (call) => ({ batch: number(call) }),
  }),
];

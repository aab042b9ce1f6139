/** bitscale query settlement: batches on their way to L1, and how final they are. */
import * as query from '../../../proto/gen/bitscale/settlement/v1/query.ts';
import { EMPTY, fromHex, toHex } from '../../base/bytes.ts';
import { usageError, wholeNumber, type Call, type Command } from '../command.ts';
import { RpcClient } from '../rpc-client.ts';
import { NODE_OPTION, printJson } from '../shared-options.ts';
import { moduleQuery } from './module-query.ts';

const path = (method: string): string => `/bitscale.settlement.v1.Query/${method}`;
const number = (call: Call): bigint => BigInt(wholeNumber(call.argument(0), 'the batch number'));

/** Both are 32 bytes in hexadecimal, so the node is asked for a transaction first. */
const finality: Command = {
  name: 'query settlement finality',
  summary: 'How final a transaction or an intent is: unknown, soft, proven or final',
  arguments: ['<tx hash|intent id>'],
  options: NODE_OPTION,
  examples: ['bitscale query settlement finality 3F0C... --node http://127.0.0.1:26657'],
  async run(call, terminal) {
    const id = call.argument(0).replace(/^0x/, '').toLowerCase();
    if (!/^[0-9a-f]{64}$/.test(id)) {
      throw usageError('a transaction or an intent is named by 64 hexadecimal digits');
    }
    const rpc = new RpcClient(call.text('node'));
    const ask = async (what: Partial<query.QueryFinalityRequest>) => {
      const request = query.QueryFinalityRequest.fromPartial(what);
      const data = query.QueryFinalityRequest.encode(request).finish();
      return query.QueryFinalityResponse.decode(
        (await rpc.abciQuery(path('Finality'), data)).value,
      );
    };
    const ofTx = await ask({ txHash: fromHex(id) });
    const answer = ofTx.finality === 'unknown' ? await ask({ intentId: id }) : ofTx;
    const { l1TxHash, ...rest } = answer;
    const onL1 = l1TxHash.length > 0 && { l1_tx_hash: `0x${toHex(l1TxHash)}` };
    const json = query.QueryFinalityResponse.toJSON({ ...rest, l1TxHash: EMPTY }) as object;
    printJson(terminal, { ...json, ...onL1 });
  },
};

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
    name: 'settlement batch-finality',
    summary: 'How final a batch is, and what to accept before it is',
    arguments: ['<number>'],
    path: path('BatchFinality'),
    request: query.QueryBatchFinalityRequest,
    response: query.QueryBatchFinalityResponse,
    read: (call) => ({ batch: number(call) }),
  }),
  finality,
];

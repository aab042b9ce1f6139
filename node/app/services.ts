/** Services of the kit itself: trial runs of transactions, node settings, consensus parameters. */
import { GasInfo, Result } from 'cosmjs-types/cosmos/base/abci/v1beta1/abci';
import {
  ConfigRequest,
  ConfigResponse,
  StatusRequest,
  StatusResponse,
} from 'cosmjs-types/cosmos/base/node/v1beta1/query';
import { QueryParamsRequest, QueryParamsResponse } from 'cosmjs-types/cosmos/consensus/v1/query';
import { SimulateRequest, SimulateResponse } from 'cosmjs-types/cosmos/tx/v1beta1/service';
import { AuthInfo, TxBody, TxRaw } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import type { Bytes } from '../base/bytes.ts';
import { formatDecCoins, type DecCoins } from '../base/dec-coin.ts';
import type { TxResult } from './abci.ts';
import { toProtoParams } from './chain-record.ts';
import type { Context } from './context.ts';
import { query, type AnyQueryHandler } from './module.ts';
import { QueryError, invalidArgument } from './query-error.ts';
import type { TxOutcome } from './run-tx.ts';

export interface ServiceDeps {
  readonly minGasPrices: DecCoins;
  /** Versions kept; 0 keeps all. */
  readonly keepRecent: number;
  readonly haltHeight: number;
  appHash(): Bytes;
  base(): number;
  simulate(tx: Bytes): TxOutcome;
}

export function kitQueries(deps: ServiceDeps): readonly AnyQueryHandler[] {
  return [
    query(
      '/cosmos.tx.v1beta1.Service/Simulate',
      [SimulateRequest, SimulateResponse],
      (_, request) => simulate(request, deps),
    ),
    query('/cosmos.base.node.v1beta1.Service/Config', [ConfigRequest, ConfigResponse], () => ({
      minimumGasPrice: formatDecCoins(deps.minGasPrices),
      pruningKeepRecent: String(deps.keepRecent),
      pruningInterval: deps.keepRecent === 0 ? '0' : '1',
      haltHeight: BigInt(deps.haltHeight),
    })),
    query('/cosmos.base.node.v1beta1.Service/Status', [StatusRequest, StatusResponse], (context) =>
      status(context, deps),
    ),
    query(
      '/cosmos.consensus.v1.Query/Params',
      [QueryParamsRequest, QueryParamsResponse],
      (context) => ({
        params: toProtoParams(context.block.consensusParams),
      }),
    ),
  ];
}

function status(context: Context, deps: ServiceDeps): StatusResponse {
  return {
    earliestStoreHeight: BigInt(deps.base()),
    height: BigInt(context.height),
    timestamp: { seconds: context.time.seconds, nanos: context.time.nanos },
    appHash: deps.appHash(),
    validatorHash: new Uint8Array(0),
  };
}

function simulate(request: SimulateRequest, deps: ServiceDeps): SimulateResponse {
  const outcome = deps.simulate(requestedTx(request));
  const { code, log, gasUsed } = outcome.result;
  if (code !== 0) throw new QueryError('Unknown', `${log} with gas used: '${gasUsed}'`);
  return simulated(outcome);
}

/** What a trial run that went well is answered with. */
export function simulated({ result, responses }: TxOutcome): SimulateResponse {
  return {
    gasInfo: GasInfo.fromPartial({ gasWanted: result.gasWanted, gasUsed: result.gasUsed }),
    result: Result.fromPartial({
      data: result.data,
      log: result.log,
      events: toProtoEvents(result),
      msgResponses: responses.map(({ typeUrl, value }) => ({ typeUrl, value })),
    }),
  };
}

function requestedTx({ tx, txBytes }: SimulateRequest): Bytes {
  if (txBytes.length > 0) return txBytes;
  if (!tx) throw invalidArgument('empty txBytes is not allowed');
  return TxRaw.encode({
    bodyBytes: TxBody.encode(tx.body ?? TxBody.fromPartial({})).finish(),
    authInfoBytes: AuthInfo.encode(tx.authInfo ?? AuthInfo.fromPartial({})).finish(),
    signatures: tx.signatures,
  }).finish();
}

function toProtoEvents(result: TxResult) {
  return result.events.map(({ type, attributes }) => ({
    type,
    attributes: attributes.map((attribute) => ({ ...attribute })),
  }));
}

/** Read access to batches and their way to L1. */
import type { Context } from '../../node/app/context.ts';
import type { AnyQueryHandler, Codec, QueryHandler } from '../../node/app/module.ts';
import { VALOPER_PREFIX } from '../../node/base/address.ts';
import { toBech32 } from '../../node/base/bech32.ts';
import { compare, EMPTY, equal } from '../../node/base/bytes.ts';
import { BitscaleError } from '../../node/base/errors.ts';
import { BatchContent } from '../../proto/gen/bitscale/ledger/v1/types.ts';
import * as wire from '../../proto/gen/bitscale/settlement/v1/query.ts';
import type { Attestation } from '../../proto/gen/bitscale/settlement/v1/types.ts';
import { ERR_UNKNOWN_BATCH } from './errors.ts';
import type { SettledLedger } from './expected.ts';
import type { SettlementKeeper } from './keeper.ts';
import * as keys from './keys.ts';

const SERVICE = '/bitscale.settlement.v1.Query';

export function settlementQueries(
  keeper: SettlementKeeper,
  ledger: SettledLedger,
): AnyQueryHandler[] {
  const query = <Req, Res>(
    method: string,
    request: Codec<Req>,
    response: Codec<Res>,
    run: (context: Context, request: Req) => Res,
  ): QueryHandler<Req, Res> => ({ path: `${SERVICE}/${method}`, request, response, run });

  return [
    query('Params', wire.QueryParamsRequest, wire.QueryParamsResponse, (context) => ({
      params: keeper.params(context),
    })),
    query('Status', wire.QueryStatusRequest, wire.QueryStatusResponse, (context) => ({
      sealed: keeper.counter(context, keys.SEALED_KEY),
      attested: keeper.counter(context, keys.ATTESTED_KEY),
      final: keeper.counter(context, keys.FINAL_KEY),
      openOperations: ledger.openBatch(context)?.operations.length ?? 0,
      nextDeposit: keeper.counter(context, keys.NEXT_DEPOSIT_KEY),
      unprovenValue: String(keeper.unprovenValue(context)),
    })),
    query('Batch', wire.QueryBatchRequest, wire.QueryBatchResponse, (context, { number }) => ({
      header: requireHeader(context, keeper, number),
    })),
    query(
      'BatchData',
      wire.QueryBatchDataRequest,
      wire.QueryBatchDataResponse,
      (context, { number }) => {
        const content = keeper.content(context, number);
        if (!content) throw new BitscaleError(ERR_UNKNOWN_BATCH, String(number));
        const header = requireHeader(context, keeper, number);
        return { batch: { header, content: BatchContent.decode(content) } };
      },
    ),
    query(
      'Attestations',
      wire.QueryAttestationsRequest,
      wire.QueryAttestationsResponse,
      (context, { batch }) => attestations(context, keeper, batch),
    ),
    query(
      'BatchFinality',
      wire.QueryBatchFinalityRequest,
      wire.QueryBatchFinalityResponse,
      (context, { batch }) => finality(context, keeper, batch),
    ),
  ];
}

function requireHeader(context: Context, keeper: SettlementKeeper, number: bigint) {
  const header = keeper.header(context, number);
  if (!header) throw new BitscaleError(ERR_UNKNOWN_BATCH, String(number));
  return header;
}

/** The L1 contract keeps a hash of the list, so its order (ascending by L1 address) is part of the answer. */
function attestations(
  context: Context,
  keeper: SettlementKeeper,
  batch: bigint,
): wire.QueryAttestationsResponse {
  requireHeader(context, keeper, batch);
  const signed = keeper.attestations(context, batch);
  const validators = keeper
    .validators(context)
    .sort((a, b) => compare(a.address, b.address))
    .map(({ operator, address }): Attestation => {
      const signature = signed.find((entry) => equal(entry.operator, operator))?.signature;
      return {
        operator: toBech32(VALOPER_PREFIX, operator),
        address,
        power: keeper.power(context, operator),
        signature: signature ?? EMPTY,
      };
    });
  const power = keeper.attestedPower(context, batch);
  return {
    attestations: validators.filter(({ signature }) => signature.length > 0),
    validators,
    totalPower: keeper.totalPower(context),
    quorum: keeper.isQuorum(context, power),
  };
}

function stageOf(context: Context, keeper: SettlementKeeper, batch: bigint): string {
  if (batch > keeper.counter(context, keys.SEALED_KEY)) return 'open';
  if (batch <= keeper.counter(context, keys.FINAL_KEY)) return 'final';
  return batch <= keeper.counter(context, keys.ATTESTED_KEY) ? 'attested' : 'sealed';
}

function finality(
  context: Context,
  keeper: SettlementKeeper,
  batch: bigint,
): wire.QueryBatchFinalityResponse {
  const sealed = keeper.counter(context, keys.SEALED_KEY);
  if (batch === 0n || batch > sealed + 1n) {
    throw new BitscaleError(ERR_UNKNOWN_BATCH, String(batch));
  }
  const params = keeper.params(context);
  const proof = keeper.provenBy(context, batch);
  const totalPower = keeper.totalPower(context);
  const interval = params.provingIntervalSeconds === 0n ? 1n : params.provingIntervalSeconds;
  return {
    stage: stageOf(context, keeper, batch),
    height: keeper.header(context, batch)?.height ?? 0n,
    l1TxHash: proof?.txHash ?? EMPTY,
    l1Block: proof?.l1Block ?? 0n,
    attestedPower: keeper.attestedPower(context, batch),
    totalPower,
    unprovenValue: String(keeper.unprovenValue(context)),
    recommendedAmount: String((keeper.totalStake(context) * params.stakePrice) / interval),
  };
}

/** Settlement in the genesis file: the L1 contract, the sealing policy, validators' L1 keys, and the batches so far. */
import type { Context } from '../../node/app/context.ts';
import { VALOPER_PREFIX } from '../../node/base/address.ts';
import { fromBech32, toBech32 } from '../../node/base/bech32.ts';
import { fromHex, toHex } from '../../node/base/bytes.ts';
import { assert } from '../../node/base/errors.ts';
import type { SettledLedger } from './expected.ts';
import { exportState, initState } from './genesis-state.ts';
import type { SettlementKeeper } from './keeper.ts';

export interface SettlementGenesis {
  readonly params: {
    readonly max_batch_age_seconds: string;
    readonly l1_chain_id: string;
    /** 20 bytes in hexadecimal with 0x. */
    readonly rollup: string;
    readonly proving_interval_seconds: string;
    readonly stake_price: string;
  };
  readonly validators: readonly { readonly operator: string; readonly address: string }[];
  /** Of a chain that goes on from the export of another; see genesis-state.ts. */
  readonly state?: Record<string, unknown>;
}

const address = (text: string) => {
  const bytes = fromHex(text.replace(/^0x/, ''));
  assert(bytes.length === 20, `app_state.settlement: ${text} is not an L1 address`);
  return bytes;
};

export function initSettlement(
  context: Context,
  parts: { readonly keeper: SettlementKeeper; readonly ledger: SettledLedger },
  json: unknown,
): void {
  const { keeper } = parts;
  assert(json !== undefined, 'app_state.settlement is missing');
  const { params, validators, state } = json as SettlementGenesis;
  keeper.setParams(context, {
    maxBatchAgeSeconds: BigInt(params.max_batch_age_seconds),
    l1ChainId: BigInt(params.l1_chain_id),
    rollup: address(params.rollup),
    provingIntervalSeconds: BigInt(params.proving_interval_seconds),
    stakePrice: BigInt(params.stake_price),
  });
  for (const entry of validators) {
    const operator = fromBech32(VALOPER_PREFIX, entry.operator);
    keeper.setValidator(context, { operator, address: address(entry.address) });
  }
  initState(context, parts, state);
}

export function exportSettlement(context: Context, keeper: SettlementKeeper): SettlementGenesis {
  const params = keeper.params(context);
  const state = exportState(context, keeper);
  return {
    params: {
      max_batch_age_seconds: String(params.maxBatchAgeSeconds),
      l1_chain_id: String(params.l1ChainId),
      rollup: `0x${toHex(params.rollup)}`,
      proving_interval_seconds: String(params.provingIntervalSeconds),
      stake_price: String(params.stakePrice),
    },
    validators: keeper.validators(context).map(({ operator, address: key }) => ({
      operator: toBech32(VALOPER_PREFIX, operator),
      address: `0x${toHex(key)}`,
    })),
    ...(state && { state }),
  };
}

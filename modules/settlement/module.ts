/** Settlement on L1 as a module of the chain. */
import type { Context } from '../../node/app/context.ts';
import type { Module } from '../../node/app/module.ts';
import type { SettledLedger, StakeSource } from './expected.ts';
import { exportSettlement, initSettlement } from './genesis.ts';
import { SettlementKeeper } from './keeper.ts';
import { contentRecovery } from './recovery.ts';
import { DATA_STORE, FINAL_KEY, SEALED_KEY, SETTLEMENT_STORE } from './keys.ts';
import { creditDeposits } from './l1-facts.ts';
import { settlementMessages } from './msgs.ts';
import { settlementQueries } from './queries.ts';

export function settlementModule(parts: {
  readonly keeper: SettlementKeeper;
  readonly ledger: SettledLedger;
}): Module {
  const { keeper, ledger } = parts;
  return {
    name: 'settlement',
    stores: [
      { name: SETTLEMENT_STORE, kind: 'iavl' },
      { name: DATA_STORE, kind: 'plain', recovery: contentRecovery(keeper) },
    ],
    messages: settlementMessages(keeper),
    queries: settlementQueries(keeper, ledger),
    initGenesis: (context, json) => initSettlement(context, { keeper, ledger }, json),
    exportGenesis: (context) => exportSettlement(context, keeper),
    retainHeight: (context) => oldestUnproven(context, keeper, ledger),
    endBlock: (context) => {
      creditDeposits(context, keeper, ledger);
      ledger.sealIfOld(context, keeper.params(context).maxBatchAgeSeconds);
    },
  };
}

/** Blocks since the newest final batch: whoever proves or watches it may ask for them. */
function oldestUnproven(context: Context, keeper: SettlementKeeper, ledger: SettledLedger): number {
  const final = keeper.counter(context, FINAL_KEY);
  const isWaiting = final < keeper.counter(context, SEALED_KEY) || ledger.openBatch(context);
  if (!isWaiting) return context.height;
  return Number(keeper.header(context, final)?.height ?? 1n);
}

/** Made before the ledger, which hands its batches to it. */
export function settlementKeeper(stake: StakeSource): SettlementKeeper {
  return new SettlementKeeper(stake);
}

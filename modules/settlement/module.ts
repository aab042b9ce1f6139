/** Settlement on L1 as a module of the chain. */
import type { Module } from '../../node/app/module.ts';
import type { SettledLedger, StakeSource } from './expected.ts';
import { exportSettlement, initSettlement } from './genesis.ts';
import { SettlementKeeper } from './keeper.ts';
import { contentRecovery } from './recovery.ts';
import { DATA_STORE, SETTLEMENT_STORE } from './keys.ts';
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
    initGenesis: (context, json) => initSettlement(context, keeper, json),
    exportGenesis: (context) => exportSettlement(context, keeper),
    endBlock: (context) => {
      creditDeposits(context, keeper, ledger);
      ledger.sealIfOld(context, keeper.params(context).maxBatchAgeSeconds);
    },
  };
}

/** Made before the ledger, which hands its batches to it. */
export function settlementKeeper(stake: StakeSource): SettlementKeeper {
  return new SettlementKeeper(stake);
}

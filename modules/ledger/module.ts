/** The payment ledger as a module of the chain. */
import type { Module } from '../../node/app/module.ts';
import type { BatchSink } from './expected.ts';
import { exportLedger, initLedger } from './genesis.ts';
import { ledgerInvariants } from './invariants.ts';
import { LedgerKeeper } from './keeper.ts';
import { LEDGER_STORE, TREE_STORE } from './keys.ts';
import { ledgerMessages } from './msgs.ts';
import { ledgerQueries } from './queries.ts';
import { rebuildTree } from './recovery.ts';
import { Tokens } from './tokens.ts';

export interface LedgerModule extends Module {
  readonly keeper: LedgerKeeper;
}

export function ledgerModule({ batches }: { batches: BatchSink }): LedgerModule {
  const keeper = new LedgerKeeper(batches);
  const tokens = new Tokens();
  return {
    name: 'ledger',
    keeper,
    stores: [
      { name: LEDGER_STORE, kind: 'iavl' },
      {
        name: TREE_STORE,
        kind: 'plain',
        recovery: { finish: (context) => rebuildTree(context, keeper) },
      },
    ],
    messages: ledgerMessages({ keeper, tokens }),
    queries: ledgerQueries(keeper, tokens),
    invariants: ledgerInvariants(keeper),
    initGenesis: (context, json) => initLedger(context, keeper, tokens, json),
    exportGenesis: (context) => exportLedger(context, keeper, tokens),
  };
}

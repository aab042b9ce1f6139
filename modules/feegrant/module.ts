/** Fee grants: one account pays the fees of another, within limits. */
import type { Module } from '../../node/app/module.ts';
import type { Accounts, Receivers } from './expected.ts';
import { exportFeegrant, initFeegrant } from './genesis.ts';
import { FeegrantKeeper } from './keeper.ts';
import { STORE } from './keys.ts';
import { feegrantMessages } from './msgs.ts';
import { feegrantQueries } from './queries.ts';

export interface FeegrantModule extends Module {
  readonly keeper: FeegrantKeeper;
}

export function feegrantModule(options: {
  readonly accounts: Accounts;
  readonly receivers: Receivers;
}): FeegrantModule {
  const keeper = new FeegrantKeeper(options.accounts, options.receivers);
  return {
    name: 'feegrant',
    keeper,
    stores: [{ name: STORE, kind: 'iavl' }],
    messages: feegrantMessages(keeper),
    queries: feegrantQueries(keeper),
    initGenesis: (context, json) => initFeegrant(context, json, keeper),
    exportGenesis: (context) => exportFeegrant(context, keeper),
    endBlock: (context) => keeper.prune(context),
  };
}

/** Upgrades: at a planned height another program takes over. First in the list of modules. */
import type { Module } from '../../node/app/module.ts';
import { exportUpgrade, initUpgrade } from './genesis.ts';
import { UpgradeKeeper, type UpgradeOptions } from './keeper.ts';
import { STORE } from './keys.ts';
import { upgradeMessages } from './msgs.ts';
import { upgradeQueries } from './queries.ts';

export interface UpgradeModule extends Module {
  readonly keeper: UpgradeKeeper;
}

export function upgradeModule(options: UpgradeOptions): UpgradeModule {
  const keeper = new UpgradeKeeper(options);
  return {
    name: 'upgrade',
    keeper,
    stores: [{ name: STORE, kind: 'iavl' }],
    messages: upgradeMessages(keeper),
    queries: upgradeQueries(keeper),
    initGenesis: (context, json) => initUpgrade(context, json, keeper),
    exportGenesis: (context) => exportUpgrade(context, keeper),
    haltReason: (context) => keeper.haltReason(context),
    beginBlock: (context) => keeper.begin(context),
  };
}

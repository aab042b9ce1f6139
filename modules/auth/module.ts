/** Accounts, their keys and sequences. */
import type { AddressText } from '../../node/app/address-text.ts';
import type { Module } from '../../node/app/module.ts';
import { exportAuth, initAuth } from './genesis.ts';
import { AuthKeeper, type ModuleAccounts } from './keeper.ts';
import { STORE } from './keys.ts';
import { authQueries } from './queries.ts';

export interface AuthModule extends Module {
  readonly keeper: AuthKeeper;
}

export function authModule(options: {
  readonly addresses: AddressText;
  readonly moduleAccounts: ModuleAccounts;
}): AuthModule {
  const keeper = new AuthKeeper(options.addresses, options.moduleAccounts);
  return {
    name: 'auth',
    keeper,
    stores: [{ name: STORE, kind: 'iavl' }],
    messages: [],
    queries: authQueries(keeper),
    initGenesis: (context, json) => initAuth(context, json, keeper),
    exportGenesis: (context) => exportAuth(context, keeper),
  };
}

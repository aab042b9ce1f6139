/** Coins: who holds what, and how they move. */
import { moduleAddress } from '../../node/base/address.ts';
import { addInt } from '../../node/base/int.ts';
import type { Authority } from '../../node/app/authority.ts';
import type { Context } from '../../node/app/context.ts';
import type { Module } from '../../node/app/module.ts';
import { allBalances, allSupply } from './balances.ts';
import type { Accounts, Locked } from './expected.ts';
import { exportBank, initBank } from './genesis.ts';
import { BankKeeper } from './keeper.ts';
import { STORE } from './keys.ts';
import { bankMessages } from './msgs.ts';
import { settingMessages } from './settings.ts';
import { bankQueries } from './queries.ts';

export interface BankModule extends Module {
  readonly keeper: BankKeeper;
}

/** Users may send to no module account but those in `openModules`. */
export function bankModule(options: {
  readonly accounts: Accounts;
  readonly locked: Locked;
  /** Who may change the settings. */
  readonly authority: Authority;
  readonly openModules?: readonly string[];
}): BankModule {
  const { accounts, locked, authority, openModules = [] } = options;
  const names = [...accounts.moduleAccounts.keys()].filter((name) => !openModules.includes(name));
  const keeper = new BankKeeper(accounts, locked, names.map(moduleAddress));
  return {
    name: 'bank',
    keeper,
    stores: [{ name: STORE, kind: 'iavl' }],
    messages: [
      ...bankMessages(keeper),
      ...settingMessages({ addresses: accounts.addresses, authority }),
    ],
    queries: bankQueries(keeper),
    invariants: [{ name: 'supply is the sum of the balances', check: checkSupply }],
    initGenesis: (context, json) => initBank(context, json, keeper),
    exportGenesis: (context) => exportBank(context, keeper),
  };
}

function checkSupply(context: Context): string | undefined {
  const sums = new Map<string, bigint>();
  for (const { coin } of allBalances(context)) {
    sums.set(coin.denom, addInt(sums.get(coin.denom) ?? 0n, coin.amount));
  }
  for (const { denom, amount } of allSupply(context)) {
    if (sums.get(denom) !== amount) return `${denom}: supply ${amount}, held ${sums.get(denom)}`;
    sums.delete(denom);
  }
  const [stray] = sums.keys();
  return stray && `${stray} is held but not in the supply`;
}

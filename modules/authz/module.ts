/** Grants: one account runs messages in the name of another. */
import type { Module } from '../../node/app/module.ts';
import { Executor } from './exec.ts';
import type { Accounts, Receivers } from './expected.ts';
import { exportAuthz, initAuthz } from './genesis.ts';
import { AuthzKeeper } from './keeper.ts';
import { STORE } from './keys.ts';
import { authzMessages } from './msgs.ts';
import { authzQueries } from './queries.ts';

export function authzModule(options: {
  readonly accounts: Accounts;
  readonly receivers: Receivers;
}): Module {
  const keeper = new AuthzKeeper(options.accounts, options.receivers);
  const executor = new Executor(keeper);
  return {
    name: 'authz',
    stores: [{ name: STORE, kind: 'iavl' }],
    messages: authzMessages(keeper, executor),
    queries: authzQueries(keeper),
    connect: (router) => executor.connect(router),
    initGenesis: (context, json) => initAuthz(context, json, keeper),
    exportGenesis: (context) => exportAuthz(context, keeper),
    beginBlock: (context) => keeper.prune(context),
  };
}

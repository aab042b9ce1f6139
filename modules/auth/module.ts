/** Accounts, their keys and sequences. */
import type { AddressText } from '../../node/app/address-text.ts';
import type { Authority } from '../../node/app/authority.ts';
import { object } from '../../node/app/genesis-json.ts';
import type { Module } from '../../node/app/module.ts';
import { NO_FORMS, type AccountForms } from './expected.ts';
import { exportAuth, initAuth } from './genesis.ts';
import { AuthKeeper, type ModuleAccounts } from './keeper.ts';
import { STORE } from './keys.ts';
import { updateParams } from './msgs.ts';
import { Nonces, exportNonces, initNonces } from './nonces.ts';
import { authQueries } from './queries.ts';

export interface AuthModule extends Module {
  readonly keeper: AuthKeeper;
}

export function authModule(options: {
  readonly addresses: AddressText;
  readonly moduleAccounts: ModuleAccounts;
  /** Who may change the parameters. */
  readonly authority: Authority;
  /** Accept transactions without a sequence? */
  readonly unordered?: boolean;
  /** Accounts that other modules have added something to. */
  readonly forms?: AccountForms;
}): AuthModule {
  const { addresses, moduleAccounts, forms = NO_FORMS } = options;
  const nonces = options.unordered ? new Nonces() : undefined;
  const keeper = new AuthKeeper({ addresses, moduleAccounts, forms, nonces });
  return {
    name: 'auth',
    keeper,
    stores: [{ name: STORE, kind: 'iavl' }],
    messages: [updateParams(keeper, options.authority)],
    queries: authQueries(keeper),
    initGenesis: (context, json) => {
      initAuth(context, json, keeper);
      const { unordered_nonces: known } = object(json ?? {}, 'auth');
      if (nonces) initNonces(context, known, { nonces, addresses });
    },
    exportGenesis: (context) => {
      const known = nonces ? exportNonces(context, { nonces, addresses }) : [];
      // The SDK's tools know no such member; it is there only while it matters.
      return {
        ...exportAuth(context, keeper),
        ...(known.length > 0 && { unordered_nonces: known }),
      };
    },
    beginBlock: (context) => nonces?.removeExpired(context),
  };
}

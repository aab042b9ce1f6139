/** THE list of modules. To replace one, change its line; the order is that of genesis and of blocks. */
import { accountText, addressText } from './app/address-text.ts';
import { Application, type ApplicationOptions } from './app/application.ts';
import { KIT_STORES } from './app/chain-record.ts';
import type { Module } from './app/module.ts';
import { VALOPER_PREFIX, moduleAddress } from './base/address.ts';
import type { Db } from './store/db.ts';
import { MultiStore } from './store/multi-store.ts';
import { dueStoreUpgrade, UPGRADES, type Upgrades } from './upgrades.ts';
import { authModule } from '../modules/auth/module.ts';
import { authzModule } from '../modules/authz/module.ts';
import { bankModule } from '../modules/bank/module.ts';
import { consensusModule } from '../modules/consensus/module.ts';
import { feegrantModule } from '../modules/feegrant/module.ts';
import { handOver } from '../modules/ledger/handover.ts';
import { ledgerModule } from '../modules/ledger/module.ts';
import { settlementKeeper, settlementModule } from '../modules/settlement/module.ts';
import { stakingModule } from '../modules/staking/module.ts';
import { ChainAuthority } from '../modules/upgrade/authority.ts';
import { upgradeModule } from '../modules/upgrade/module.ts';
import { vestingForms, vestingKeeper, vestingModule } from '../modules/vesting/module.ts';

export const BASE_DENOM = 'uscale';

/** Accounts that belong to modules, and what each may do with coins. */
const MODULE_ACCOUNTS: ReadonlyMap<string, readonly string[]> = new Map([
  ['fee_collector', []],
  ['bonded_tokens_pool', ['burner', 'staking']],
  ['not_bonded_tokens_pool', ['burner', 'staking']],
]);

export interface ChainOptions extends Omit<ApplicationOptions, 'feeDenom'> {
  /** State database; its data must be of this chain. */
  readonly db: Db;
  /** Height of the first block; 1 unless the genesis file says otherwise. */
  readonly initialHeight?: number;
  /** In place of the upgrades of this program. */
  readonly upgrades?: Upgrades;
  /** Besides the modules of this program, behind them: for programs that are built on this one. */
  readonly modules?: readonly Module[];
}

/** Of every module of this program. */
const MODULE_VERSION = 1n;

/** Throws BitscaleError(store/4) when the database is damaged. */
export function createApplication(chain: ChainOptions): Application {
  const { db, initialHeight, upgrades = UPGRADES, modules: more = [], ...options } = chain;
  const authority = new ChainAuthority(moduleAddress('gov'));
  const auth = authModule({
    addresses: accountText,
    moduleAccounts: MODULE_ACCOUNTS,
    authority,
    unordered: true,
    forms: vestingForms,
  });
  const bank = bankModule({ accounts: auth.keeper, locked: vestingKeeper(auth.keeper), authority });
  const vesting = vestingModule({ accounts: auth.keeper, bank: bank.keeper });
  const authz = authzModule({ accounts: auth.keeper, receivers: bank.keeper });
  const feegrant = feegrantModule({ accounts: auth.keeper, receivers: bank.keeper });
  const operators = addressText(VALOPER_PREFIX);
  const staking = stakingModule({ operators, coins: bank.keeper, bondDenom: BASE_DENOM });

  const batches = settlementKeeper(staking.keeper);
  const ledger = ledgerModule({
    batches: { sealed: (context, batch) => batches.sealed(context, handOver(batch)) },
  });
  const settlement = settlementModule({ keeper: batches, ledger: ledger.keeper });

  const own = [auth, bank, vesting, authz, feegrant, staking, ledger, settlement];
  const others = [...own, ...more];
  const upgrade = upgradeModule({
    addresses: accountText,
    authority,
    handlers: new Map([...upgrades].map(([name, { handler }]) => [name, handler])),
    versions: others.map(({ name }) => ({ name, version: MODULE_VERSION })),
  });
  const consensus = consensusModule({ addresses: accountText, authority });
  const modules = [upgrade, ...others, consensus];
  const specs = [...KIT_STORES, ...modules.flatMap(({ stores }) => stores)];
  const names = (kind: 'iavl' | 'plain'): string[] =>
    specs.filter((spec) => spec.kind === kind).map(({ name }) => name);
  const stores = MultiStore.open(db, {
    iavl: names('iavl'),
    plain: names('plain'),
    upgrade: dueStoreUpgrade(db, upgrades),
    ...(initialHeight === undefined ? {} : { initialVersion: initialHeight }),
  });
  return new Application(
    { ...options, feeDenom: BASE_DENOM },
    {
      stores,
      modules,
      accounts: auth.keeper,
      fees: bank.keeper,
      allowances: feegrant.keeper,
      addresses: accountText,
    },
  );
}

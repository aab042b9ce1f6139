/** THE list of upgrades that this program makes. One that was made stays listed: its handler is asked for ever after. */
import { Plan } from 'cosmjs-types/cosmos/upgrade/v1beta1/upgrade';
import type { UpgradeHandler } from '../modules/upgrade/keeper.ts';
import { PLAN_KEY, STORE } from '../modules/upgrade/keys.ts';
import type { Db } from './store/db.ts';
import { peek } from './store/peek.ts';
import type { StoreUpgrade } from './store/store-set.ts';

export interface Upgrade {
  /** Runs at the start of the block of the plan; writes to new stores as well. */
  readonly handler: UpgradeHandler;
  /** Stores that appear, vanish or change their name with that block. */
  readonly stores?: StoreUpgrade;
}

/** By name of the plan. */
export type Upgrades = ReadonlyMap<string, Upgrade>;

export const UPGRADES: Upgrades = new Map();

/** What the next block changes in the set of stores: something only when it is the block of a plan. */
export function dueStoreUpgrade(db: Db, upgrades: Upgrades): StoreUpgrade {
  const { version, value } = peek(db);
  const bytes = version === 0 ? undefined : value(STORE, PLAN_KEY);
  const plan = bytes && Plan.decode(bytes);
  if (!plan || plan.height > BigInt(version) + 1n) return {};
  return upgrades.get(plan.name)?.stores ?? {};
}

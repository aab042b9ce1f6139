/** Accounts whose coins become the owner's with time. */
import type { Module } from '../../node/app/module.ts';
import type { Accounts, Bank } from './expected.ts';
import { fromAny, fromJson, toAny, toJson, VESTING_TYPES } from './forms.ts';
import { VestingKeeper } from './keeper.ts';
import { vestingMessages } from './msgs.ts';
import type { Vesting } from './schedule.ts';

/** For the module that keeps accounts, which hands back only what came from here. */
export const vestingForms = {
  typeUrls: VESTING_TYPES,
  toAny: (base: Parameters<typeof toAny>[0], part: { readonly typeUrl: string }) =>
    toAny(base, part as Vesting),
  fromAny,
  toJson: (base: Record<string, unknown>, part: { readonly typeUrl: string }) =>
    toJson(base, part as Vesting),
  fromJson,
};

/** Made before the bank, which asks it what is locked. */
export function vestingKeeper(accounts: Accounts): VestingKeeper {
  return new VestingKeeper(accounts);
}

export function vestingModule(options: {
  readonly accounts: Accounts;
  readonly bank: Bank;
}): Module {
  return {
    name: 'vesting',
    stores: [],
    messages: vestingMessages(options),
    queries: [],
    // The accounts stand in the part of the module that keeps them.
    initGenesis: () => undefined,
    exportGenesis: () => ({}),
  };
}

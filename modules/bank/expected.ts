/** What the bank needs from the modules that keep accounts and lock coins. */
import type { AddressText } from '../../node/app/address-text.ts';
import type { Bytes } from '../../node/base/bytes.ts';
import type { Coins } from '../../node/base/coin.ts';
import type { Time } from '../../node/base/time.ts';
import type { Context } from '../../node/app/context.ts';

export interface Accounts {
  readonly addresses: AddressText;
  /** Names of the accounts that belong to modules. */
  readonly moduleAccounts: ReadonlyMap<string, readonly string[]>;
  account(context: Context, address: Bytes): { readonly address: Bytes } | undefined;
  has(context: Context, address: Bytes): boolean;
  create(context: Context, address: Bytes): { readonly address: Bytes };
  moduleAccount(context: Context, name: string): { readonly address: Bytes };
  hasPermission(name: string, permission: string): boolean;
}

export interface Locked {
  /** What an account may not spend at this time; part of it may be delegated and not in the balance. */
  lockedCoins(context: Context, address: Bytes, time: Time): Coins;
}

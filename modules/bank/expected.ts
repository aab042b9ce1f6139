/** What the bank needs from the module that keeps accounts. */
import type { AddressText } from '../../node/app/address-text.ts';
import type { Bytes } from '../../node/base/bytes.ts';
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

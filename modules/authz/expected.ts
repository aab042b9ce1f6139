/** What authz needs from the modules that keep accounts and coins. */
import type { AddressText } from '../../node/app/address-text.ts';
import type { Bytes } from '../../node/base/bytes.ts';
import type { Context } from '../../node/app/context.ts';

export interface Accounts {
  readonly addresses: AddressText;
  account(context: Context, address: Bytes): { readonly address: Bytes } | undefined;
  create(context: Context, address: Bytes): { readonly address: Bytes };
}

export interface Receivers {
  /** May nobody open an account at this address by giving something to it? */
  isBlocked(address: Bytes): boolean;
}

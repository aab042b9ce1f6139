/** What vesting needs from the modules that keep accounts and coins. */
import type { AddressText } from '../../node/app/address-text.ts';
import type { Context } from '../../node/app/context.ts';
import type { Bytes } from '../../node/base/bytes.ts';
import type { Coins } from '../../node/base/coin.ts';
import type { Vesting } from './schedule.ts';

export interface Accounts {
  readonly addresses: AddressText;
  account(
    context: Context,
    address: Bytes,
  ): { readonly part?: { readonly typeUrl: string } } | undefined;
  create(context: Context, address: Bytes, more: { readonly part: Vesting }): unknown;
}

export interface Bank {
  isBlocked(address: Bytes): boolean;
  /** Throws bank/5 when users may not send one of these coins. */
  checkSendEnabled(context: Context, coins: Coins): void;
  send(context: Context, from: Bytes, payment: { readonly to: Bytes; readonly coins: Coins }): void;
}

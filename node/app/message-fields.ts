/** Addresses and coins as messages carry them, refused in the Cosmos SDK's words. */
import type { Bytes } from '../base/bytes.ts';
import { coinsFromText, type Coins, type CoinText } from '../base/coin.ts';
import { BitscaleError } from '../base/errors.ts';
import { INVALID_ADDRESS, INVALID_COINS } from '../base/sdk-errors.ts';
import type { AddressText } from './address-text.ts';

/** Throws sdk/7; `role` says which address of the message it is. */
export function readAddress(addresses: AddressText, text: string, role: string): Bytes {
  try {
    return addresses.read(text);
  } catch (error) {
    if (!(error instanceof BitscaleError)) throw error;
    const why = error.message.replace(`: ${INVALID_ADDRESS.text}`, '');
    throw new BitscaleError(INVALID_ADDRESS, `invalid ${role} address: ${why}`, { cause: error });
  }
}

/** At least one coin, in normal form. Throws sdk/10 with the coins as written. */
export function readCoins(list: readonly CoinText[]): Coins {
  if (list.length === 0) throw new BitscaleError(INVALID_COINS);
  try {
    return coinsFromText(list);
  } catch (error) {
    if (!(error instanceof BitscaleError)) throw error;
    const written = list.map(({ denom, amount }) => `${amount}${denom}`).join(',');
    throw new BitscaleError(INVALID_COINS, written, { cause: error });
  }
}

/**
 * Remembers what was read from the newest message: a block checks each message right before it executes it. Messages
 * never change once they are decoded.
 */
export function readOnce<M extends object, R>(read: (message: M) => R): (message: M) => R {
  let newest: { readonly message: M; readonly content: R } | undefined;
  return (message) => {
    if (newest?.message !== message) newest = { message, content: read(message) };
    return newest.content;
  };
}

/** As hardware wallets sign a coin. */
export const aminoCoin = ({ denom, amount }: CoinText) => ({ denom, amount });

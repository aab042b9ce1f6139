/** The limit of an authorization. It may be negative or empty here: what makes no sense is found by its check. */
import type { Coin, CoinText } from '../../node/base/coin.ts';
import { BitscaleError, type ErrorKind } from '../../node/base/errors.ts';
import { parseSigned } from '../../node/base/int.ts';

/** Throws `kind` on an amount that is no integer. */
export function readLimit({ denom, amount }: CoinText, kind: ErrorKind): Coin {
  try {
    return { denom, amount: parseSigned(amount) };
  } catch (cause) {
    throw new BitscaleError(kind, `invalid amount ${amount.slice(0, 100)}`, { cause });
  }
}

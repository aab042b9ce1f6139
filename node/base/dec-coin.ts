/** Decimal coins: gas prices and reward shares. Lists in normal form, as in coin.ts. */
import { byDenom, checkDenom, invalidCoins, type Coin, type Coins } from './coin.ts';
import { Dec } from './dec.ts';
import { BitscaleError } from './errors.ts';
import { DIVISION_BY_ZERO } from './int.ts';
import { MAX_PARSED_COINS } from './limits.ts';

export interface DecCoin {
  readonly denom: string;
  readonly amount: Dec;
}

export type DecCoins = readonly DecCoin[];

const DEC_COIN = /^([0-9]+(?:\.[0-9]+)?)\s*([a-zA-Z][a-zA-Z0-9/:._-]{2,127})$/;

/** Sorts and drops zeros; refuses duplicates and negative amounts with sdk/10. */
export function newDecCoins(list: DecCoins): DecCoins {
  const coins = list.filter(({ amount }) => !amount.isZero()).sort(byDenom);
  for (const [i, { denom, amount }] of coins.entries()) {
    checkDenom(denom);
    if (denom === coins[i - 1]?.denom) throw invalidCoins(`duplicate denomination ${denom}`);
    if (amount.isNegative())
      throw invalidCoins(`coin ${amount.toString()}${denom} amount is not positive`);
  }
  return coins;
}

export function decAmountOf(coins: DecCoins, denom: string): Dec {
  return coins.find((coin) => coin.denom === denom)?.amount ?? Dec.ZERO;
}

function combine(a: DecCoins, b: DecCoins, amount: (left: Dec, right: Dec) => Dec): DecCoins {
  const denoms = new Set([...a, ...b].map(({ denom }) => denom));
  return [...denoms]
    .map((denom) => ({ denom, amount: amount(decAmountOf(a, denom), decAmountOf(b, denom)) }))
    .filter((coin) => !coin.amount.isZero())
    .sort(byDenom);
}

export function addDecCoins(a: DecCoins, b: DecCoins): DecCoins {
  return combine(a, b, (left, right) => left.add(right));
}

/** The difference, which may hold negative amounts, and whether it does. */
export function safeSubDecCoins(a: DecCoins, b: DecCoins): { coins: DecCoins; negative: boolean } {
  const coins = combine(a, b, (left, right) => left.sub(right));
  return { coins, negative: coins.some(({ amount }) => amount.isNegative()) };
}

/** Throws sdk/10 when `a` does not hold all of `b`. */
export function subDecCoins(a: DecCoins, b: DecCoins): DecCoins {
  const { coins, negative } = safeSubDecCoins(a, b);
  if (negative) throw invalidCoins('negative coin amount');
  return coins;
}

/** The smaller amount of each coin that both hold. */
export function intersectDecCoins(a: DecCoins, b: DecCoins): DecCoins {
  return combine(a, b, (left, right) => Dec.min(left, right));
}

function each(coins: DecCoins, amount: (amount: Dec) => Dec): DecCoins {
  return newDecCoins(coins.map((coin) => ({ denom: coin.denom, amount: amount(coin.amount) })));
}

export function mulDecCoins(coins: DecCoins, factor: Dec): DecCoins {
  return each(coins, (amount) => amount.mul(factor));
}

export function mulDecCoinsTruncate(coins: DecCoins, factor: Dec): DecCoins {
  return each(coins, (amount) => amount.mulTruncate(factor));
}

/** Throws math/3 for a zero divisor, also with no coins. */
export function quoDecCoins(coins: DecCoins, divisor: Dec): DecCoins {
  if (divisor.isZero()) throw new BitscaleError(DIVISION_BY_ZERO);
  return each(coins, (amount) => amount.quo(divisor));
}

/** Throws math/3 for a zero divisor, also with no coins. */
export function quoDecCoinsTruncate(coins: DecCoins, divisor: Dec): DecCoins {
  if (divisor.isZero()) throw new BitscaleError(DIVISION_BY_ZERO);
  return each(coins, (amount) => amount.quoTruncate(divisor));
}

/** The whole part of each coin, and what remains. */
export function truncateDecCoins(coins: DecCoins): { whole: Coins; change: DecCoins } {
  const whole: Coin[] = [];
  const change: DecCoin[] = [];
  for (const { denom, amount } of coins) {
    const integer = amount.truncateInt();
    if (integer !== 0n) whole.push({ denom, amount: integer });
    const rest = amount.sub(amount.truncateDec());
    if (!rest.isZero()) change.push({ denom, amount: rest });
  }
  return { whole, change };
}

/** A comma-separated list such as "0.025uscale". Throws sdk/10. */
export function parseDecCoins(text: string): DecCoins {
  if (text.trim() === '') return [];
  const parts = text.split(',', MAX_PARSED_COINS + 1);
  if (parts.length > MAX_PARSED_COINS) throw invalidCoins('too many coins');
  const coins = parts.map(parseDecCoin).sort(byDenom);
  if (coins.some((coin, i) => coin.denom === coins[i - 1]?.denom)) {
    throw invalidCoins('duplicate denomination');
  }
  return newDecCoins(coins);
}

function parseDecCoin(text: string): DecCoin {
  const match = DEC_COIN.exec(text.trim());
  if (match === null) throw invalidCoins(`invalid decimal coin expression: ${text}`);
  try {
    return { denom: match[2]!, amount: Dec.parse(match[1]!) };
  } catch {
    throw invalidCoins(`invalid decimal coin expression: ${text}`);
  }
}

/** "1.500000000000000000atom,..." */
export function formatDecCoins(coins: DecCoins): string {
  return coins.map(({ denom, amount }) => `${amount.toString()}${denom}`).join(',');
}

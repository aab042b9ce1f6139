/**
 * Coins: an amount of a denomination. A list is in normal form when its denominations are valid, strictly
 * ascending and all amounts positive; every function here takes and returns lists in normal form.
 */
import { BitscaleError } from './errors.ts';
import { addInt, checkInt, DIVISION_BY_ZERO, parseUnsigned } from './int.ts';
import { MAX_PARSED_COINS } from './limits.ts';
import { INSUFFICIENT_FUNDS, INVALID_COINS } from './sdk-errors.ts';

export interface Coin {
  readonly denom: string;
  readonly amount: bigint;
}

export type Coins = readonly Coin[];

/** A coin as protobuf and JSON carry it. */
export interface CoinText {
  denom: string;
  amount: string;
}

const DENOM = /^[a-zA-Z][a-zA-Z0-9/:._-]{2,127}$/;
const COIN = /^([0-9]+)\s*([a-zA-Z][a-zA-Z0-9/:._-]{2,127})$/;

export function invalidCoins(detail: string): BitscaleError {
  return new BitscaleError(INVALID_COINS, detail);
}

export function isDenom(denom: string): boolean {
  return DENOM.test(denom) && !denom.endsWith('\n');
}

/** Throws sdk/10. */
export function checkDenom(denom: string): void {
  if (!isDenom(denom)) throw invalidCoins(`invalid denom: ${denom}`);
}

/** Throws sdk/10 unless the list is in normal form. */
export function checkCoins(coins: Coins): void {
  let last = '';
  for (const { denom, amount } of coins) {
    checkDenom(denom);
    if (denom === last) throw invalidCoins(`duplicate denomination ${denom}`);
    if (denom < last) throw invalidCoins(`denomination ${denom} is not sorted`);
    if (amount <= 0n) throw invalidCoins(`coin ${amount}${denom} amount is not positive`);
    last = denom;
  }
}

export function byDenom(a: { denom: string }, b: { denom: string }): number {
  if (a.denom === b.denom) return 0;
  return a.denom < b.denom ? -1 : 1;
}

/** Sorts and drops zero amounts; refuses duplicates and negative amounts with sdk/10. */
export function newCoins(list: Coins): Coins {
  const coins = list.filter(({ amount }) => amount !== 0n).sort(byDenom);
  checkCoins(coins);
  return coins;
}

export function amountOf(coins: Coins, denom: string): bigint {
  return coins.find((coin) => coin.denom === denom)?.amount ?? 0n;
}

/** Both lists in one, in order of denomination: what each of them holds. */
function join(a: Coins, b: Coins): { denom: string; left: bigint; right: bigint }[] {
  checkOrder(a);
  checkOrder(b);
  const out: { denom: string; left: bigint; right: bigint }[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const order = i === a.length ? 1 : j === b.length ? -1 : byDenom(a[i]!, b[j]!);
    const denom = order <= 0 ? a[i]!.denom : b[j]!.denom;
    const left = order <= 0 ? a[i++]!.amount : 0n;
    const right = order >= 0 ? b[j++]!.amount : 0n;
    out.push({ denom, left, right });
  }
  return out;
}

function checkOrder(coins: Coins): void {
  for (let i = 1; i < coins.length; i++) {
    if (coins[i - 1]!.denom >= coins[i]!.denom) throw invalidCoins('coins must be sorted');
  }
}

function combine(a: Coins, b: Coins, amount: (left: bigint, right: bigint) => bigint): Coins {
  return join(a, b)
    .map(({ denom, left, right }) => ({ denom, amount: amount(left, right) }))
    .filter((coin) => coin.amount !== 0n);
}

/** Throws math/2 when a sum needs more than 256 bits. */
export function addCoins(a: Coins, b: Coins): Coins {
  return combine(a, b, addInt);
}

/**
 * What all of these lists hold together, in time that grows with what they hold: messages may carry thousands of
 * lists, each with another denomination. Throws as addCoins does.
 */
export function sumCoins(lists: Iterable<Coins>): Coins {
  const sums = new Map<string, bigint>();
  for (const coins of lists) {
    checkOrder(coins);
    for (const { denom, amount } of coins) sums.set(denom, addInt(sums.get(denom) ?? 0n, amount));
  }
  return Array.from(sums, ([denom, amount]) => ({ denom, amount }))
    .filter(({ amount }) => amount !== 0n)
    .sort(byDenom);
}

/** The difference, which may hold negative amounts, and whether it does. */
export function safeSubCoins(a: Coins, b: Coins): { coins: Coins; negative: boolean } {
  const coins = combine(a, b, (left, right) => checkInt(left - right));
  return { coins, negative: coins.some(({ amount }) => amount < 0n) };
}

/** Throws sdk/5 when `a` does not hold all of `b`. */
export function subCoins(a: Coins, b: Coins): Coins {
  const { coins, negative } = safeSubCoins(a, b);
  if (negative) {
    throw new BitscaleError(
      INSUFFICIENT_FUNDS,
      `${formatCoins(a)} is smaller than ${formatCoins(b)}`,
    );
  }
  return coins;
}

export function mulCoins(coins: Coins, factor: bigint): Coins {
  if (factor === 0n) throw invalidCoins('multiplying coins by zero');
  return newCoins(coins.map(({ denom, amount }) => ({ denom, amount: checkInt(amount * factor) })));
}

/** Each amount divided towards zero; what becomes zero is dropped. */
export function quoCoins(coins: Coins, divisor: bigint): Coins {
  if (divisor === 0n) throw new BitscaleError(DIVISION_BY_ZERO);
  return newCoins(coins.map(({ denom, amount }) => ({ denom, amount: amount / divisor })));
}

export function maxCoins(a: Coins, b: Coins): Coins {
  return combine(a, b, (left, right) => (left > right ? left : right));
}

export function minCoins(a: Coins, b: Coins): Coins {
  return combine(a, b, (left, right) => (left < right ? left : right));
}

export function coinsEqual(a: Coins, b: Coins): boolean {
  return join(a, b).every(({ left, right }) => left === right);
}

/** Is there at least as much of every coin of `b` in `a`? */
export function allGte(a: Coins, b: Coins): boolean {
  return join(a, b).every(({ left, right }) => left >= right);
}

/** Is there more of every coin of `b` in `a`? False for an empty `a`. */
export function allGt(a: Coins, b: Coins): boolean {
  return a.length > 0 && join(a, b).every(({ left, right }) => right === 0n || left > right);
}

/** Does `a` hold more of some coin that `b` holds too? */
export function anyGt(a: Coins, b: Coins): boolean {
  return join(a, b).some(({ left, right }) => right !== 0n && left > right);
}

/** Does `a` hold as much of some coin that `b` holds too? */
export function anyGte(a: Coins, b: Coins): boolean {
  return join(a, b).some(({ left, right }) => right !== 0n && left >= right);
}

export function denomsSubsetOf(a: Coins, b: Coins): boolean {
  return join(a, b).every(({ left, right }) => left === 0n || right !== 0n);
}

export function formatCoin({ denom, amount }: Coin): string {
  return `${amount}${denom}`;
}

/** "1atom,2stake"; the empty text for no coins. */
export function formatCoins(coins: Coins): string {
  return coins.length === 1 ? formatCoin(coins[0]!) : coins.map(formatCoin).join(',');
}

/** "10atom", with white space allowed around and before the denomination. Throws sdk/10. */
export function parseCoin(text: string): Coin {
  const match = COIN.exec(text.trim());
  if (match === null) throw invalidCoins(`invalid coin expression: ${text}`);
  return { denom: match[2]!, amount: parseAmount(match[1]!) };
}

/** A comma-separated list in any order. Throws sdk/10, for a fraction too. */
export function parseCoins(text: string): Coins {
  if (text.trim() === '') return [];
  const parts = text.split(',', MAX_PARSED_COINS + 1);
  if (parts.length > MAX_PARSED_COINS) throw invalidCoins('too many coins');
  const coins = parts.map(parseCoin).sort(byDenom);
  if (coins.some((coin, i) => coin.denom === coins[i - 1]?.denom)) {
    throw invalidCoins('duplicate denomination');
  }
  return newCoins(coins);
}

function parseAmount(text: string): bigint {
  try {
    return parseUnsigned(text);
  } catch (cause) {
    throw new BitscaleError(INVALID_COINS, `invalid amount ${text.slice(0, 100)}`, { cause });
  }
}

/** From the protobuf form. Checks denomination and amount; zero is allowed. Throws sdk/10. */
export function coinFromText({ denom, amount }: CoinText): Coin {
  checkDenom(denom);
  return { denom, amount: parseAmount(amount) };
}

/** From the protobuf form, which must already be in normal form. Throws sdk/10. */
export function coinsFromText(list: readonly CoinText[]): Coins {
  const coins = list.map(coinFromText);
  checkCoins(coins);
  return coins;
}

export function coinToText({ denom, amount }: Coin): CoinText {
  return { denom, amount: amount.toString() };
}

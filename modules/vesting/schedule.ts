/** What of an account's coins still vests at a time, and what its delegations take of which part. Pure. */
import {
  addCoins,
  allGte,
  amountOf,
  checkCoins,
  coinsEqual,
  formatCoins,
  minCoins,
  subCoins,
  sumCoins,
  type Coin,
  type Coins,
} from '../../node/base/coin.ts';
import { Dec } from '../../node/base/dec.ts';
import { assert, BitscaleError } from '../../node/base/errors.ts';
import { isInt64 } from '../../node/base/int.ts';
import { MAX_VESTING_PERIODS } from '../../node/base/limits.ts';
import { INVALID_REQUEST } from '../../node/base/sdk-errors.ts';

const PACKAGE = '/cosmos.vesting.v1beta1';
export const CONTINUOUS = `${PACKAGE}.ContinuousVestingAccount`;
export const DELAYED = `${PACKAGE}.DelayedVestingAccount`;
export const PERIODIC = `${PACKAGE}.PeriodicVestingAccount`;
export const PERMANENT = `${PACKAGE}.PermanentLockedAccount`;

interface Amounts {
  readonly original: Coins;
  /** Delegated while it was free, and while it was vesting. */
  readonly delegatedFree: Coins;
  readonly delegatedVesting: Coins;
  /** Seconds since 1970, as all times here. */
  readonly endTime: bigint;
}

export interface Period {
  /** Seconds. */
  readonly length: bigint;
  readonly amount: Coins;
}

export interface Continuous extends Amounts {
  readonly typeUrl: typeof CONTINUOUS;
  readonly startTime: bigint;
}

/** All at once at the end, or never. */
export interface AtOnce extends Amounts {
  readonly typeUrl: typeof DELAYED | typeof PERMANENT;
}

export interface Periodic extends Amounts {
  readonly typeUrl: typeof PERIODIC;
  readonly startTime: bigint;
  readonly periods: readonly Period[];
}

export type Vesting = Continuous | AtOnce | Periodic;

export const NOTHING_DELEGATED = { delegatedFree: [], delegatedVesting: [] } as const;

/** What is the owner's by now. */
export function vestedCoins(vesting: Vesting, now: bigint): Coins {
  const { original, endTime } = vesting;
  switch (vesting.typeUrl) {
    case PERMANENT:
      return [];
    case DELAYED:
      return now >= endTime ? original : [];
    case CONTINUOUS:
    case PERIODIC:
      if (now <= vesting.startTime) return [];
      if (now >= endTime) return original;
      return vesting.typeUrl === CONTINUOUS ? linear(vesting, now) : byPeriods(vesting, now);
  }
}

/** The share of the time that has gone, rounded half to even at 18 places, of each coin, rounded the same way. */
function linear({ original, startTime, endTime }: Continuous, now: bigint): Coins {
  const share = Dec.fraction(now - startTime, endTime - startTime);
  return original
    .map(({ denom, amount }) => ({ denom, amount: Dec.fromInt(amount).mul(share).roundInt() }))
    .filter(({ amount }) => amount > 0n);
}

function byPeriods({ startTime, periods }: Periodic, now: bigint): Coins {
  const vested: Coins[] = [];
  let end = startTime;
  for (const { length, amount } of periods) {
    end += length;
    if (now < end) break;
    vested.push(amount);
  }
  return sumCoins(vested);
}

export function vestingCoins(vesting: Vesting, now: bigint): Coins {
  return subCoins(vesting.original, vestedCoins(vesting, now));
}

/** What may not be spent: what vests and is not delegated. */
export function lockedCoins(vesting: Vesting, now: bigint): Coins {
  const coins = vestingCoins(vesting, now);
  return subCoins(coins, minCoins(coins, vesting.delegatedVesting));
}

export interface Delegation {
  readonly now: bigint;
  /** What the account holds before it delegates, locked or not. */
  readonly balance: Coins;
  readonly amount: Coins;
}

/** A delegation takes what vests first, and what is free when that is used up. */
export function trackDelegation<V extends Vesting>(vesting: V, delegation: Delegation): V {
  const { now, balance, amount } = delegation;
  const coins = vestingCoins(vesting, now);
  let { delegatedFree, delegatedVesting } = vesting;
  for (const { denom, amount: size } of amount) {
    assert(
      size > 0n && amountOf(balance, denom) >= size,
      'a delegation of coins that are not held',
    );
    const open = amountOf(coins, denom) - amountOf(delegatedVesting, denom);
    const locked = smaller(open > 0n ? open : 0n, size);
    delegatedVesting = add(delegatedVesting, { denom, amount: locked });
    delegatedFree = add(delegatedFree, { denom, amount: size - locked });
  }
  return { ...vesting, delegatedFree, delegatedVesting };
}

/**
 * What comes back was free first. More may come back than was delegated, when a validator's shares have become
 * worth more by rounding: the rest is nobody's delegation.
 */
export function trackUndelegation<V extends Vesting>(vesting: V, amount: Coins): V {
  let { delegatedFree, delegatedVesting } = vesting;
  for (const { denom, amount: size } of amount) {
    assert(size > 0n, 'an undelegation of nothing');
    const free = smaller(amountOf(delegatedFree, denom), size);
    const locked = smaller(amountOf(delegatedVesting, denom), size - free);
    delegatedFree = add(delegatedFree, { denom, amount: -free });
    delegatedVesting = add(delegatedVesting, { denom, amount: -locked });
  }
  return { ...vesting, delegatedFree, delegatedVesting };
}

const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);

function add(coins: Coins, coin: Coin): Coins {
  if (coin.amount === 0n) return coins;
  if (coin.amount > 0n) return addCoins(coins, [coin]);
  return subCoins(coins, [{ denom: coin.denom, amount: -coin.amount }]);
}

/** Start, periods and what they add up to. Throws sdk/18 when the end needs more than 64 bits. */
export function periodic(startTime: bigint, periods: readonly Period[]): Periodic {
  const endTime = periods.reduce((end, { length }) => end + length, startTime);
  if (!isInt64(endTime)) throw wrong('vesting end-time cannot precede start-time');
  const original = sumCoins(periods.map(({ amount }) => amount));
  return { typeUrl: PERIODIC, original, ...NOTHING_DELEGATED, startTime, endTime, periods };
}

const wrong = (detail: string): BitscaleError => new BitscaleError(INVALID_REQUEST, detail);

/** Throws sdk/18 in the SDK's words, or sdk/10 on coins that make no sense. */
export function checkVesting(vesting: Vesting): void {
  if (vesting.typeUrl === PERIODIC) checkPeriods(vesting);
  if (vesting.typeUrl === PERMANENT && vesting.endTime > 0n) {
    throw wrong('permanently vested accounts cannot have an end-time');
  }
  const { original, endTime, delegatedFree, delegatedVesting } = vesting;
  if (endTime < 0n) throw wrong('end time cannot be negative');
  if (original.length === 0) throw wrong('invalid coins: ');
  for (const coins of [original, delegatedFree, delegatedVesting]) checkCoins(coins);
  if (!allGte(original, delegatedVesting)) {
    throw wrong('delegated vesting amount cannot be greater than original vesting amount');
  }
}

function checkPeriods({ startTime, endTime, periods, original }: Periodic): void {
  if (periods.length > MAX_VESTING_PERIODS) throw wrong(`more than ${MAX_VESTING_PERIODS} periods`);
  if (startTime > endTime) throw wrong('vesting end-time cannot precede start-time');
  periods.forEach(({ length, amount }, index) => {
    if (length < 0n) throw wrong(`period #${index} has a negative length: ${length}`);
    if (amount.length === 0) throw wrong(`period #${index} has invalid coins: `);
    checkCoins(amount);
  });
  const sum = periodic(startTime, periods);
  if (sum.endTime !== endTime) {
    throw wrong('vesting end time does not match length of all vesting periods');
  }
  if (!coinsEqual(sum.original, original)) {
    const [whole, parts] = [formatCoins(original), formatCoins(sum.original)];
    const detail = `original vesting coins (${whole}) does not match the sum`;
    throw wrong(`${detail} of all coins in vesting periods (${parts})`);
  }
}

/**
 * Vesting that ends before it begins, which no genesis file may say, unless it is over at `now`: a message may open such
 * an account, and the chain that goes on from an export has it, too.
 */
export function checkOrder(vesting: Vesting, now: bigint): void {
  if (vesting.typeUrl !== CONTINUOUS || vesting.startTime < vesting.endTime) return;
  if (vesting.endTime <= now) return;
  throw wrong('vesting start-time cannot be before end-time');
}

/** Allowances: how much of somebody's fees may be paid, until when, and for which messages. */
import type { Time } from '../../node/base/time.ts';
import { compareTime } from '../../node/base/time.ts';
import {
  checkCoins,
  denomsSubsetOf,
  formatCoins,
  safeSubCoins,
  type Coins,
} from '../../node/base/coin.ts';
import { BitscaleError } from '../../node/base/errors.ts';
import { INVALID_COINS } from '../../node/base/sdk-errors.ts';
import { laterTime } from '../../node/app/proto-time.ts';
import {
  FEE_LIMIT_EXCEEDED,
  FEE_LIMIT_EXPIRED,
  INVALID_DURATION,
  MESSAGE_NOT_ALLOWED,
  NO_ALLOWANCE,
  NO_MESSAGES,
} from './errors.ts';

export interface BasicAllowance {
  readonly kind: 'basic';
  /** Empty: no limit. */
  readonly spendLimit: Coins;
  readonly expiration?: Time;
}

export interface PeriodicAllowance {
  readonly kind: 'periodic';
  readonly basic: BasicAllowance;
  /** Nanoseconds. */
  readonly period: bigint;
  readonly periodSpendLimit: Coins;
  readonly periodCanSpend: Coins;
  readonly periodReset: Time;
}

export interface AllowedMsgAllowance {
  readonly kind: 'allowed-msg';
  readonly allowance?: Allowance;
  readonly allowedMessages: readonly string[];
}

export type Allowance = BasicAllowance | PeriodicAllowance | AllowedMsgAllowance;

/** What a transaction asks of an allowance. */
export interface FeeRequest {
  readonly fee: Coins;
  readonly messageTypes: readonly string[];
  readonly time: Time;
  /** Told of each step over a list. */
  step(): void;
}

/** The allowance afterwards; undefined when it is used up. Throws feegrant/2, 3 or 7. */
export function acceptFee(allowance: Allowance, request: FeeRequest): Allowance | undefined {
  if (allowance.kind === 'basic') return acceptBasic(allowance, request);
  if (allowance.kind === 'periodic') return acceptPeriodic(allowance, request);
  const { allowedMessages } = allowance;
  allowedMessages.forEach(() => request.step());
  for (const type of request.messageTypes) {
    request.step();
    if (allowedMessages.includes(type)) continue;
    const detail = 'message does not exist in allowed messages';
    throw new BitscaleError(MESSAGE_NOT_ALLOWED, detail);
  }
  const inner = acceptFee(innerOf(allowance), request);
  return inner && { ...allowance, allowance: inner };
}

function innerOf({ allowance }: AllowedMsgAllowance): Allowance {
  if (!allowance) throw new BitscaleError(NO_ALLOWANCE, 'failed to get allowance');
  return allowance;
}

function acceptBasic(
  allowance: BasicAllowance,
  { fee, time }: FeeRequest,
): BasicAllowance | undefined {
  const { spendLimit, expiration } = allowance;
  if (expiration && compareTime(expiration, time) < 0) {
    throw new BitscaleError(FEE_LIMIT_EXPIRED, 'basic allowance');
  }
  if (spendLimit.length === 0) return allowance;
  const left = take(spendLimit, fee, 'basic allowance');
  return left.length === 0 ? undefined : { ...allowance, spendLimit: left };
}

function take(limit: Coins, fee: Coins, which: string): Coins {
  const { coins, negative } = safeSubCoins(limit, fee);
  if (negative) throw new BitscaleError(FEE_LIMIT_EXCEEDED, which);
  return coins;
}

function acceptPeriodic(
  allowance: PeriodicAllowance,
  { fee, time }: FeeRequest,
): PeriodicAllowance | undefined {
  const { expiration } = allowance.basic;
  if (expiration && compareTime(expiration, time) < 0) {
    throw new BitscaleError(FEE_LIMIT_EXPIRED, 'absolute limit');
  }
  const current = resetPeriod(allowance, time);
  const periodCanSpend = take(current.periodCanSpend, fee, 'period limit');
  const { basic } = current;
  if (basic.spendLimit.length === 0) return { ...current, periodCanSpend };
  const spendLimit = take(basic.spendLimit, fee, 'absolute limit');
  if (spendLimit.length === 0) return undefined;
  return { ...current, periodCanSpend, basic: { ...basic, spendLimit } };
}

/** Periods follow each other without gap while they are used, and start anew after a pause. */
function resetPeriod(allowance: PeriodicAllowance, time: Time): PeriodicAllowance {
  const { basic, period, periodSpendLimit, periodReset } = allowance;
  if (compareTime(time, periodReset) < 0) return allowance;
  const limit = basic.spendLimit;
  const short = limit.length > 0 && safeSubCoins(limit, periodSpendLimit).negative;
  const next = laterTime(periodReset, period);
  return {
    ...allowance,
    periodCanSpend: short ? limit : periodSpendLimit,
    periodReset: compareTime(time, next) > 0 ? laterTime(time, period) : next,
  };
}

export function expiryOf(allowance: Allowance): Time | undefined {
  if (allowance.kind === 'basic') return allowance.expiration;
  if (allowance.kind === 'periodic') return allowance.basic.expiration;
  return expiryOf(innerOf(allowance));
}

/** Throws what the Cosmos SDK answers to an allowance that makes no sense. */
export function checkAllowance(allowance: Allowance): void {
  if (allowance.kind === 'basic') {
    checkBasic(allowance);
    return;
  }
  if (allowance.kind === 'periodic') {
    checkPeriodic(allowance);
    return;
  }
  if (!allowance.allowance) {
    throw new BitscaleError(NO_ALLOWANCE, 'allowance should not be empty');
  }
  if (allowance.allowedMessages.length === 0) {
    throw new BitscaleError(NO_MESSAGES, "allowed messages shouldn't be empty");
  }
  checkAllowance(allowance.allowance);
}

function checkBasic({ spendLimit, expiration }: BasicAllowance): void {
  checkLimit(spendLimit, 'send amount is invalid');
  if (expiration && expiration.seconds < 0n) {
    throw new BitscaleError(INVALID_DURATION, 'expiration time cannot be negative');
  }
}

function checkLimit(coins: Coins, what: string): void {
  try {
    checkCoins(coins);
  } catch (cause) {
    if (!(cause instanceof BitscaleError)) throw cause;
    throw new BitscaleError(INVALID_COINS, `${what}: ${formatCoins(coins)}`, { cause });
  }
}

function checkPeriodic(allowance: PeriodicAllowance): void {
  const { basic, period, periodSpendLimit, periodCanSpend } = allowance;
  checkBasic(basic);
  checkLimit(periodSpendLimit, 'spend amount is invalid');
  if (periodSpendLimit.length === 0) {
    throw new BitscaleError(INVALID_COINS, 'spend limit must be positive');
  }
  checkLimit(periodCanSpend, 'can spend amount is invalid');
  if (basic.spendLimit.length > 0 && !denomsSubsetOf(periodSpendLimit, basic.spendLimit)) {
    const detail = 'period spend limit has different currency than basic spend limit';
    throw new BitscaleError(INVALID_COINS, detail);
  }
  if (period < 0n) throw new BitscaleError(INVALID_DURATION, 'negative clock step');
}

/** Vesting accounts as the store and clients have them, and as the genesis file does. */
import type { BaseAccount } from 'cosmjs-types/cosmos/auth/v1beta1/auth';
import {
  BaseVestingAccount,
  ContinuousVestingAccount,
  DelayedVestingAccount,
  PeriodicVestingAccount,
  PermanentLockedAccount,
} from 'cosmjs-types/cosmos/vesting/v1beta1/vesting';
import { Any } from 'cosmjs-types/google/protobuf/any';
import {
  coinFromText,
  coinsFromText,
  coinToText,
  type Coins,
  type CoinText,
} from '../../node/base/coin.ts';
import { assert, BitscaleError } from '../../node/base/errors.ts';
import { isInt64 } from '../../node/base/int.ts';
import { ErrGenesisShape, field, list, object, text } from '../../node/app/genesis-json.ts';
import {
  checkOrder,
  checkVesting,
  CONTINUOUS,
  DELAYED,
  PERIODIC,
  PERMANENT,
  type AtOnce,
  type Period,
  type Vesting,
} from './schedule.ts';

type Json = Record<string, unknown>;

export const VESTING_TYPES: ReadonlySet<string> = new Set([
  CONTINUOUS,
  DELAYED,
  PERIODIC,
  PERMANENT,
]);

const texts = (coins: Coins): CoinText[] => coins.map(coinToText);

export function toAny(baseAccount: BaseAccount, vesting: Vesting): Any {
  const { typeUrl } = vesting;
  const baseVestingAccount = BaseVestingAccount.fromPartial({
    baseAccount,
    originalVesting: texts(vesting.original),
    delegatedFree: texts(vesting.delegatedFree),
    delegatedVesting: texts(vesting.delegatedVesting),
    endTime: vesting.endTime,
  });
  const any = (value: Uint8Array): Any => Any.fromPartial({ typeUrl, value });
  switch (vesting.typeUrl) {
    case CONTINUOUS: {
      const { startTime } = vesting;
      return any(ContinuousVestingAccount.encode({ baseVestingAccount, startTime }).finish());
    }
    case PERIODIC: {
      const { startTime, periods } = vesting;
      const vestingPeriods = periods.map(({ length, amount }) => ({
        length,
        amount: texts(amount),
      }));
      const account = { baseVestingAccount, startTime, vestingPeriods };
      return any(PeriodicVestingAccount.encode(account).finish());
    }
    case DELAYED:
      return any(DelayedVestingAccount.encode({ baseVestingAccount }).finish());
    case PERMANENT:
      return any(PermanentLockedAccount.encode({ baseVestingAccount }).finish());
  }
}

interface Opened {
  readonly base: BaseAccount;
  readonly amounts: Omit<AtOnce, 'typeUrl'>;
}

function openBase(outer: BaseVestingAccount | undefined): Opened {
  assert(outer?.baseAccount, 'a stored vesting account without base account');
  const amounts = {
    original: outer.originalVesting.map(coinFromText),
    delegatedFree: outer.delegatedFree.map(coinFromText),
    delegatedVesting: outer.delegatedVesting.map(coinFromText),
    endTime: outer.endTime,
  };
  return { base: outer.baseAccount, amounts };
}

/** Of bytes that this program has stored. */
export function fromAny({ typeUrl, value }: Any): { base: BaseAccount; part: Vesting } {
  switch (typeUrl) {
    case CONTINUOUS: {
      const { baseVestingAccount, startTime } = ContinuousVestingAccount.decode(value);
      const { base, amounts } = openBase(baseVestingAccount);
      return { base, part: { typeUrl, ...amounts, startTime } };
    }
    case PERIODIC: {
      const { baseVestingAccount, startTime, ...rest } = PeriodicVestingAccount.decode(value);
      const { base, amounts } = openBase(baseVestingAccount);
      const periods = rest.vestingPeriods.map(({ length, amount }): Period => ({
        length,
        amount: amount.map(coinFromText),
      }));
      return { base, part: { typeUrl, ...amounts, startTime, periods } };
    }
    case DELAYED: {
      const { base, amounts } = openBase(DelayedVestingAccount.decode(value).baseVestingAccount);
      return { base, part: { typeUrl, ...amounts } };
    }
    default: {
      assert(typeUrl === PERMANENT, `stored account of type ${typeUrl}`);
      const { base, amounts } = openBase(PermanentLockedAccount.decode(value).baseVestingAccount);
      return { base, part: { typeUrl, ...amounts } };
    }
  }
}

export function toJson(base: Json, vesting: Vesting): Json {
  const outer = {
    base_vesting_account: {
      base_account: base,
      original_vesting: texts(vesting.original),
      delegated_free: texts(vesting.delegatedFree),
      delegated_vesting: texts(vesting.delegatedVesting),
      end_time: String(vesting.endTime),
    },
  };
  if (!('startTime' in vesting)) return outer;
  const start_time = String(vesting.startTime);
  if (!('periods' in vesting)) return { ...outer, start_time };
  const vesting_periods = vesting.periods.map(({ length, amount }) => ({
    length: String(length),
    amount: texts(amount),
  }));
  return { ...outer, start_time, vesting_periods };
}

function readSeconds(json: unknown, place: string): bigint {
  const written = text(json, place);
  const value = /^(?:0|-?[1-9][0-9]{0,18})$/.test(written) ? BigInt(written) : undefined;
  if (value !== undefined && isInt64(value)) return value;
  throw new BitscaleError(ErrGenesisShape, `${place} must be a whole number of 64 bits`);
}

function readCoins(json: unknown, place: string): Coins {
  const coins = list(json ?? [], place).map((item) => {
    const { denom, amount } = object(item, place);
    return { denom: text(denom, 'denom'), amount: text(amount, 'amount') };
  });
  return coinsFromText(coins);
}

/** Throws app/2, sdk/10 or sdk/18 on what makes no sense in a chain that begins at `now`. */
export function fromJson(json: Json, now: bigint): { base: Json; part: Vesting } {
  const outer = object(field(json, 'base_vesting_account'), 'base_vesting_account');
  const base = object(field(outer, 'base_account'), 'base_account');
  const amounts = {
    original: readCoins(outer['original_vesting'], 'original_vesting'),
    delegatedFree: readCoins(outer['delegated_free'], 'delegated_free'),
    delegatedVesting: readCoins(outer['delegated_vesting'], 'delegated_vesting'),
    endTime: readSeconds(outer['end_time'] ?? '0', 'end_time'),
  };
  const start = (): bigint => readSeconds(json['start_time'] ?? '0', 'start_time');
  const read = (): Vesting => {
    switch (json['@type']) {
      case CONTINUOUS:
        return { typeUrl: CONTINUOUS, ...amounts, startTime: start() };
      case PERIODIC:
        return { typeUrl: PERIODIC, ...amounts, startTime: start(), periods: readPeriods(json) };
      default:
        return { typeUrl: json['@type'] === DELAYED ? DELAYED : PERMANENT, ...amounts };
    }
  };
  const part = read();
  checkOrder(part, now);
  checkVesting(part);
  return { base, part };
}

function readPeriods(json: Json): Period[] {
  return list(json['vesting_periods'] ?? [], 'vesting_periods').map((item) => {
    const period = object(item, 'vesting period');
    return {
      length: readSeconds(field(period, 'length'), 'length'),
      amount: readCoins(period['amount'], 'amount'),
    };
  });
}

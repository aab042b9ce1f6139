/** An account of a genesis file, with coins that vest or without. */
import { fromJson, toJson } from '../../../modules/vesting/forms.ts';
import {
  CONTINUOUS,
  DELAYED,
  NOTHING_DELEGATED,
  trackDelegation,
  type Vesting,
} from '../../../modules/vesting/schedule.ts';
import type { JsonObject } from '../../../genesis/read.ts';
import { accountText } from '../../base/address.ts';
import type { Bytes } from '../../base/bytes.ts';
import { allGte, formatCoins, type Coins } from '../../base/coin.ts';
import { EXIT_DATA, ExitError } from '../../base/exit.ts';
import type { GenesisDocument } from './document.ts';

type Json = Record<string, unknown>;

const BASE = '/cosmos.auth.v1beta1.BaseAccount';

export interface NewAccount {
  readonly address: Bytes;
  readonly coins: Coins;
  readonly vesting: Coins;
  /** Seconds since 1970; 0 when not given. */
  readonly vestingStart: bigint;
  readonly vestingEnd: bigint;
}

const refuse = (sentence: string): ExitError => new ExitError(EXIT_DATA, sentence);

/**
 * Throws ExitError 65. With `append` an account that is there gets the coins; without, it is refused.
 */
export function addAccount(document: GenesisDocument, account: NewAccount, append = false): void {
  const { address, coins } = account;
  if (coins.length === 0) throw refuse(`${accountText(address)} is given no coins`);
  if (append && document.account(address)) {
    if (account.vesting.length > 0) {
      throw refuse(`${accountText(address)} is there already: more of it cannot vest`);
    }
    document.addCoins(address, coins);
    return;
  }
  const part = vestingOf(account);
  document.addAccount(address, coins, (base) =>
    part ? { '@type': part.typeUrl, ...toJson(base, part) } : { '@type': BASE, ...base },
  );
}

/** With a start it becomes free continuously, without one all at the end. */
function vestingOf(account: NewAccount): Vesting | undefined {
  const { coins, vesting, vestingStart: start, vestingEnd: end } = account;
  const isAsked = vesting.length > 0 || start !== 0n || end !== 0n;
  if (!isAsked) return undefined;
  if (vesting.length === 0) throw refuse('vesting times are given, but no vesting amount');
  if (end === 0n) throw refuse('vesting needs a start and an end time, or an end time');
  if (!allGte(coins, vesting)) {
    throw refuse(`${formatCoins(vesting)} cannot vest: the account has ${formatCoins(coins)}`);
  }
  if (start !== 0n && start >= end) throw refuse('vesting must start before it ends');
  const amounts = { original: vesting, ...NOTHING_DELEGATED, endTime: end };
  if (start === 0n) return { typeUrl: DELAYED, ...amounts };
  return { typeUrl: CONTINUOUS, ...amounts, startTime: start };
}

/** What a vesting account stakes at the beginning counts as a delegation: what vests is taken first. */
export function trackStake(document: GenesisDocument, address: Bytes, amount: bigint): void {
  const json = document.account(address);
  if (!json || !isVesting(json)) return;
  const { base, part } = fromJson(json as Json, document.startTime);
  const tracked = trackDelegation(part, {
    now: document.startTime,
    balance: document.balance(address),
    amount: [{ denom: document.bondDenom, amount }],
  });
  document.replaceAccount(address, { '@type': part.typeUrl, ...toJson(base, tracked) });
}

const isVesting = (json: JsonObject): boolean => json['base_vesting_account'] !== undefined;

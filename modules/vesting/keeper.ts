/** Which coins of which account are locked. The accounts themselves are kept by another module. */
import type { Context } from '../../node/app/context.ts';
import type { Bytes } from '../../node/base/bytes.ts';
import type { Coins } from '../../node/base/coin.ts';
import type { Time } from '../../node/base/time.ts';
import type { Accounts } from './expected.ts';
import { VESTING_TYPES } from './forms.ts';
import { lockedCoins, type Vesting } from './schedule.ts';

const NONE: Coins = [];

export class VestingKeeper {
  readonly #accounts: Accounts;

  constructor(accounts: Accounts) {
    this.#accounts = accounts;
  }

  /** Undefined for an account whose coins are free. */
  vesting(context: Context, address: Bytes): Vesting | undefined {
    const part = this.#accounts.account(context, address)?.part;
    return part && VESTING_TYPES.has(part.typeUrl) ? (part as Vesting) : undefined;
  }

  /** Coins that cannot be spent at this time; whole seconds count. */
  lockedCoins(context: Context, address: Bytes, time: Time): Coins {
    const vesting = this.vesting(context, address);
    return vesting ? lockedCoins(vesting, time.seconds) : NONE;
  }
}

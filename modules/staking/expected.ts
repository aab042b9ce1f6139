/** What staking needs from the module that keeps coins. */
import type { Bytes } from '../../node/base/bytes.ts';
import type { Context } from '../../node/app/context.ts';

export interface Coins {
  balance(context: Context, address: Bytes, denom: string): bigint;
}

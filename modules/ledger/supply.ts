/**
 * How much of each token the ledger holds: deposits, less withdrawals, less the fees of sealed batches.
 * It stays below 2^64, so that no balance and no total of a batch can outgrow its 64 bits.
 */
import type { Context } from '../../node/app/context.ts';
import { bytesToUint64, uint64ToBytes } from '../../node/base/bytes.ts';
import { assert, BitscaleError } from '../../node/base/errors.ts';
import { iteratePrefix } from '../../node/store/kv.ts';
import { ERR_BALANCE_LIMIT } from './errors.ts';
import * as keys from './keys.ts';

const MAX_SUPPLY = (1n << 64n) - 1n;

export function supplyOf(context: Context, token: number): bigint {
  const bytes = context.store(keys.LEDGER_STORE).get(keys.supplyKey(token));
  return bytes ? bytesToUint64(bytes) : 0n;
}

/** Throws BitscaleError when the ledger cannot hold that much of the token. */
export function raiseSupply(context: Context, token: number, amount: bigint): void {
  const supply = supplyOf(context, token) + amount;
  if (supply > MAX_SUPPLY) {
    throw new BitscaleError(ERR_BALANCE_LIMIT, `${supply} of token ${token} in all`);
  }
  context.store(keys.LEDGER_STORE).set(keys.supplyKey(token), uint64ToBytes(supply));
}

export function lowerSupply(context: Context, token: number, amount: bigint): void {
  const supply = supplyOf(context, token) - amount;
  assert(supply >= 0n, `more of token ${token} leaves the ledger than it holds`);
  context.store(keys.LEDGER_STORE).set(keys.supplyKey(token), uint64ToBytes(supply));
}

export function supplies(context: Context): Map<bigint, bigint> {
  const entries = iteratePrefix(context.store(keys.LEDGER_STORE), keys.SUPPLY_PREFIX);
  const read = [...entries].map(([key, value]) => [tokenOf(key), bytesToUint64(value)] as const);
  return new Map(read);
}

const tokenOf = (key: Uint8Array): bigint => BigInt((key.at(-2) ?? 0) * 256 + (key.at(-1) ?? 0));

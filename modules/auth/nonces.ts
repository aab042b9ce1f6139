/**
 * What keeps an unordered transaction from running twice: its signers and its timeout are remembered until it has
 * timed out. Expired entries only cost room, so a block removes a bounded number of them.
 */
import { bytesToUint64, concat, uint64ToBytes, type Bytes } from '../../node/base/bytes.ts';
import { BitscaleError } from '../../node/base/errors.ts';
import { MAX_NONCES_REMOVED_PER_BLOCK } from '../../node/base/limits.ts';
import { timeToNanos } from '../../node/base/time.ts';
import type { AddressText } from '../../node/app/address-text.ts';
import type { Context } from '../../node/app/context.ts';
import type { UnorderedNonces } from '../../node/app/expected.ts';
import { ErrGenesisShape, list, object, text } from '../../node/app/genesis-json.ts';
import { parseUint64 } from '../../node/base/int.ts';
import { iteratePrefix } from '../../node/store/kv.ts';
import { NONCE_PREFIX, STORE } from './keys.ts';

const PRESENT = Uint8Array.of(1);
/** Times before 1970 sort first, as the SDK's keys of signed numbers do. */
const SIGN = 1n << 63n;
const TIME_BYTES = 8;

const timeKey = (nanos: bigint): Bytes =>
  concat(NONCE_PREFIX, uint64ToBytes(BigInt.asUintN(64, nanos + SIGN)));

const nonceKey = (nanos: bigint, signer: Bytes): Bytes => concat(timeKey(nanos), signer);

export class Nonces implements UnorderedNonces {
  add(context: Context, signer: Bytes, timeout: bigint): boolean {
    const store = context.store(STORE);
    const key = nonceKey(timeout, signer);
    if (store.has(key)) return false;
    store.set(key, PRESENT);
    return true;
  }

  /** Those that timed out before this block: one with the block's own time may still be in it. */
  removeExpired(context: Context): void {
    const store = context.store(STORE);
    const expired: Bytes[] = [];
    for (const [key] of store.iterate(NONCE_PREFIX, timeKey(timeToNanos(context.time)))) {
      expired.push(key);
      if (expired.length === MAX_NONCES_REMOVED_PER_BLOCK) break;
    }
    for (const key of expired) store.delete(key);
  }

  *all(context: Context): IterableIterator<{ readonly timeout: bigint; readonly signer: Bytes }> {
    const start = NONCE_PREFIX.length;
    for (const [key] of iteratePrefix(context.store(STORE), NONCE_PREFIX)) {
      const timeout = bytesToUint64(key.slice(start, start + TIME_BYTES)) - SIGN;
      yield { timeout, signer: key.slice(start + TIME_BYTES) };
    }
  }
}

export function initNonces(
  context: Context,
  json: unknown,
  { nonces, addresses }: { readonly nonces: Nonces; readonly addresses: AddressText },
): void {
  for (const item of list(json ?? [], 'auth.unordered_nonces')) {
    const { address, timeout } = object(item, 'unordered nonce');
    const signer = addresses.read(text(address, 'address'));
    if (nonces.add(context, signer, parseUint64(timeout))) continue;
    throw new BitscaleError(ErrGenesisShape, 'an unordered nonce given twice');
  }
}

export function exportNonces(
  context: Context,
  { nonces, addresses }: { readonly nonces: Nonces; readonly addresses: AddressText },
): readonly unknown[] {
  return [...nonces.all(context)].map(({ timeout, signer }) => ({
    address: addresses.write(signer),
    timeout: String(timeout),
  }));
}

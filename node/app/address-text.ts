/** How this chain writes account addresses. One instance per chain, handed to whatever needs it. */
import { ACCOUNT_PREFIX } from '../base/address.ts';
import { fromBech32, toBech32 } from '../base/bech32.ts';
import type { Bytes } from '../base/bytes.ts';
import { MAX_CACHED_ADDRESSES } from '../base/limits.ts';
import { RecentMap } from '../base/recent-map.ts';
import { toText } from '../store/kv.ts';

export interface AddressText {
  readonly prefix: string;
  write(address: Bytes): string;
  /** Throws sdk/7. */
  read(text: string): Bytes;
}

/** Remembers recent answers: bech32 is slow, and the same few addresses come again and again. */
export function addressText(prefix: string): AddressText {
  const texts = new RecentMap<string>(MAX_CACHED_ADDRESSES);
  const addresses = new RecentMap<Bytes>(MAX_CACHED_ADDRESSES);
  return {
    prefix,
    write(address) {
      const key = toText(address);
      return texts.get(key) ?? remember(texts, key, toBech32(prefix, address));
    },
    read: (text) =>
      (addresses.get(text) ?? remember(addresses, text, fromBech32(prefix, text))).slice(),
  };
}

function remember<T>(known: RecentMap<T>, key: string, value: T): T {
  known.set(key, value);
  return value;
}

export const accountText: AddressText = addressText(ACCOUNT_PREFIX);

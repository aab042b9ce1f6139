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
  /** Not to be changed: others get the same bytes. Throws sdk/7. */
  read(text: string): Bytes;
}

/** Remembers recent answers: bech32 is slow, and the same few addresses come again and again. */
export function addressText(prefix: string): AddressText {
  const newest = new NewestTexts();
  const texts = new RecentMap<string>(MAX_CACHED_ADDRESSES);
  const addresses = new RecentMap<Bytes>(MAX_CACHED_ADDRESSES);
  return {
    prefix,
    write(address) {
      const seen = newest.of(address);
      if (seen !== undefined) return seen;
      const key = toText(address);
      const text = texts.get(key) ?? remember(texts, key, toBech32(prefix, address));
      newest.add(address, text);
      return text;
    },
    read(text) {
      const known = addresses.get(text);
      if (known) return known;
      const address = remember(addresses, text, fromBech32(prefix, text));
      // What is read is often written next. In capitals it would be another text of the same address.
      if (text.startsWith(prefix)) texts.set(toText(address), text);
      return address;
    },
  };
}

/** Signer, payer, fee collector and receiver: while a transaction runs, each is written several times. */
const MAX_NEWEST = 4;

/** Texts of the addresses that were written last. Finds the very same array only, which nobody changes. */
class NewestTexts {
  readonly #addresses: Bytes[] = [];
  readonly #texts: string[] = [];
  #oldest = 0;

  of(address: Bytes): string | undefined {
    for (let i = 0; i < MAX_NEWEST; i++) if (this.#addresses[i] === address) return this.#texts[i];
    return undefined;
  }

  add(address: Bytes, text: string): void {
    this.#addresses[this.#oldest] = address;
    this.#texts[this.#oldest] = text;
    this.#oldest = (this.#oldest + 1) % MAX_NEWEST;
  }
}

function remember<T>(known: RecentMap<T>, key: string, value: T): T {
  known.set(key, value);
  return value;
}

export const accountText: AddressText = addressText(ACCOUNT_PREFIX);

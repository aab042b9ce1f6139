/** The keys of recent senders: the same accounts send again and again, and a key has an address to be computed. */
import type { Any } from 'cosmjs-types/google/protobuf/any';
import { BitscaleError } from '../base/errors.ts';
import { MAX_CACHED_ACCOUNTS } from '../base/limits.ts';
import { RecentMap } from '../base/recent-map.ts';
import { toText } from '../store/kv.ts';
import { readPublicKey, SINGLE_KEY_URL, type PublicKey } from './public-key.ts';

/** Tag, length and a compressed point. */
const SINGLE_KEY_BYTES = 35;

export class KeyCache {
  readonly #known = new RecentMap<PublicKey>(MAX_CACHED_ACCOUNTS);

  /** As readPublicKey. */
  read(any: Any, depth: number): PublicKey | BitscaleError {
    if (any.typeUrl !== SINGLE_KEY_URL || any.value.length !== SINGLE_KEY_BYTES) {
      return readApart(any, depth);
    }
    const name = toText(any.value);
    const known = this.#known.get(name);
    if (known) return known;
    const key = readApart(any, depth);
    if (!(key instanceof BitscaleError)) this.#known.set(name, key);
    return key;
  }
}

/** A copy, for the bytes may lie in a far larger message, and accounts that are kept have keys. */
function readApart(any: Any, depth: number): PublicKey | BitscaleError {
  return readPublicKey({ ...any, value: new Uint8Array(any.value) }, depth);
}

/** The authority of the chain, from the genesis file. It stands in this store because plans need it first. */
import type { Bytes } from '../../node/base/bytes.ts';
import type { Authority } from '../../node/app/authority.ts';
import type { Context } from '../../node/app/context.ts';
import { AUTHORITY_KEY, STORE } from './keys.ts';

export class ChainAuthority implements Authority {
  readonly #fallback: Bytes;

  /** `fallback`: who it is unless the genesis file says otherwise. */
  constructor(fallback: Bytes) {
    this.#fallback = fallback;
  }

  authority(context: Context): Bytes {
    return context.store(STORE).get(AUTHORITY_KEY) ?? this.#fallback;
  }

  set(context: Context, address: Bytes): void {
    context.store(STORE).set(AUTHORITY_KEY, address);
  }
}

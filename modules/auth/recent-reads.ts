/**
 * What one context has read and written last. A transaction reads its signer some seven times; nobody but the keeper
 * writes accounts, so another read would find the same. What it costs in gas is paid each time.
 */
import { EMPTY, equal, type Bytes } from '../../node/base/bytes.ts';
import type { Context } from '../../node/app/context.ts';

interface Seen<T> {
  address: Bytes;
  /** Undefined: there is no such account. */
  found: T | undefined;
}

/** The signer, the fee collector, who pays and who is paid. */
const MAX_SEEN = 4;

export const isSame = (a: Bytes, b: Bytes): boolean => a === b || equal(a, b);

export class RecentReads<T, P> {
  #context: Context | undefined;
  params: P | undefined;
  readonly #seen: Seen<T>[] = [];
  /** How many of them are of this context. */
  #count = 0;
  /** The one to give way when all are taken. */
  #oldest = 0;

  /** Those of this context: of another one they are forgotten. */
  of(context: Context): this {
    if (this.#context === context) return this;
    this.#context = context;
    this.params = undefined;
    this.#count = 0;
    this.#oldest = 0;
    return this;
  }

  find(address: Bytes): Seen<T> | undefined {
    for (let i = 0; i < this.#count; i++) {
      const seen = this.#seen[i] as Seen<T>;
      if (isSame(seen.address, address)) return seen;
    }
    return undefined;
  }

  see(address: Bytes, found: T | undefined): void {
    const seen = this.find(address) ?? this.#room();
    seen.address = address;
    seen.found = found;
  }

  #room(): Seen<T> {
    const isFull = this.#count === MAX_SEEN;
    const at = isFull ? this.#oldest : this.#count++;
    if (isFull) this.#oldest = (at + 1) % MAX_SEEN;
    return (this.#seen[at] ??= { address: EMPTY, found: undefined });
  }
}

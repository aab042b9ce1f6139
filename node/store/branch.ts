/**
 * A copy-on-write view over all stores: what it changes is handed down by `write`, or forgotten.
 */
import { CacheStore } from './cache-store.ts';
import { Journal } from './journal.ts';
import type { KvStore } from './kv.ts';

export interface StoreSet {
  /** Throws when there is no such store. */
  store(name: string): KvStore;
}

export class MultiStoreBranch implements StoreSet {
  readonly #parent: StoreSet;
  readonly #stores = new Map<string, CacheStore>();
  readonly #journal = new Journal();

  constructor(parent: StoreSet) {
    this.#parent = parent;
  }

  store(name: string): KvStore {
    let store = this.#stores.get(name);
    if (!store) {
      store = new CacheStore(this.#parent.store(name), this.#journal);
      this.#stores.set(name, store);
    }
    return store;
  }

  branch(): MultiStoreBranch {
    return new MultiStoreBranch(this);
  }

  /** Notes what is written from now on until `keep`, for `undo`. */
  mark(): number {
    return this.#journal.mark();
  }

  /** Takes back what was written since `mark` answered this. */
  undo(mark: number): void {
    this.#journal.undo(mark);
  }

  /** All that was written since the first mark stays. */
  keep(): void {
    this.#journal.close();
  }

  /** Hands all changes down, store by store in name order, keys ascending. */
  write(): void {
    for (const name of [...this.#stores.keys()].sort()) {
      const store = this.#stores.get(name) as CacheStore;
      if (store.size > 0) store.writeTo(this.#parent.store(name));
    }
  }

  discard(): void {
    for (const store of this.#stores.values()) store.discard();
  }
}

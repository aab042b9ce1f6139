/** The plain stores of a restored state: filled by their owner from the trees, which are right by now. */
import { compare, type Bytes } from '../../base/bytes.ts';
import { byName, type CommitRecord, type StoreRoot } from '../commit-record.ts';
import { CommittedStore } from '../committed-store.ts';
import type { Db, DbOp } from '../db.ts';
import { refOf } from '../iavl/node.ts';
import { ReadView } from '../read-view.ts';
import { BadSnapshot } from './bad-snapshot.ts';
import type { PlainOwner, RestoredState } from './plain-owner.ts';

/** Bytes of values that a store keeps in memory during a restore. */
const VALUE_CACHE_BYTES = 1_048_576;

export class PlainImport {
  readonly #record: CommitRecord;
  readonly #stores: Map<string, CommittedStore>;
  readonly #owner: PlainOwner;
  readonly #state: RestoredState;
  readonly #awaited: string[];
  #current: string | undefined;
  #last: Bytes | undefined;
  #slices = 1;

  constructor(
    db: Db,
    record: CommitRecord,
    options: { readonly names: readonly string[]; readonly owner: PlainOwner },
  ) {
    this.#record = record;
    this.#owner = options.owner;
    this.#awaited = [...options.names];
    const opened = options.names.map((name): [string, CommittedStore] => {
      const valueCacheBytes = VALUE_CACHE_BYTES;
      const terms = {
        name,
        kind: 'plain',
        root: undefined,
        nextVersion: 1,
        valueCacheBytes,
      } as const;
      return [name, new CommittedStore(db, terms)];
    });
    this.#stores = new Map(opened);
    this.#state = {
      height: record.version,
      tree: (name) => new ReadView(db, record).store(name),
      plain: (name) => this.#store(name),
    };
  }

  beginStore(name: string): void {
    const expected = this.#awaited.shift();
    if (name !== expected) throw new BadSnapshot(`store ${name} instead of ${expected}`);
    this.#current = name;
    this.#last = undefined;
  }

  pair(key: Bytes, value: Bytes): void {
    if (this.#current === undefined) throw new BadSnapshot('a pair outside of a store');
    if (this.#last && compare(this.#last, key) >= 0) throw new BadSnapshot('pairs are unordered');
    this.#last = key;
    this.#owner.accept(this.#state, this.#current, [key, value]);
  }

  endPairs(): void {
    if (this.#awaited.length > 0) throw new BadSnapshot('a plain store is missing');
    this.#current = undefined;
  }

  finish(): Iterable<void> {
    return this.#owner.finish(this.#state);
  }

  /**
   * What has been written since the last call. The nodes of a slice get a version of their own, like those of a
   * commit, but none above the restored one: the last slice takes all that is left.
   */
  flush(): DbOp[] {
    if (this.#slices >= this.#record.version) return [];
    this.#slices += 1;
    return this.#slice();
  }

  /** The commit record of the restored version, and what is still to be written with it. */
  seal(): { readonly record: CommitRecord; readonly ops: DbOp[] } {
    const ops = this.#slice();
    const plain = [...this.#stores.values()].map(({ name, savedRoot }): StoreRoot => {
      return { name, kind: 'plain', root: savedRoot && refOf(savedRoot) };
    });
    const stores = [...this.#record.stores, ...plain].sort(byName);
    return { record: { version: this.#record.version, stores }, ops };
  }

  #slice(): DbOp[] {
    const ops: DbOp[] = [];
    for (const store of this.#stores.values()) {
      for (const op of store.prepare().ops) ops.push(op);
      store.committed();
      store.nodes.trim(store.savedRoot, 0);
    }
    return ops;
  }

  #store(name: string): CommittedStore {
    const store = this.#stores.get(name);
    if (!store) throw new BadSnapshot(`no plain store ${name}`);
    return store;
  }
}

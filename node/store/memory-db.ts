/** A database in memory, for tests and for tools that need none on disk. */
import type { Bytes } from '../base/bytes.ts';
import { assert } from '../base/errors.ts';
import type { Db, DbOp, DbRange } from './db.ts';
import { fromText, toText } from './kv.ts';
import { SortedKeys } from './sorted-keys.ts';

export class MemoryDb implements Db {
  readonly #values = new Map<string, Bytes>();
  readonly #keys = new SortedKeys(this.#values);
  #closed = false;

  get(key: Bytes): Bytes | undefined {
    assert(!this.#closed, 'the database is closed');
    return this.#values.get(toText(key))?.slice();
  }

  iterate(range: DbRange = {}): AsyncIterableIterator<[Bytes, Bytes]> {
    assert(!this.#closed, 'the database is closed');
    const keys = this.#keys.range(
      range.start && toText(range.start),
      range.end && toText(range.end),
    );
    if (range.reverse) keys.reverse();
    return pairs(keys.map((key) => [key, this.#values.get(key) as Bytes]));
  }

  batch(ops: readonly DbOp[]): Promise<void> {
    assert(!this.#closed, 'the database is closed');
    for (const op of ops) this.#apply(op);
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }

  /** The same content again, as a database that was closed and opened would show it. */
  reopen(): MemoryDb {
    const copy = new MemoryDb();
    for (const [key, value] of this.#values) copy.#values.set(key, value);
    return copy;
  }

  #apply(op: DbOp): void {
    const key = toText(op.key);
    const known = this.#values.has(key);
    if (op.type === 'put') {
      this.#values.set(key, new Uint8Array(op.value));
      if (!known) this.#keys.added(key);
    } else if (known) {
      this.#keys.removed(key);
      this.#values.delete(key);
    }
  }
}

async function* pairs(entries: [string, Bytes][]): AsyncIterableIterator<[Bytes, Bytes]> {
  for (const [key, value] of entries) yield [fromText(key), value.slice()];
}

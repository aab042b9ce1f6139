/**
 * Writes held back in memory in front of a parent: `write` hands them down in key order, `discard`
 * forgets them. While a cache is in use its parent must not be written to by anybody else.
 */
import { compare, type Bytes } from '../base/bytes.ts';
import {
  checkKey,
  checkPair,
  fromText,
  toText,
  type KvPair,
  type KvReader,
  type KvStore,
} from './kv.ts';
import { SortedKeys } from './sorted-keys.ts';

/** null stands for a deleted key. */
type Change = Bytes | null;

export class CacheStore implements KvStore {
  readonly #parent: KvReader;
  readonly #changes = new Map<string, Change>();
  readonly #keys = new SortedKeys(this.#changes);

  constructor(parent: KvReader) {
    this.#parent = parent;
  }

  get(key: Bytes): Bytes | undefined {
    return this.#read(toText(key), key);
  }

  has(key: Bytes): boolean {
    return this.#knows(toText(key), key);
  }

  set(key: Bytes, value: Bytes): void {
    checkPair(key, value);
    // Not slice(): that of a Buffer would share memory with the caller.
    this.#change(toText(key), new Uint8Array(value));
  }

  delete(key: Bytes): void {
    checkKey(key);
    this.#change(toText(key), null);
  }

  iterate(start?: Bytes, end?: Bytes, reverse = false): IterableIterator<KvPair> {
    const keys = this.#keys.range(start && toText(start), end && toText(end));
    if (reverse) keys.reverse();
    const changes = keys.map((key): [Bytes, Change] => [
      fromText(key),
      this.#changes.get(key) as Change,
    ]);
    return merged(changes, this.#parent.iterate(start, end, reverse), reverse);
  }

  /** Number of changed keys. */
  get size(): number {
    return this.#changes.size;
  }

  /** Hands the changes to `target`, to a store in ascending key order, and starts afresh. */
  writeTo(target: KvStore): void {
    if (target instanceof CacheStore) {
      // Checked and copied already; the order counts for the store at the bottom only.
      for (const [text, change] of this.#changes) target.#change(text, change);
      this.discard();
      return;
    }
    for (const text of this.#keys.range()) {
      const change = this.#changes.get(text) as Change;
      const key = fromText(text);
      if (change === null) target.delete(key);
      else target.set(key, change);
      // Freed as it is handed over: a first block may have millions.
      this.#changes.set(text, null);
    }
    this.discard();
  }

  discard(): void {
    this.#changes.clear();
    this.#keys.reset();
  }

  /** `text` is the key once more: it is made once for all layers on top of each other. */
  #read(text: string, key: Bytes): Bytes | undefined {
    const change = this.#changes.get(text);
    if (change !== undefined) return change?.slice();
    const parent = this.#parent;
    return parent instanceof CacheStore ? parent.#read(text, key) : parent.get(key);
  }

  #knows(text: string, key: Bytes): boolean {
    const change = this.#changes.get(text);
    if (change !== undefined) return change !== null;
    const parent = this.#parent;
    return parent instanceof CacheStore ? parent.#knows(text, key) : parent.has(key);
  }

  #change(text: string, change: Change): void {
    if (!this.#changes.has(text)) {
      this.#changes.set(text, change);
      this.#keys.added(text);
    } else {
      this.#changes.set(text, change);
    }
  }
}

function* merged(
  changes: [Bytes, Change][],
  parent: IterableIterator<KvPair>,
  reverse: boolean,
): IterableIterator<KvPair> {
  const sign = reverse ? -1 : 1;
  let below = parent.next();
  for (const [key, change] of changes) {
    while (!below.done && sign * compare(below.value[0], key) < 0) {
      yield below.value;
      below = parent.next();
    }
    if (!below.done && compare(below.value[0], key) === 0) below = parent.next();
    if (change !== null) yield [key, change.slice()];
  }
  while (!below.done) {
    yield below.value;
    below = parent.next();
  }
}

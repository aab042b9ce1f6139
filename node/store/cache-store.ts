/**
 * Writes held back in memory in front of a parent: `write` hands them down in key order, `discard`
 * forgets them. While a cache is in use its parent must not be written to by anybody else.
 */
import { compare, type Bytes } from '../base/bytes.ts';
import type { Change, Journal } from './journal.ts';
import {
  checkKey,
  checkPair,
  fromText,
  keyText,
  takesChanges,
  toText,
  type Key,
  type KvPair,
  type KvReader,
  type KvStore,
  type TextKey,
} from './kv.ts';
import { SortedKeys } from './sorted-keys.ts';

export class CacheStore implements KvStore {
  readonly #parent: KvReader;
  readonly #journal: Journal | undefined;
  readonly #changes = new Map<TextKey, Change>();
  readonly #keys = new SortedKeys(this.#changes);

  /** `journal` is told what each write replaces. */
  constructor(parent: KvReader, journal?: Journal) {
    this.#parent = parent;
    this.#journal = journal;
  }

  get(key: Key): Bytes | undefined {
    const text = keyText(key);
    const change = this.#changes.get(text);
    return change === undefined ? this.#parent.get(text) : (change ?? undefined);
  }

  has(key: Key): boolean {
    const text = keyText(key);
    const change = this.#changes.get(text);
    return change === undefined ? this.#parent.has(text) : change !== null;
  }

  set(key: Key, value: Bytes): void {
    checkPair(key, value);
    this.#change(keyText(key), value);
  }

  delete(key: Key): void {
    checkKey(key);
    this.#change(keyText(key), null);
  }

  /** Takes a write back; `before` as the journal was told. */
  restore(text: TextKey, before: Change | undefined): void {
    if (before !== undefined) this.#changes.set(text, before);
    else if (this.#changes.delete(text)) this.#keys.removed(text);
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
      // Checked already; the order counts for the store at the bottom only.
      for (const [text, change] of this.#changes) target.#change(text, change);
      this.discard();
      return;
    }
    const changes = this.#keys
      .range()
      .map((text) => [text, this.#changes.get(text) as Change] as const);
    this.discard();
    if (takesChanges(target)) {
      target.take(changes);
      return;
    }
    for (const [text, change] of changes) {
      if (change === null) target.delete(text);
      else target.set(text, change);
    }
  }

  discard(): void {
    this.#changes.clear();
    this.#keys.reset();
  }

  #change(text: TextKey, change: Change): void {
    const before = this.#changes.get(text);
    this.#journal?.note(this, text, before);
    this.#changes.set(text, change);
    if (before === undefined) this.#keys.added(text);
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
    if (change !== null) yield [key, change];
  }
  while (!below.done) {
    yield below.value;
    below = parent.next();
  }
}

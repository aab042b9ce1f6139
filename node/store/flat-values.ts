/**
 * The newest value of every key of one store under its own database key, so that reading needs no
 * walk down the tree. Changes since the last commit and recently read values are held in memory.
 */
import { concat, type Bytes } from '../base/bytes.ts';
import type { Db, DbOp } from './db.ts';
import { fromText, keyText, type Key, type TextKey } from './kv.ts';
import { valuePrefix } from './layout.ts';

export class FlatValues {
  readonly #db: Db;
  readonly #prefix: Bytes;
  /** null: deleted. */
  #changes = new Map<TextKey, Bytes | null>();
  /** Changes that count as committed, but are still to be written. */
  #retained: Map<TextKey, Bytes | null> | undefined;
  readonly #cache: ValueCache;

  constructor(db: Db, name: string, cacheBytes: number) {
    this.#db = db;
    this.#prefix = valuePrefix(name);
    this.#cache = new ValueCache(cacheBytes);
  }

  get(key: Key): Bytes | undefined {
    const text = keyText(key);
    const change = this.#changes.get(text);
    return change === undefined ? this.#committed(text) : (change ?? undefined);
  }

  has(key: Key): boolean {
    return this.get(key) !== undefined;
  }

  /** Is the key there, as far as memory tells? undefined: the database must be asked. */
  remembers(text: TextKey): boolean | undefined {
    let value = this.#changes.get(text);
    if (value === undefined) value = this.#retained?.get(text);
    if (value === undefined) value = this.#cache.get(text);
    return value === undefined ? undefined : value !== null;
  }

  /** The value as of the last commit. */
  committed(key: Key): Bytes | undefined {
    return this.#committed(keyText(key));
  }

  /** The keys that the next commit writes. */
  changed(): IterableIterator<TextKey> {
    return this.#unwritten().keys();
  }

  isChanged(key: Key): boolean {
    return this.#changes.has(keyText(key));
  }

  set(text: TextKey, value: Bytes): void {
    this.#changes.set(text, value);
  }

  delete(text: TextKey): void {
    this.#changes.set(text, null);
  }

  ops(): DbOp[] {
    const ops: DbOp[] = [];
    const changes = this.#unwritten();
    const prefix = this.#prefix.length;
    let room = 0;
    for (const text of changes.keys()) room += prefix + text.length;
    const places = Buffer.allocUnsafeSlow(room);
    let at = 0;
    for (const [text, value] of changes) {
      places.set(this.#prefix, at);
      const end = at + prefix + places.write(text, at + prefix, text.length, 'latin1');
      const key = places.subarray(at, end);
      ops.push(value ? { type: 'put', key, value } : { type: 'del', key });
      at = end;
    }
    return ops;
  }

  /** The changes are in the database now. */
  settled(): void {
    for (const [text, value] of this.#unwritten()) this.#cache.set(text, value);
    this.#changes.clear();
    this.#retained = undefined;
  }

  /** What has changed so far outlives `discard`. */
  retain(): void {
    this.#retained = this.#unwritten();
    this.#changes = new Map();
  }

  discard(): void {
    this.#changes.clear();
  }

  #unwritten(): Map<TextKey, Bytes | null> {
    return this.#retained ? new Map([...this.#retained, ...this.#changes]) : this.#changes;
  }

  #committed(text: TextKey): Bytes | undefined {
    const retained = this.#retained?.get(text);
    if (retained !== undefined) return retained ?? undefined;
    const cached = this.#cache.get(text);
    if (cached !== undefined) return cached ?? undefined;
    const value = this.#db.get(concat(this.#prefix, fromText(text))) ?? null;
    this.#cache.set(text, value);
    return value ?? undefined;
  }
}

/** Bytes that a cached key costs beside its content. */
const ENTRY_BYTES = 96;

/** Two generations: what is used again before the newer one is full survives. */
class ValueCache {
  readonly #bound: number;
  #young = new Map<string, Bytes | null>();
  #old = new Map<string, Bytes | null>();
  #youngBytes = 0;

  constructor(bytes: number) {
    this.#bound = bytes / 2;
  }

  /** undefined: not known; null: known to be absent. */
  get(key: string): Bytes | null | undefined {
    const value = this.#young.get(key);
    if (value !== undefined) return value;
    const older = this.#old.get(key);
    if (older !== undefined) this.set(key, older);
    return older;
  }

  set(key: string, value: Bytes | null): void {
    this.#young.set(key, value);
    this.#youngBytes += ENTRY_BYTES + key.length + (value?.length ?? 0);
    if (this.#youngBytes <= this.#bound) return;
    this.#old = this.#young;
    this.#young = new Map();
    this.#youngBytes = 0;
  }
}

/**
 * What writes to a layer of stores have replaced, so that the newest of them can be taken back. A transaction that
 * is refused leaves nothing behind that way, without a layer of its own that would be made and handed down each time.
 */
import type { Bytes } from '../base/bytes.ts';
import { assert } from '../base/errors.ts';
import type { TextKey } from './kv.ts';

/** null stands for a deleted key. */
export type Change = Bytes | null;

interface Restorable {
  /** `before` undefined: the layer had nothing under this key. */
  restore(text: TextKey, before: Change | undefined): void;
}

export class Journal {
  #isOpen = false;
  #length = 0;
  /** Parallel lists, which keep their room from one transaction to the next. */
  readonly #stores: Restorable[] = [];
  readonly #keys: TextKey[] = [];
  readonly #before: (Change | undefined)[] = [];

  note(store: Restorable, key: TextKey, before: Change | undefined): void {
    if (!this.#isOpen) return;
    const at = this.#length++;
    this.#stores[at] = store;
    this.#keys[at] = key;
    this.#before[at] = before;
  }

  /** From now on writes can be taken back. */
  mark(): number {
    this.#isOpen = true;
    return this.#length;
  }

  /** Takes back what was written since `mark` answered this. */
  undo(mark: number): void {
    assert(this.#isOpen && mark <= this.#length, 'writes are taken back that were not noted');
    while (this.#length > mark) {
      const at = --this.#length;
      this.#stores[at]?.restore(this.#keys[at] as TextKey, this.#before[at]);
    }
  }

  /** What was written stays. */
  close(): void {
    this.#isOpen = false;
    this.#length = 0;
    if (this.#stores.length <= KEPT_ENTRIES) return;
    for (const list of [this.#stores, this.#keys, this.#before]) list.length = 0;
  }
}

/** More than any usual transaction writes; what a large one leaves in the lists would be kept alive by them. */
const KEPT_ENTRIES = 64;

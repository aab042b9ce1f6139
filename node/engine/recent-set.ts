/** A set of texts that forgets the oldest beyond its bound. */
export class RecentSet {
  readonly #max: number;
  readonly #items = new Set<string>();

  constructor(max: number) {
    this.#max = max;
  }

  has(item: string): boolean {
    return this.#items.has(item);
  }

  /** False when it was there already. */
  add(item: string): boolean {
    if (this.#items.has(item)) return false;
    this.#items.add(item);
    if (this.#items.size > this.#max) {
      const oldest = this.#items.keys().next();
      if (!oldest.done) this.#items.delete(oldest.value);
    }
    return true;
  }
}

/** Lets each text pass once in a while; forgets the oldest beyond its bound. */
export class Paced {
  readonly #max: number;
  readonly #everyMs: number;
  readonly #passed = new Map<string, number>();

  constructor(max: number, everyMs: number) {
    this.#max = max;
    this.#everyMs = everyMs;
  }

  mayPass(item: string, nowMs: number): boolean {
    const before = this.#passed.get(item);
    if (before !== undefined && nowMs - before < this.#everyMs) return false;
    this.#passed.delete(item);
    this.#passed.set(item, nowMs);
    if (this.#passed.size > this.#max) {
      const oldest = this.#passed.keys().next();
      if (!oldest.done) this.#passed.delete(oldest.value);
    }
    return true;
  }
}

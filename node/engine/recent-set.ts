/** Texts that were seen lately. Full, each costs no more than the first: see RecentMap. */
import { RecentMap } from '../base/recent-map.ts';

/** A set of texts that holds at most `max`, and at least the half of them that were used last. */
export class RecentSet {
  readonly #items: RecentMap<true>;

  constructor(max: number) {
    this.#items = new RecentMap(max);
  }

  has(item: string): boolean {
    return this.#items.get(item) === true;
  }

  /** False when it was there already. */
  add(item: string): boolean {
    if (this.has(item)) return false;
    this.#items.set(item, true);
    return true;
  }
}

/** Lets each text pass once in a while; forgets texts as above. */
export class Paced {
  readonly #everyMs: number;
  readonly #passed: RecentMap<number>;

  constructor(max: number, everyMs: number) {
    this.#everyMs = everyMs;
    this.#passed = new RecentMap(max);
  }

  mayPass(item: string, nowMs: number): boolean {
    const before = this.#passed.get(item);
    if (before !== undefined && nowMs - before < this.#everyMs) return false;
    this.#passed.set(item, nowMs);
    return true;
  }
}

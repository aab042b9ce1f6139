/** Keys kept in order once somebody asks for the order; until then adding one costs nothing. */
export class SortedKeys<K extends string = string> {
  readonly #known: { keys(): IterableIterator<K> };
  #sorted: K[] | undefined;

  /**
   * `known` is the map whose keys are ordered; every change of it is told by `added` or `removed`.
   */
  constructor(known: { keys(): IterableIterator<K> }) {
    this.#known = known;
  }

  added(key: K): void {
    this.#sorted?.splice(this.#position(key), 0, key);
  }

  removed(key: K): void {
    this.#sorted?.splice(this.#position(key), 1);
  }

  reset(): void {
    this.#sorted = undefined;
  }

  /** A copy of the keys in the range, in ascending order. */
  range(start?: string, end?: string): K[] {
    this.#sorted ??= [...this.#known.keys()].sort();
    const from = start === undefined ? 0 : this.#position(start);
    const to = end === undefined ? this.#sorted.length : this.#position(end);
    return this.#sorted.slice(from, Math.max(from, to));
  }

  /** Index of the first key that is not smaller. */
  #position(key: string): number {
    const sorted = (this.#sorted ??= [...this.#known.keys()].sort());
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sorted[middle] as string) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** How searches share the one thread: none keeps it for long, few run at once, and not many may wait. */
import { MAX_SEARCHES, MAX_WAITING_SEARCHES, SEARCH_STRETCH_MS } from '../../base/limits.ts';
import { refused } from '../errors.ts';

/** Work that looks here often enough lets everything else run in between. */
export class Stretch {
  #since = performance.now();

  get isOver(): boolean {
    return performance.now() - this.#since >= SEARCH_STRETCH_MS;
  }

  async rest(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#since = performance.now();
  }
}

export class SearchTurns {
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /** Runs `search` when it is its turn. Throws RpcError when too many wait already. */
  async run<T>(search: () => Promise<T>): Promise<T> {
    if (this.#running >= MAX_SEARCHES) {
      if (this.#waiting.length >= MAX_WAITING_SEARCHES) throw refused('too many searches wait');
      // Whoever ends hands its place on, so the count of those that run stays.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running += 1;
    }
    try {
      return await search();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }
}

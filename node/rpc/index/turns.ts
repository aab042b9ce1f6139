/** How searches share the one thread: none keeps it for long, few run at once, and not many may wait. */
import type { Deadline } from '../../base/deadline.ts';
import { MAX_SEARCHES, MAX_WAITING_SEARCHES, SEARCH_STRETCH_MS } from '../../base/limits.ts';
import { refused } from '../errors.ts';
import type { Query } from '../query/query.ts';

/** A query that must be answered in time. */
export interface Search extends Query {
  readonly deadline?: Deadline;
}

/** Work that looks here often enough lets everything else run in between. */
export class Stretch {
  readonly #deadline: Deadline | undefined;
  #since = performance.now();

  constructor(deadline?: Deadline) {
    this.#deadline = deadline;
  }

  get isOver(): boolean {
    return performance.now() - this.#since >= SEARCH_STRETCH_MS;
  }

  /** Throws when the deadline is over. */
  async rest(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#deadline?.check();
    this.#since = performance.now();
  }
}

export class SearchTurns {
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /** Runs `search` when it is its turn, unless that comes too late. Throws RpcError when too many wait already. */
  async run<T>(search: () => Promise<T>, deadline?: Deadline): Promise<T> {
    if (this.#running >= MAX_SEARCHES) {
      if (this.#waiting.length >= MAX_WAITING_SEARCHES) throw refused('too many searches wait');
      // Whoever ends hands its place on, so the count of those that run stays.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running += 1;
    }
    try {
      deadline?.check();
      return await search();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }
}

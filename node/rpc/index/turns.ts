/** How many searches run at once, and how many may wait for that. */
import type { Deadline } from '../../base/deadline.ts';
import { MAX_SEARCHES, MAX_WAITING_SEARCHES } from '../../base/limits.ts';
import { refused } from '../errors.ts';
import type { Query } from '../query/query.ts';

/** A query that must be answered in time. */
export interface Search extends Query {
  readonly deadline?: Deadline;
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

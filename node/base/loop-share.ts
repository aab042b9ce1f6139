/**
 * Shares the one thread with clients: in each turn of the event loop their requests may take so many milliseconds,
 * the others wait for a later turn. So timers and votes are never behind more than that and one request, however many
 * requests come at once: in one packet, on many connections, or both.
 */
import { CLIENTS_MS_PER_TURN, MAX_WAITING_REQUESTS } from './limits.ts';

export class LoopShare {
  #spentMs = 0;
  #isScheduled = false;
  #waiting: (() => void)[] = [];

  /** Nothing more in this turn. */
  get isSpent(): boolean {
    return this.#waiting.length > 0 || this.#spentMs >= CLIENTS_MS_PER_TURN;
  }

  /** Now if there is time left, else in a later turn; `refuse` instead when too many wait already. */
  run(work: () => void, refuse: () => void): void {
    if (!this.isSpent) this.spend(work);
    else if (this.#waiting.length < MAX_WAITING_REQUESTS) this.later(work);
    else refuse();
  }

  /** In any case now, and it counts. */
  spend<T>(work: () => T): T {
    const start = performance.now();
    const before = this.#spentMs;
    try {
      return work();
    } finally {
      // Work within this work has been counted already.
      this.#spentMs = before + performance.now() - start;
      this.#schedule();
    }
  }

  /** A part of what is here already: it is never refused. */
  later(work: () => void): void {
    this.#waiting.push(work);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#isScheduled = false;
    this.#spentMs = 0;
    const waiting = this.#waiting;
    this.#waiting = [];
    let done = 0;
    try {
      while (done < waiting.length && this.#spentMs < CLIENTS_MS_PER_TURN) {
        this.spend(waiting[done++] as () => void);
      }
    } finally {
      // Also when one failed. What came meanwhile stands behind those that waited already.
      this.#waiting = waiting.slice(done).concat(this.#waiting);
      if (this.#waiting.length > 0) this.#schedule();
    }
  }
}

/** What those are told that are not even allowed to wait: for all there are, and for those that they made themselves. */
export const TOO_MANY_WAIT = 'too many requests wait for an answer';
export const TOO_MANY_OF_CALLER = 'too many of your requests wait for an answer';

/** There is one event loop, so there is one share. */
export const clientShare = new LoopShare();

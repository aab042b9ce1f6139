/** How busy this thread is: its share of a processor, measured over the last interval that has ended. */

const INTERVAL_MS = 500;

export class ThreadLoad {
  readonly #nowMs: () => number;
  readonly #usedMs: () => number;
  #since: number;
  #usedBefore: number;
  #share = 0;

  constructor(nowMs: () => number, usedMs: () => number = usedByThread) {
    this.#nowMs = nowMs;
    this.#usedMs = usedMs;
    this.#since = nowMs();
    this.#usedBefore = usedMs();
  }

  /** From 0 to 1. */
  get share(): number {
    const now = this.#nowMs();
    const elapsed = now - this.#since;
    if (elapsed < INTERVAL_MS) return this.#share;
    const used = this.#usedMs();
    this.#share = (used - this.#usedBefore) / elapsed;
    this.#since = now;
    this.#usedBefore = used;
    return this.#share;
  }
}

function usedByThread(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

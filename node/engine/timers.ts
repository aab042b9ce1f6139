/** Timeouts of the consensus machine; none outlives `clear`. */
export class Timers {
  readonly #running = new Set<NodeJS.Timeout>();

  after(delayMs: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.#running.delete(timer);
      action();
    }, delayMs);
    this.#running.add(timer);
  }

  clear(): void {
    for (const timer of this.#running) clearTimeout(timer);
    this.#running.clear();
  }
}

/**
 * Forgets old versions of the state in the background, a bounded number at a time, each step followed by a
 * longer rest.
 */
import { setTimeout as rest } from 'node:timers/promises';
import { BACKGROUND_REST, COMPACT_ALL_AFTER } from '../base/limits.ts';
import type { MultiStore } from './multi-store.ts';

export class StatePruner {
  readonly #stores: MultiStore;
  readonly #onProblem: (error: unknown) => void;
  #keepFrom = 0;
  #compactedAt: number;
  #running: Promise<void> | undefined;
  #stopped = false;

  /** What goes wrong while old versions are deleted harms nobody now; a broken disk shows at the next commit. */
  constructor(stores: MultiStore, onProblem: (error: unknown) => void) {
    this.#stores = stores;
    this.#onProblem = onProblem;
    this.#compactedAt = stores.base;
  }

  /** Versions below `keepFrom` may go. */
  wake(keepFrom: number): void {
    this.#keepFrom = keepFrom;
    if (this.#running || this.#stopped || keepFrom <= this.#stores.base) return;
    this.#running = this.#run()
      .catch((error: unknown) => {
        if (!this.#stopped) this.#onProblem(error);
      })
      .finally(() => (this.#running = undefined));
  }

  /** Resolves when nothing is being pruned. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.idle();
  }

  async #run(): Promise<void> {
    for (let before = -1; before < this.#stores.base && !this.#stopped;) {
      before = this.#stores.base;
      const began = performance.now();
      await this.#stores.prune(this.#keepFrom);
      await rest((performance.now() - began) * BACKGROUND_REST);
    }
    if (this.#stores.base - this.#compactedAt < COMPACT_ALL_AFTER) return;
    this.#compactedAt = this.#stores.base;
    await this.#stores.compact(() => this.#stopped);
  }
}

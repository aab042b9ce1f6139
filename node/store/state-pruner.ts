/**
 * Forgets old versions of the state in the background, a bounded number at a time, each step followed by a
 * longer rest.
 */
import { setTimeout as rest } from 'node:timers/promises';
import { BACKGROUND_REST, COMPACT_ALL_AFTER } from '../base/limits.ts';
import { Background } from './background.ts';
import type { MultiStore } from './multi-store.ts';

export class StatePruner {
  readonly #stores: MultiStore;
  readonly #work: Background;
  #keepFrom = 0;
  #compactedAt: number;

  /** What goes wrong while old versions are deleted harms nobody now; a broken disk shows at the next commit. */
  constructor(stores: MultiStore, onProblem: (error: unknown) => void) {
    this.#stores = stores;
    this.#work = new Background(onProblem);
    this.#compactedAt = stores.base;
  }

  /** Versions below `keepFrom` may go. */
  wake(keepFrom: number): void {
    this.#keepFrom = keepFrom;
    if (keepFrom > this.#stores.base) this.#work.begin(() => this.#run());
  }

  /** Resolves when nothing is being pruned. */
  idle(): Promise<void> {
    return this.#work.idle();
  }

  stop(): Promise<void> {
    return this.#work.stop();
  }

  async #run(): Promise<void> {
    for (let before = -1; before < this.#stores.base && !this.#work.isStopped;) {
      before = this.#stores.base;
      const began = performance.now();
      await this.#stores.prune(this.#keepFrom);
      await rest((performance.now() - began) * BACKGROUND_REST);
    }
    if (this.#stores.base - this.#compactedAt < COMPACT_ALL_AFTER) return;
    this.#compactedAt = this.#stores.base;
    await this.#stores.compact(() => this.#work.isStopped);
  }
}

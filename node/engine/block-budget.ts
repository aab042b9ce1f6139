/**
 * How many transactions a proposal may hold so that a round has time for it. Every validator executes a block before
 * it votes; when the processors are busy with other things, a block full to its limits takes longer than its round,
 * and nobody ever decides it. So a node offers as many as it executed of late in a part of a round.
 */
import type { Clock } from '../base/service.ts';
import { MIN_OFFERED_TXS } from '../base/limits.ts';

/** Fewer say nothing about how long one takes. */
const FEWEST_MEASURED = 50;
/** Weight of the newest block. */
const WEIGHT = 0.5;

export class BlockBudget {
  readonly #clock: Clock;
  readonly #budgetMs: number;
  #msPerTx = 0;

  constructor(clock: Clock, budgetMs: number) {
    this.#clock = clock;
    this.#budgetMs = budgetMs;
  }

  /** Most transactions of the next proposal; infinite before anything was measured. */
  get txs(): number {
    if (this.#msPerTx === 0) return Infinity;
    return Math.max(MIN_OFFERED_TXS, Math.floor(this.#budgetMs / this.#msPerTx));
  }

  /** Does the work that executes `count` transactions, and learns how long it took if its result `tells`. */
  measured<T>(count: number, work: () => T, tells: (result: T) => boolean = () => true): T {
    const started = this.#clock.monotonic();
    const result = work();
    if (count < FEWEST_MEASURED || !tells(result)) return result;
    const now = (this.#clock.monotonic() - started) / count;
    this.#msPerTx = this.#msPerTx === 0 ? now : WEIGHT * now + (1 - WEIGHT) * this.#msPerTx;
    return result;
  }
}

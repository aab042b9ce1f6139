/** Slows a sender down instead of judging it: nothing more is read until its budget has refilled. */
import type { RateLimit } from '../base/rate-limit.ts';

/** A stream or a connection. */
export interface Readable {
  readonly status: string;
  pause(): void;
  resume(): void;
}

const LONGEST_PAUSE_MS = 5_000;

export class Throttle {
  readonly #readable: Readable;
  readonly #budget: RateLimit;
  #paused = false;
  pauses = 0;

  constructor(readable: Readable, budget: RateLimit) {
    this.#readable = readable;
    this.#budget = budget;
  }

  /** `cost` has been read. */
  spend(nowMs: number, cost: number): void {
    const waitMs = this.#budget.owe(nowMs, cost);
    if (waitMs <= 0 || this.#paused || this.#readable.status !== 'open') return;
    this.#paused = true;
    this.pauses += 1;
    this.#readable.pause();
    setTimeout(() => this.#resume(), Math.min(waitMs, LONGEST_PAUSE_MS)).unref();
  }

  #resume(): void {
    this.#paused = false;
    if (this.#readable.status === 'open') this.#readable.resume();
  }
}

/** The part of a node that looks at L1: polls the watcher, lets a validator attest, answers finality questions. */
import type { Logger } from '../base/service.ts';
import type { Attestor } from './attestor.ts';
import type { L1Watcher } from './l1-watcher.ts';

interface Parts {
  readonly watcher: L1Watcher;
  /** Only of a validator. */
  readonly attestor?: Attestor;
  /** The height of the newest committed block. */
  readonly height: () => number;
  readonly logger: Logger;
}

export class L1Service {
  readonly #parts: Parts;
  readonly #pollMs: number;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #running: Promise<void> = Promise.resolve();

  constructor(pollMs: number, parts: Parts) {
    this.#pollMs = pollMs;
    this.#parts = parts;
  }

  start(): void {
    this.#schedule(0);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #schedule(delayMs: number): void {
    this.#timer = setTimeout(() => {
      this.#running = this.#round().finally(() => {
        if (!this.#stopped) this.#schedule(this.#pollMs);
      });
    }, delayMs);
  }

  async #round(): Promise<void> {
    const { watcher, attestor, height, logger } = this.#parts;
    await watcher.poll();
    try {
      if (height() > 0) await attestor?.round(height());
    } catch (error) {
      logger.warn('attestation round failed', { reason: String(error) });
    }
  }
}

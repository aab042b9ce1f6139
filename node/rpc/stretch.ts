/** Long work shares the one thread with everything else. */
import type { Deadline } from '../base/deadline.ts';
import { WORK_STRETCH_MS } from '../base/limits.ts';

/** Work that looks here often enough lets everything else run in between. */
export class Stretch {
  readonly #deadline: Deadline | undefined;
  #since = performance.now();

  constructor(deadline?: Deadline) {
    this.#deadline = deadline;
  }

  get isOver(): boolean {
    return performance.now() - this.#since >= WORK_STRETCH_MS;
  }

  /** Throws when the deadline is over. */
  async rest(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#deadline?.check();
    this.#since = performance.now();
  }
}

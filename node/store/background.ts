/** Work beside everything else: one run at a time, none after `stop`. */
export class Background {
  readonly #onProblem: (error: unknown) => void;
  #running: Promise<void> | undefined;
  #stopped = false;

  /** What goes wrong because of a stop is no problem. */
  constructor(onProblem: (error: unknown) => void) {
    this.#onProblem = onProblem;
  }

  /** A run that goes on should end soon. */
  get isStopped(): boolean {
    return this.#stopped;
  }

  /** Nothing happens while a run goes on. */
  begin(run: () => Promise<void>): void {
    if (this.#running || this.#stopped) return;
    this.#running = run()
      .catch((error: unknown) => {
        if (!this.#stopped) this.#onProblem(error);
      })
      .finally(() => (this.#running = undefined));
  }

  /** Resolves when nothing runs. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.idle();
  }
}

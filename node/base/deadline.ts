/** When an answer is of no use any more. Work that may take long looks here now and then. */
export class Deadline {
  #end: number;
  readonly #late: Error;

  /** `late` is what `check` throws afterwards. */
  constructor(withinMs: number, late: Error) {
    this.#end = performance.now() + withinMs;
    this.#late = late;
  }

  get leftMs(): number {
    return this.#end - performance.now();
  }

  /** It is over now: a timer may come a little before its time. */
  expire(): void {
    this.#end = -Infinity;
  }

  check(): void {
    if (this.leftMs <= 0) throw this.#late;
  }
}

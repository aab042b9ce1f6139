/** What the supervisor prints: progress, notices, and one status that stays in place on a terminal. */

export class Screen {
  readonly #out: NodeJS.WriteStream;
  #shown = 0;
  #lastPlain = 0;
  #lastProgress = '';

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  get isTerminal(): boolean {
    return this.#out.isTTY;
  }

  /** A line that stays. */
  say(text: string): void {
    this.#clear();
    this.#out.write(`${text}\n`);
    this.#lastProgress = '';
  }

  /** Progress of one long step: replaced in place on a terminal, a line per step elsewhere. */
  progress(step: string, share: number): void {
    const percent = `${Math.round(share * 100)}%`;
    if (this.isTerminal) {
      this.#clear();
      this.#out.write(`  ${step} ${percent}\n`);
      this.#shown = 1;
    } else if (step !== this.#lastProgress) {
      this.#out.write(`  ${step}\n`);
    }
    this.#lastProgress = step;
  }

  /** The status: redrawn on a terminal, a plain line every ten seconds elsewhere. */
  status(lines: readonly string[], plain: string): void {
    if (this.isTerminal) {
      this.#clear();
      this.#out.write(`${lines.join('\n')}\n`);
      this.#shown = lines.length;
      return;
    }
    const now = performance.now();
    if (now - this.#lastPlain < PLAIN_INTERVAL_MS) return;
    this.#lastPlain = now;
    this.#out.write(`${plain}\n`);
  }

  #clear(): void {
    if (this.#shown > 0) this.#out.write(`\u001b[${this.#shown}A\u001b[0J`);
    this.#shown = 0;
  }
}

const PLAIN_INTERVAL_MS = 10_000;

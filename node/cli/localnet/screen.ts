/** What the supervisor prints: lines that stay, and below them a block that is redrawn in place on a terminal. */

/** The part of a terminal or pipe that is written to. */
export interface Output {
  write(text: string): unknown;
  on(event: 'error', listener: () => void): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const PLAIN_INTERVAL_MS = 10_000;
const USUAL_COLUMNS = 80;
const CLEAR_TO_END_OF_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';

export class Screen {
  readonly #out: Output;
  readonly isTerminal: boolean;
  #block: readonly string[] = [];
  /** Rows of the block that are on the terminal now, above the cursor. */
  #drawn = 0;
  #lastPlainMs = -Infinity;

  constructor(out: Output, environment: Readonly<Record<string, string | undefined>> = {}) {
    this.#out = out;
    this.isTerminal = out.isTTY === true && environment['TERM'] !== 'dumb';
    // A closed window or pipe must not keep the supervisor from ending what it started.
    out.on('error', () => undefined);
  }

  /** A line that stays. */
  say(text: string): void {
    if (this.isTerminal) this.#draw(text.split('\n'));
    else this.#out.write(`${text}\n`);
  }

  /** The block at the bottom of a terminal; elsewhere nothing. */
  show(lines: readonly string[]): void {
    if (!this.isTerminal) return;
    this.#block = lines;
    this.#draw([]);
  }

  /** The status: the block on a terminal, a plain line every ten seconds elsewhere. */
  status(lines: readonly string[], plain: string): void {
    this.show(lines);
    const now = performance.now();
    if (this.isTerminal || now - this.#lastPlainMs < PLAIN_INTERVAL_MS) return;
    this.#lastPlainMs = now;
    this.say(plain);
  }

  /** Leaves the block where it is; what is said from now on comes below it. */
  settle(): void {
    this.#block = [];
    this.#drawn = 0;
  }

  /** One write for everything, overwriting row by row: nothing is ever blank in between. */
  #draw(staying: readonly string[]): void {
    const columns = (this.#out.columns ?? USUAL_COLUMNS) - 1;
    const block = this.#block.map((line) => shorten(line, columns));
    const rows = [...staying, ...block].map((line) => `${line}${CLEAR_TO_END_OF_LINE}\n`);
    const up = this.#drawn > 0 ? `\u001b[${this.#drawn}A\r` : '';
    this.#out.write(`${up}${rows.join('')}${CLEAR_BELOW}`);
    this.#drawn = block.length;
  }
}

/** A row that wraps would spoil the count of rows. */
function shorten(line: string, columns: number): string {
  return line.length <= columns ? line : `${line.slice(0, Math.max(0, columns - 1))}…`;
}

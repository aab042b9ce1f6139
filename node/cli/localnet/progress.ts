/** Shows how far a long preparation is: a bar and a clock in place on a terminal, a line per step elsewhere. */
import type { Screen } from './screen.ts';

export interface Progress {
  readonly step: string;
  /** 0 to 1. */
  readonly share: number;
}

const NAMES: Readonly<Record<string, string>> = {
  compile: 'compile the circuit',
  key: 'make the development key',
  'self-test': 'prove an empty batch and verify it',
};
const TICK_MS = 1_000;
const NAME_WIDTH = 36;
const BAR_WIDTH = 20;

export class ProgressView {
  readonly #screen: Screen;
  readonly #timer: NodeJS.Timeout;
  #current: (Progress & { readonly since: number }) | undefined;
  #steps = 0;

  constructor(screen: Screen) {
    this.#screen = screen;
    this.#timer = setInterval(() => this.#draw(), TICK_MS);
    this.#timer.unref();
  }

  report({ step, share }: Progress): void {
    if (NAMES[step] === undefined) return;
    const isNew = this.#current?.step !== step;
    const since = isNew ? performance.now() : (this.#current?.since ?? 0);
    this.#current = { step, share, since };
    if (isNew) this.#steps++;
    if (share >= 1) {
      this.#screen.show([]);
      this.#screen.say(`  ${name(step)}: done in ${seconds(since)}`);
      this.#current = undefined;
    } else if (isNew && !this.#screen.isTerminal) {
      this.#screen.say(`  ${name(step)} ...`);
    }
    this.#draw();
  }

  /** Takes the bar away; answers whether there was anything to do. */
  end(): boolean {
    clearInterval(this.#timer);
    this.#screen.show([]);
    return this.#steps > 0;
  }

  #draw(): void {
    if (this.#current === undefined) return;
    const { step, share, since } = this.#current;
    this.#screen.show([`  ${name(step).padEnd(NAME_WIDTH)} ${bar(share)} ${seconds(since)}`]);
  }
}

const name = (step: string): string => NAMES[step] ?? step;

function seconds(sinceMs: number): string {
  return `${Math.round((performance.now() - sinceMs) / 1000)} s`;
}

/** Some steps cannot tell how far they are: their bar stays empty. */
function bar(share: number): string {
  const full = Math.round(share * BAR_WIDTH);
  const percent = share > 0 ? `${Math.round(share * 100)}%` : '';
  return `[${'#'.repeat(full)}${' '.repeat(BAR_WIDTH - full)}] ${percent.padStart(4)}`;
}

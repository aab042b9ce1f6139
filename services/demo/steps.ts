/** What the demonstration prints, and waiting for things that take time. */

export class Steps {
  #count = 0;
  readonly #started = performance.now();

  begin(title: string): void {
    this.#count++;
    console.log(`\n${this.#count}. ${title}`);
  }

  say(label: string, text: string): void {
    console.log(`   ${label.padEnd(15)} ${text}`);
  }

  end(): void {
    console.log(`\nDone: ${this.#count} steps in ${seconds(performance.now() - this.#started)}.`);
  }
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

export function amountText(units: bigint, decimals = 6): string {
  const text = String(units).padStart(decimals + 1, '0');
  return `${text.slice(0, -decimals)}.${text.slice(-decimals)}`.replace(/\.?0+$/, '');
}

const POLL_MS = 400;
const TIMEOUT_MS = 5 * 60_000;

/** Asks until there is an answer; throws after five minutes. */
export async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + TIMEOUT_MS;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`${what} did not come within 5 minutes`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Asking until something is so. */

const POLL_MS = 100;

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Asks until the answer is neither undefined nor false; answers how many milliseconds that took. */
export async function until(what: string, ask: () => unknown, limitMs: number): Promise<number> {
  const started = performance.now();
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return performance.now() - started;
    if (performance.now() - started > limitMs) {
      throw new Error(`not within ${limitMs / 1000} s: ${what}`);
    }
    await pause(POLL_MS);
  }
}

/** Waiting for what must come: the limit is only there so that a failure ends. */

const POLL_MS = 150;
const LIMIT_MS = 4 * 60_000;

/** Asks until the answer is neither undefined nor false. Errors of the question itself end it. */
export async function until<T>(
  what: string,
  ask: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  const deadline = performance.now() + LIMIT_MS;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

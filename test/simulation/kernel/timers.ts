/** What `node:timers/promises` is for code that runs on a simulated host. */
import { currentHost } from './host.ts';

export function setTimeout<T = void>(
  delayMs: number,
  value?: T,
  options: { readonly signal?: AbortSignal } = {},
): Promise<T> {
  const { signal } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason as Error);
    const timer = currentHost()!.setTimer(() => resolve(value as T), delayMs);
    signal?.addEventListener('abort', () => {
      timer.cancelled = true;
      reject(signal.reason as Error);
    });
  });
}

/** The world waits until a node has nothing left to do, so there is nobody to give a turn to. */
export function setImmediate<T = void>(value?: T): Promise<T> {
  return Promise.resolve(value as T);
}

/**
 * From the call on, in this thread only, the node's code is loaded on top of the simulated host: its files,
 * timers and clocks, a shared memory of what signatures and bytes mean, and the observed machine. The node itself is not
 * changed, unless a bug is planted (plants.ts).
 */
import { registerHooks } from 'node:module';
import { currentHost } from './host.ts';

const HERE = new URL('.', import.meta.url).href;
const NODE = new URL('../../../node/', import.meta.url).href;
const SIMULATION = new URL('..', import.meta.url).href;
const MEMO: readonly [RegExp, string] = [/\/ed25519\.ts$/, 'memo-ed25519.ts'];

const STAND_INS: readonly (readonly [specifier: RegExp, file: string])[] = [
  [/^node:fs\/promises$/, 'files.ts'],
  [/\/quick-files\.ts$/, 'files.ts'],
  [/^node:timers\/promises$/, 'timers.ts'],
  MEMO,
  [/\/consensus\/machine\.ts$/, 'watched-machine.ts'],
  [/\/wire\.ts$/, 'memo-wire.ts'],
  [/\/decoding\.ts$/, 'memo-decoding.ts'],
  [/\/hashing\.ts$/, 'memo-hashing.ts'],
];

function standInsFor(importer: string): typeof STAND_INS {
  if (importer.startsWith(NODE)) return STAND_INS;
  return importer.startsWith(SIMULATION) && !importer.startsWith(HERE) ? [MEMO] : [];
}

function redirectModules(): void {
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const found = standInsFor(context.parentURL ?? '').find(([one]) => one.test(specifier));
      return nextResolve(found ? new URL(found[1], HERE).href : specifier, context);
    },
  });
}

/** Timers set outside of every host are the real ones. */
function redirectTimers(): void {
  const scope = globalThis as unknown as Record<string, unknown>;
  const real = { setTimeout, setInterval, clearTimeout, clearInterval };
  type Run = (...args: unknown[]) => void;
  scope['setTimeout'] = (run: Run, delay = 0, ...args: unknown[]) =>
    currentHost()?.setTimer(() => run(...args), delay) ?? real.setTimeout(run, delay, ...args);
  scope['setInterval'] = (run: Run, every = 0, ...args: unknown[]) =>
    currentHost()?.setTimer(() => run(...args), every, every) ??
    real.setInterval(run, every, ...args);
  const clear = (realClear: (timer: NodeJS.Timeout) => void) => (timer: unknown) => {
    if (typeof timer !== 'object' || timer === null) return;
    if ('cancelled' in timer) timer.cancelled = true;
    else realClear(timer as NodeJS.Timeout);
  };
  scope['clearTimeout'] = clear(real.clearTimeout);
  scope['clearInterval'] = clear(real.clearInterval);
}

/** Wall clock, stop watch and dice; `draw` gives a number in [0, 1). */
function redirectClocks(draw: () => number): void {
  const realNow = Date.now;
  const realWatch = performance.now.bind(performance);
  Date.now = () => currentHost()?.now() ?? realNow();
  performance.now = () => currentHost()?.queue.now ?? realWatch();
  Math.random = draw;
}

export function installHost(draw: () => number): void {
  redirectModules();
  redirectTimers();
  redirectClocks(draw);
}

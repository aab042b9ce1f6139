/** A node with the toy application, in this process. */
import type { Clock, Logger } from '../../../node/base/service.ts';
import { noMetrics, silentLogger } from '../../../node/base/service.ts';
import { loadConfig } from '../../../node/config.ts';
import type { Home } from '../../../node/home.ts';
import { Node } from '../../../node/node.ts';
import { SnapshotApp } from './snapshot-app.ts';
import { ToyPool } from './toy-pool.ts';

export type ToyNode = Node<SnapshotApp, ToyPool>;

const systemClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() };

export interface ToyNodeOptions {
  readonly logger?: Logger;
  readonly onFatal?: (error: unknown) => void;
}

export async function toyNode(home: Home, options: ToyNodeOptions = {}): Promise<ToyNode> {
  const { logger = silentLogger, onFatal = (error: unknown) => console.error(error) } = options;
  const deps = { clock: { ...systemClock }, logger, metrics: noMetrics, onFatal };
  return new Node({ home, config: await loadConfig(home.configFile) }, deps, {
    createApp: ({ db, config }) => new SnapshotApp(db, config.app.snapshotInterval),
    createPool: (app) => new ToyPool(app),
  });
}

/** Resolves when `check` holds; rejects with `what` after `timeoutMs`. */
export async function until(check: () => boolean, what: string, timeoutMs = 20_000): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!check()) {
    if (Date.now() > end) throw new Error(`timed out waiting until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

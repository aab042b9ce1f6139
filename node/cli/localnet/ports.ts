/** Are the network's ports free? Asked before anything is started, so that the answer is one clear sentence. */
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { EXIT_IO, ExitError } from '../../base/exit.ts';
import { lockHome, type HomeLock } from '../../engine/home-lock.ts';
import { L1_PORT } from './anvil.ts';
import { portsOf } from './layout.ts';
import type { LocalOptions } from './options.ts';

/** What a refusal calls the process that has a lock. */
export const LOCK_HOLDER = 'local network';

/**
 * The ports are fixed, so a user has one local network on a machine. Two that start at the same moment would
 * both find the ports free, and then talk to each other's processes.
 */
export async function lockPorts(): Promise<HomeLock> {
  const folder = join(tmpdir(), `bitscale-local-ports-${userInfo().uid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return lockHome(folder, LOCK_HOLDER);
}

export async function requirePorts(options: LocalOptions): Promise<void> {
  const wanted = options.l1 ? [L1_PORT] : [];
  for (let index = 0; index < options.validators; index++) {
    wanted.push(...Object.values(portsOf(index)));
  }
  for (const port of wanted) {
    if (await isFree(port)) continue;
    throw new ExitError(
      EXIT_IO,
      `port ${port} is in use by another program. Stop that program (is another local network running?) and start again.`,
    );
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

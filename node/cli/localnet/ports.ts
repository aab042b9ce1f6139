/** Are the network's ports free? Asked before anything is started, so that the answer is one clear sentence. */
import { createServer } from 'node:net';
import { EXIT_IO, ExitError } from '../../base/exit.ts';
import { L1_PORT } from './anvil.ts';
import { portsOf } from './layout.ts';
import type { LocalOptions } from './options.ts';

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

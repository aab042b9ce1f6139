/** bitscale start: one node. */
import { EXIT_CONFIG, ExitError } from '../../base/exit.ts';
import { createNode } from '../../create-node.ts';
import type { Command } from '../command.ts';
import { requireSound } from './repair.ts';
import { homeFolder, HOME_OPTION } from '../shared-options.ts';

/** Longest a clean end may take before the process ends anyway; the state is safe at any moment. */
const STOP_TIMEOUT_MS = 8_000;

export const startCommand: Command = {
  name: 'start',
  summary: 'Run a node',
  options: {
    ...HOME_OPTION,
    'deep-check': { help: 'first read all data, as bitscale check does; a start reads the newest' },
  },
  examples: ['bitscale start --home ~/.bitscale'],
  run: async (call, terminal) => {
    const folder = homeFolder(call, terminal);
    if (call.flag('deep-check')) await requireSound(folder);
    const node = await createNode({ homeFolder: folder });
    const ended = new Promise<void>((resolve) => {
      process.once('SIGINT', resolve);
      process.once('SIGTERM', resolve);
    });
    await node.start().catch((error: unknown) => {
      if (error instanceof ExitError) throw error;
      throw new ExitError(EXIT_CONFIG, error instanceof Error ? error.message : String(error), {
        cause: error,
      });
    });
    await ended;
    setTimeout(() => process.exit(0), STOP_TIMEOUT_MS).unref();
    await node.stop();
    process.exit(0);
  },
};

/** bitscale repair, bitscale check: what to do with a stopped node whose data is damaged. */
import { EXIT_DATA, ExitError } from '../../base/exit.ts';
import { homeAt } from '../../home.ts';
import type { Command } from '../command.ts';
import { homeFolder, HOME_OPTION } from '../shared-options.ts';

const SIGN_ABOVE = 'sign-above';

export const repairCommand: Command = {
  name: 'repair',
  summary: 'Set the damaged data of a stopped node aside; it is made or fetched anew',
  options: {
    ...HOME_OPTION,
    [SIGN_ABOVE]: {
      value: '<height>',
      help: 'instead: the memory of what the key signed is lost; let it sign only above this height',
    },
  },
  examples: [
    'bitscale repair --home ~/.bitscale',
    'bitscale repair --home ~/.bitscale --sign-above 120500',
  ],
  run: async (call, terminal) => {
    const { repairHome, signAbove } = await import('../../repair.ts');
    const folder = homeFolder(call, terminal);
    if (call.optional(SIGN_ABOVE) !== undefined) {
      const height = call.integer(SIGN_ABOVE);
      const { aside } = await signAbove(folder, height, Date.now());
      terminal.print(
        `The key signs only above height ${height} now. The old files are in ${aside}.`,
      );
      return;
    }
    const { aside, keptBlocks } = await repairHome(folder, Date.now());
    terminal.print(
      keptBlocks
        ? `The blocks are sound; state and index are in ${aside}, and the next start makes them anew.`
        : `The old data is in ${aside}; start the node and it fetches everything from its peers.`,
    );
  },
};

export const checkCommand: Command = {
  name: 'check',
  summary: 'Read all data of a stopped node and say whether it is sound',
  options: HOME_OPTION,
  examples: ['bitscale check --home ~/.bitscale'],
  run: async (call, terminal) => {
    const folder = homeFolder(call, terminal);
    await requireSound(folder);
    terminal.print(`The data in ${homeAt(folder).data} is sound.`);
  },
};

/** Throws ExitError 65 with everything that is wrong. */
export async function requireSound(folder: string): Promise<void> {
  const { checkHome, problemsOf } = await import('../../check-home.ts');
  const { lockHome } = await import('../../engine/home-lock.ts');
  const { makeHome } = await import('../../home.ts');
  const home = homeAt(folder);
  await makeHome(home);
  const lock = await lockHome(home.data);
  try {
    const problems = problemsOf(await checkHome(home));
    if (problems.length === 0) return;
    const repair = `Repair it with: bitscale repair --home ${folder}`;
    throw new ExitError(EXIT_DATA, [...problems, repair].join('\n'));
  } finally {
    lock.release();
  }
}

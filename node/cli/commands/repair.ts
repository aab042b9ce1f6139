/** bitscale repair: sets damaged data aside, so that the node fetches it from its peers again. */
import { repairHome } from '../../repair.ts';
import type { Command } from '../command.ts';
import { homeFolder, HOME_OPTION } from '../shared-options.ts';

export const repairCommand: Command = {
  name: 'repair',
  summary: 'Set the damaged data of a stopped node aside; it syncs anew from its peers',
  options: HOME_OPTION,
  examples: ['bitscale repair --home ~/.bitscale'],
  run: async (call, terminal) => {
    const aside = await repairHome(homeFolder(call, terminal), Date.now());
    terminal.print(
      `The old data is in ${aside}; start the node and it fetches everything from its peers.`,
    );
  },
};

/** bitscale reindex: the index of transactions and events of a stopped node, made anew. */
import type { Command } from '../command.ts';
import { homeFolder, HOME_OPTION } from '../shared-options.ts';

export const reindexCommand: Command = {
  name: 'reindex',
  summary: 'Make the index of transactions and events of a stopped node anew from its blocks',
  options: { ...HOME_OPTION, quiet: { help: 'do not tell how far it is' } },
  examples: ['bitscale reindex --home ~/.bitscale'],
  run: async (call, terminal) => {
    const { reindexHome } = await import('../../reindex.ts');
    let told = -1;
    const tell = (height: number, base: number, last: number): void => {
      const percent = Math.floor(((height - base + 1) * 100) / (last - base + 1));
      if (percent === told || call.flag('quiet')) return;
      told = percent;
      terminal.warn(`${percent} %: block ${height} of ${last}`);
    };
    const { base, height, txs } = await reindexHome(homeFolder(call, terminal), tell);
    terminal.print(`The index holds ${txs} transactions of blocks ${base} to ${height}.`);
  },
};

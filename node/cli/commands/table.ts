/** All commands of the program, in the order of the help text. A command's code is loaded when it is named. */
import type { Command } from '../command.ts';
import { SHORT_FORMS } from '../dispatch.ts';

type Load = () => Promise<readonly Command[]>;

/** By the first word of the commands. */
const GROUPS: ReadonlyMap<string, Load> = new Map<string, Load>([
  ['init', async () => [(await import('./init.ts')).initCommand]],
  ['start', async () => [(await import('./start.ts')).startCommand]],
  ['localnet', async () => [(await import('./localnet.ts')).localnetCommand]],
  ['keys', async () => (await import('./keys.ts')).keyCommands],
  ['tx', async () => (await import('./tx.ts')).txCommands()],
  ['query', async () => (await import('./query.ts')).queryCommands()],
  ['genesis', async () => (await import('./genesis.ts')).genesisCommands],
  ['comet', async () => (await import('./comet.ts')).cometCommands],
  ['config', async () => (await import('./config.ts')).configCommands],
  ['status', async () => [(await import('./status.ts')).statusCommand]],
  ['prover', async () => [(await import('./prover.ts')).proverCommand]],
  ['repair', async () => [(await import('./repair.ts')).repairCommand]],
  ['check', async () => [(await import('./repair.ts')).checkCommand]],
  ['reindex', async () => [(await import('./reindex.ts')).reindexCommand]],
  ['snapshot', async () => (await import('./snapshot.ts')).snapshotCommands],
  ['client-config', async () => [(await import('./client-config.ts')).clientConfigCommand]],
  ['export', async () => [(await import('./export.ts')).exportCommand]],
  [
    'completion',
    async () => [(await import('./completion.ts')).completionCommand(() => loadCommands())],
  ],
  ['version', async () => [(await import('./version.ts')).versionCommand]],
]);

/** Commands of a group that can be called without its name. */
const TOP_LEVEL: ReadonlyMap<string, string> = new Map(
  ['add-genesis-account', 'bulk-add-genesis-account', 'collect-gentxs', 'gentx', 'validate-genesis']
    .map((word): [string, string] => [word, 'genesis'])
    .concat([['tendermint', 'comet']]),
);

/** The commands that begin with `word`; all of them when none does. */
export async function loadCommands(word = ''): Promise<readonly Command[]> {
  const load = GROUPS.get(SHORT_FORMS.get(word) ?? TOP_LEVEL.get(word) ?? word);
  if (load !== undefined) return load();
  // One after the other: CommonJS packages that require ES modules fail when both load at the same time.
  const commands: Command[] = [];
  for (const each of GROUPS.values()) commands.push(...(await each()));
  return commands;
}

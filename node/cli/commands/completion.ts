/** bitscale completion: a script by which a shell completes the commands of this program. */
import { usageError, type Command } from '../command.ts';
import { fishScript } from '../completion/fish.ts';
import { bashScript, zshScript } from '../completion/posix.ts';
import { commandTree, type Tree } from '../completion/tree.ts';
import { SHORT_FORMS } from '../dispatch.ts';

const SCRIPTS: ReadonlyMap<string, (tree: Tree) => string> = new Map([
  ['bash', bashScript],
  ['zsh', zshScript],
  ['fish', fishScript],
]);

export function completionCommand(allCommands: () => Promise<readonly Command[]>): Command {
  return {
    name: 'completion',
    summary: 'Print a script that completes commands, options and names of keys in a shell',
    arguments: ['<bash|zsh|fish>'],
    examples: ['source <(bitscale completion bash)', 'bitscale completion fish | source'],
    async run(call, terminal) {
      const script = SCRIPTS.get(call.argument(0));
      if (script === undefined) {
        throw usageError(`there are scripts for ${[...SCRIPTS.keys()].join(', ')}`);
      }
      terminal.print(script(commandTree(await allCommands(), SHORT_FORMS)));
    },
  };
}

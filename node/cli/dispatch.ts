/** Finds the command that the words name, runs it, and turns whatever happens into an exit code. */
import { BitscaleError } from '../base/errors.ts';
import { EXIT_DATA, EXIT_USAGE, ExitError } from '../base/exit.ts';
import { Call, usageError, type Command } from './command.ts';
import { commandHelp, listHelp } from './help.ts';
import type { Terminal } from './terminal.ts';

/** A bug of this program. */
const EXIT_SOFTWARE = 70;
const HELP = ['--help', '-h'];

export async function runCommand(
  args: readonly string[],
  commands: readonly Command[],
  terminal: Terminal,
): Promise<number> {
  try {
    return await dispatch(args, commands, terminal);
  } catch (error) {
    terminal.warn(`bitscale: ${(error as Error).message}`);
    if (error instanceof ExitError) return error.exitCode;
    if (error instanceof BitscaleError) return EXIT_DATA;
    if (terminal.environment['BITSCALE_DEBUG']) terminal.warn((error as Error).stack ?? '');
    return EXIT_SOFTWARE;
  }
}

async function dispatch(
  given: readonly string[],
  commands: readonly Command[],
  terminal: Terminal,
): Promise<number> {
  const wantsHelp = given[0] === 'help' || given.some((arg) => HELP.includes(arg));
  const args = spelledOut(given[0] === 'help' ? given.slice(1) : given);
  const words = leadingWords(args);
  const { command, name } = longestMatch(commands, words) ?? {};
  if (command !== undefined && wantsHelp) {
    terminal.print(commandHelp(command));
    return 0;
  }
  if (command !== undefined && name !== undefined) {
    const rest = args.slice(name.split(' ').length);
    await command.run(new Call(command, rest), terminal);
    return 0;
  }
  const group = longestGroup(commands, words);
  if (words.length > group.length) {
    const place = ['bitscale', ...group, '--help'].join(' ');
    throw usageError(`there is no command "${words.join(' ')}"; see: ${place}`);
  }
  const text = listHelp(commands, group.join(' '));
  if (wantsHelp) terminal.print(text);
  else terminal.warn(text);
  return wantsHelp ? 0 : EXIT_USAGE;
}

/** Short forms of first words. */
export const SHORT_FORMS: ReadonlyMap<string, string> = new Map([['q', 'query']]);

function spelledOut([first = '', ...rest]: readonly string[]): readonly string[] {
  return first === '' && rest.length === 0 ? [] : [SHORT_FORMS.get(first) ?? first, ...rest];
}

/** The most leading words that begin some command. */
function longestGroup(commands: readonly Command[], words: readonly string[]): readonly string[] {
  for (let count = words.length; count > 0; count--) {
    const typed = `${words.slice(0, count).join(' ')} `;
    if (commands.some(({ name }) => name.startsWith(typed))) return words.slice(0, count);
  }
  return [];
}

function leadingWords(args: readonly string[]): string[] {
  const end = args.findIndex((arg) => arg.startsWith('-'));
  return end < 0 ? [...args] : args.slice(0, end);
}

interface Match {
  readonly command: Command;
  /** The words by which it was called. */
  readonly name: string;
}

function longestMatch(commands: readonly Command[], words: readonly string[]): Match | undefined {
  const typed = `${words.join(' ')} `;
  return commands
    .flatMap((command) =>
      [command.name, ...(command.aliases ?? [])].map((name) => ({ command, name })),
    )
    .filter(({ name }) => typed.startsWith(`${name} `))
    .sort((a, b) => b.name.length - a.name.length)[0];
}

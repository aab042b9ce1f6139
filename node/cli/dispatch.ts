/** Finds the command that the words name, runs it, and turns whatever happens into an exit code. */
import { BitscaleError } from '../base/errors.ts';
import { EXIT_DATA, EXIT_USAGE, ExitError } from '../base/exit.ts';
import { Call, commandHelp, listHelp, usageError, type Command } from './command.ts';
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
  const args = given[0] === 'help' ? given.slice(1) : given;
  const words = leadingWords(args);
  const command = longestMatch(commands, words);
  if (command !== undefined && wantsHelp) {
    terminal.print(commandHelp(command));
    return 0;
  }
  if (command !== undefined) {
    const rest = args.slice(command.name.split(' ').length);
    await command.run(new Call(command, rest), terminal);
    return 0;
  }
  const group = commands.some(({ name }) => name.startsWith(`${words[0]} `)) ? words[0]! : '';
  if (words.length > (group === '' ? 0 : 1)) {
    const place = group === '' ? '' : ` ${group}`;
    throw usageError(`there is no command "${words.join(' ')}"; see: bitscale${place} --help`);
  }
  const text = listHelp(commands, group);
  if (wantsHelp) terminal.print(text);
  else terminal.warn(text);
  return wantsHelp ? 0 : EXIT_USAGE;
}

function leadingWords(args: readonly string[]): string[] {
  const end = args.findIndex((arg) => arg.startsWith('-'));
  return end < 0 ? [...args] : args.slice(0, end);
}

function longestMatch(commands: readonly Command[], words: readonly string[]): Command | undefined {
  const typed = `${words.join(' ')} `;
  return commands
    .filter(({ name }) => typed.startsWith(`${name} `))
    .sort((a, b) => b.name.length - a.name.length)[0];
}

/** A terminal that remembers what is printed and answers questions from a list. */
import type { Terminal } from '../../../node/cli/terminal.ts';
import { loadCommands } from '../../../node/cli/commands/table.ts';
import { runCommand } from '../../../node/cli/dispatch.ts';

export interface Ran {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** Says nothing and is told nothing. */
export const SILENT: Terminal = {
  print: () => undefined,
  warn: () => undefined,
  readSecret: () => Promise.resolve(''),
  readLine: () => Promise.resolve(''),
  readAll: () => Promise.resolve(''),
  interactive: false,
  environment: {},
};

/** Runs a command line in this process. */
export async function run(
  args: readonly string[],
  answers: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const [printed, warned]: [string[], string[]] = [[], []];
  const left = [...answers];
  const terminal: Terminal = {
    print: (text) => void printed.push(text),
    warn: (text) => void warned.push(text),
    readSecret: () => Promise.resolve(left.shift() ?? ''),
    readLine: () => Promise.resolve(left.shift() ?? ''),
    readAll: () => Promise.resolve(left.splice(0).join('\n')),
    interactive: false,
    environment,
  };
  const code = await runCommand(args, await loadCommands(args[0]), terminal);
  return { code, output: printed.join('\n'), errors: warned.join('\n') };
}

/** The options of a program of the tests: shown when asked for, refused when they are not among those. */
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';

const WRONG_USE = 64;

/** Prints `help` and ends the process for --help, or when the command line is not understood. */
export function commandLine<const T extends ParseArgsOptionsConfig>(help: string, options: T) {
  try {
    const { values } = parseArgs({ options: { ...options, help: { type: 'boolean' } } as const });
    if ((values as { readonly help?: boolean }).help !== true) return parseArgs({ options }).values;
    console.log(help);
    process.exit(0);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${help}`);
    process.exit(WRONG_USE);
  }
}

/** A whole number, not negative; ends the process when it is none. */
export function wholeNumber(option: string, text: string): number {
  const value = Number(text);
  if (/^[0-9]+$/.test(text) && Number.isSafeInteger(value)) return value;
  console.error(`--${option} takes a whole number, not ${text}`);
  process.exit(WRONG_USE);
}

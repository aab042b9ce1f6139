/** Errors that end the program with a meaning: the sentence goes to the operator, the code to the shell. */

/** The command line is wrong. */
export const EXIT_USAGE = 64;
/** Data on disk is damaged or does not belong here. */
export const EXIT_DATA = 65;
/** The disk, a port or a lock refuses. */
export const EXIT_IO = 74;
/** A setting or a key file is wrong; going on would be unsafe. */
export const EXIT_CONFIG = 78;

export class ExitError extends Error {
  readonly exitCode: number;

  constructor(exitCode: number, sentence: string, options?: ErrorOptions) {
    super(sentence, options);
    this.name = 'ExitError';
    this.exitCode = exitCode;
  }
}

/** Nothing is wrong: the node was told to stop where it is. The shell sees success. */
export class HaltError extends ExitError {
  constructor(sentence: string) {
    super(0, sentence);
    this.name = 'HaltError';
  }
}

/** The `code` of a system error such as ENOENT, or undefined. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = (error as NodeJS.ErrnoException).code;
  return typeof code === 'string' ? code : undefined;
}

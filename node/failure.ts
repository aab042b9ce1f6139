/** What went wrong, as the operator is told and as the shell is: damage and disks have exit codes of their own. */
import { BitscaleError } from './base/errors.ts';
import { EXIT_DATA, EXIT_IO, ExitError, systemCode } from './base/exit.ts';
import { DamagedStoreError, ErrStoreSet } from './store/errors.ts';

const DISK_ERRORS = new Set(['ENOSPC', 'EIO', 'EROFS', 'EDQUOT', 'EMFILE', 'LEVEL_IO_ERROR']);

/** The same error with an exit code, when one is known for it; else the error itself. */
export function explained(error: unknown, homeFolder: string): unknown {
  if (error instanceof ExitError) return named(error, homeFolder);
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof DamagedStoreError) {
    const text = `${message}. Nothing was signed with it. Repair it with: bitscale repair`;
    return named(new ExitError(EXIT_DATA, text, { cause: error }), homeFolder);
  }
  if (isOfOtherStores(error)) {
    const text =
      `the state in ${homeFolder} was made by another version of this program (${message}): run that ` +
      'one, or plan an upgrade of the chain that brings the change';
    return new ExitError(EXIT_DATA, text, { cause: error });
  }
  const codes = [systemCode(error), error instanceof Error ? systemCode(error.cause) : undefined];
  const code = codes.find((each) => DISK_ERRORS.has(String(each)));
  if (code === undefined) return error;
  const text =
    `the disk refuses (${code}): ${message}. A write that failed is not tried again: make room or ` +
    'mend the disk, then start the node; it goes on from what is safely stored';
  return new ExitError(EXIT_IO, text, { cause: error });
}

export function isOfOtherStores(error: unknown): error is BitscaleError {
  const { codespace, code } = ErrStoreSet;
  return error instanceof BitscaleError && error.codespace === codespace && error.code === code;
}

/** Commands in the sentence get the home, so that they can be copied. */
function named(error: ExitError, homeFolder: string): ExitError {
  const text = error.message.replace(/bitscale repair(?! --home)/g, `$& --home ${homeFolder}`);
  return text === error.message ? error : new ExitError(error.exitCode, text, { cause: error });
}

export function exitCodeOf(error: unknown): number {
  return error instanceof ExitError ? error.exitCode : 1;
}

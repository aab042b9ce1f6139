/** Files that are there whole or not at all. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { EXIT_IO, ExitError } from '../base/exit.ts';

/** Throws ExitError 74. */
export function writeWhole(path: string, content: string, mode: number): void {
  try {
    writeFileSync(`${path}.new`, content, { mode, flush: true });
    renameSync(`${path}.new`, path);
  } catch (cause) {
    throw new ExitError(EXIT_IO, `${path} cannot be written`, { cause });
  }
}

/** Throws ExitError 74. */
export function readWhole(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ExitError(EXIT_IO, `${path} cannot be read`, { cause });
  }
}

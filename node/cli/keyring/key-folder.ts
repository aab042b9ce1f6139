/** Files of keys: only their owner may read them, and each is there whole or not at all. */
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import {
  EXIT_CONFIG,
  EXIT_DATA,
  EXIT_IO,
  EXIT_USAGE,
  ExitError,
  systemCode,
} from '../../base/exit.ts';
import { writeWhole } from '../whole-file.ts';

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_-]{0,63}$/;
const FORBIDDEN_MODE = 0o077;
const ENDING = '.json';
/** Of a file that is being written; one may be left when the process is killed in the middle. */
const DRAFT_ENDING = '.new';
/** A draft, or one that is written itself, and the process that does. */
const DRAFT = /\.json\.(\d{1,10})\.new(?:\.new)?$/;

const alreadyThere = (name: string): ExitError =>
  new ExitError(EXIT_USAGE, `there is already a key named ${name}`);

/** Makes the names in it survive a loss of power; Windows has no such call. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** The process at hand writes one file after the other, so a draft of its number was left by another one. */
function isWriting(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return systemCode(error) !== 'ESRCH';
  }
}

export class KeyFolder {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Sorted. */
  names(): string[] {
    try {
      const files = readdirSync(this.#folder).filter((file) => file.endsWith(ENDING));
      return files.map((file) => file.slice(0, -ENDING.length)).sort();
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return [];
      throw new ExitError(EXIT_IO, `${this.#folder} cannot be read`, { cause: error });
    }
  }

  /** Throws ExitError 64 when the name is taken or cannot be one. */
  checkNew(name: string): void {
    this.#path(name);
    if (this.names().includes(name)) throw alreadyThere(name);
  }

  /** Throws ExitError 65 for a file that is missing or that `parse` refuses, 78 when others can read it. */
  read<T>(name: string, parse: (text: string) => T): T {
    const path = this.#path(name);
    try {
      const { mode } = statSync(path);
      if (process.platform !== 'win32' && (mode & FORBIDDEN_MODE) !== 0) {
        throw new ExitError(EXIT_CONFIG, `${path} can be read by others; run: chmod 600 ${path}`);
      }
      return parse(readFileSync(path, 'utf8'));
    } catch (error) {
      if (error instanceof ExitError && error.exitCode === EXIT_CONFIG) throw error;
      const isMissing = systemCode(error) === 'ENOENT';
      const detail = error instanceof RangeError ? `: ${error.message}` : '';
      const why = isMissing ? `there is no key named ${name}` : `${path} cannot be used${detail}`;
      throw new ExitError(EXIT_DATA, why, { cause: error });
    }
  }

  /**
   * A new file, whole, on the disk when this returns. Throws ExitError 64 when another process was faster, 74 when
   * the disk refuses.
   */
  write(name: string, content: string): void {
    const path = this.#path(name);
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    } catch (cause) {
      throw new ExitError(EXIT_IO, `${this.#folder} cannot be made`, { cause });
    }
    this.#dropDrafts();
    const draft = `${path}.${process.pid}${DRAFT_ENDING}`;
    writeWhole(draft, content, 0o600);
    try {
      // Unlike a rename, this never takes the place of a file: it could be somebody's only copy of a key.
      linkSync(draft, path);
      syncFolder(this.#folder);
    } catch (cause) {
      if (systemCode(cause) === 'EEXIST') throw alreadyThere(name);
      throw new ExitError(EXIT_IO, `${path} cannot be written`, { cause });
    } finally {
      unlinkSync(draft);
    }
  }

  /** Also of what a write that was cut off has left of the key. */
  delete(name: string): void {
    unlinkSync(this.#path(name));
    const isDraft = (file: string): boolean =>
      file.startsWith(`${name}${ENDING}.`) && file.endsWith(DRAFT_ENDING);
    for (const file of readdirSync(this.#folder).filter(isDraft)) {
      unlinkSync(join(this.#folder, file));
    }
  }

  /** What writes that were cut off have left: copies of keys, or keys that nobody has been told of. */
  #dropDrafts(): void {
    for (const file of readdirSync(this.#folder)) {
      const [, pid] = DRAFT.exec(file) ?? [];
      if (pid === undefined || isWriting(Number(pid))) continue;
      const draft = join(this.#folder, file);
      try {
        rmSync(draft, { force: true });
      } catch (cause) {
        throw new ExitError(EXIT_IO, `${draft} cannot be removed`, { cause });
      }
    }
  }

  #path(name: string): string {
    if (!NAME.test(name)) {
      const rule = 'a key name has 1 to 64 letters, digits, dashes, underscores';
      throw new ExitError(EXIT_USAGE, rule);
    }
    return join(this.#folder, `${name}${ENDING}`);
  }
}

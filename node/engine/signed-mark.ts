/**
 * A second memory of what the key signed, beside the key and not in the data folder: the height that the
 * last-signed file had reached. When `data` is replaced by an older copy, or deleted, the file there says less
 * than the mark, and the key is not used. The mark is written in place and not synced: it guards against what
 * people do; a loss of power may leave it somewhat lower.
 */
import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { utf8 } from '../base/bytes.ts';
import { EXIT_DATA, ExitError, systemCode } from '../base/exit.ts';
import { replaceFile } from './durable-file.ts';

/** Always as many digits, so that a write in place changes one sector and never the size. */
const DIGITS = 15;
/** The height twice: one changed digit is noticed. */
const CONTENT = /^\{ "height": "([0-9]{1,15})", "again": "([0-9]{1,15})" \}\n$/;

export class SignedMark {
  readonly #path: string | undefined;
  #height: number;

  private constructor(path: string | undefined, height: number) {
    this.#path = path;
    this.#height = height;
  }

  static none(): SignedMark {
    return new SignedMark(undefined, 0);
  }

  /** Makes the file when it is missing; a folder that cannot be written to has no mark. */
  static async open(path: string): Promise<SignedMark> {
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
      const isMade = await replaceFile(path, utf8(contentOf(0))).then(
        () => true,
        () => false,
      );
      return isMade ? new SignedMark(path, 0) : SignedMark.none();
    }
    const match = CONTENT.exec(text);
    if (match === null || match[1] !== match[2]) {
      throw new ExitError(
        EXIT_DATA,
        `${path} is damaged; if priv_validator_state.json is the newest, delete it`,
      );
    }
    return new SignedMark(path, Number(match[1]));
  }

  get height(): number {
    return this.#height;
  }

  /** `height` is durable in the last-signed file. */
  reached(height: number): void {
    if (height <= this.#height) return;
    this.#height = height;
    if (this.#path === undefined) return;
    try {
      writeFileSync(this.#path, contentOf(height), { flag: 'r+' });
    } catch {
      // It stays lower: less is guarded, nothing is wrong.
    }
  }
}

function contentOf(height: number): string {
  const digits = String(height).padStart(DIGITS, '0');
  return `{ "height": "${digits}", "again": "${digits}" }\n`;
}

/**
 * A second, coarse memory of what the key signed, beside the key and not in the data folder: now and then the
 * height that the last-signed file had reached. When `data` is replaced by an older copy, or deleted, the file
 * there says less than the mark, and the key is not used.
 */
import { readFile } from 'node:fs/promises';
import { EXIT_DATA, ExitError, systemCode } from '../base/exit.ts';
import { utf8 } from '../base/bytes.ts';
import { replaceFile } from './durable-file.ts';

/** Heights from mark to mark: an older copy is recognised when it is older than this. */
export const MARK_EVERY = 16;

export class SignedMark {
  readonly #path: string | undefined;
  height: number;

  private constructor(path: string | undefined, height: number) {
    this.#path = path;
    this.height = height;
  }

  static none(): SignedMark {
    return new SignedMark(undefined, 0);
  }

  static async open(path: string): Promise<SignedMark> {
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return new SignedMark(path, 0);
      throw error;
    }
    // The height twice: one changed digit is noticed.
    const match = /^\{ "height": "([0-9]{1,15})", "again": "([0-9]{1,15})" \}\n$/.exec(text);
    if (match === null || match[1] !== match[2]) {
      throw new ExitError(
        EXIT_DATA,
        `${path} is damaged; if priv_validator_state.json is the newest, delete it`,
      );
    }
    return new SignedMark(path, Number(match[1]));
  }

  /** `height` is durable in the last-signed file. A folder that cannot be written to has no mark. */
  async reached(height: number): Promise<void> {
    if (this.#path === undefined || height < this.height + MARK_EVERY) return;
    await this.write(height).catch(() => undefined);
  }

  async write(height: number): Promise<void> {
    this.height = height;
    if (this.#path === undefined) return;
    await replaceFile(this.#path, utf8(`{ "height": "${height}", "again": "${height}" }\n`));
  }
}

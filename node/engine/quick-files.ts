/**
 * The part of `node:fs/promises` that is needed for small files on a local disk, with the same names. Only syncs go
 * to another thread: every other call takes less time than handing it over, and a busy thread would come back to the
 * answer late. The simulator has a disk of its own in this place.
 */
import {
  closeSync,
  fdatasync,
  fstatSync,
  fsync,
  ftruncateSync,
  openSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { promisify } from 'node:util';
import type { Bytes } from '../base/bytes.ts';

const synced: (file: number) => Promise<void> = promisify(fsync);
const dataSynced: (file: number) => Promise<void> = promisify(fdatasync);

export interface QuickFile {
  appendFile(content: Bytes): Promise<void>;
  writeFile(content: Bytes): Promise<void>;
  truncate(length?: number): Promise<void>;
  stat(): Promise<{ readonly size: number }>;
  sync(): Promise<void>;
  datasync(): Promise<void>;
  close(): Promise<void>;
}

class OpenFile implements QuickFile {
  readonly #file: number;

  constructor(file: number) {
    this.#file = file;
  }

  async appendFile(content: Bytes): Promise<void> {
    // A disk may take a part and refuse the next.
    for (let at = 0; at < content.length;) at += writeSync(this.#file, content, at);
  }

  writeFile(content: Bytes): Promise<void> {
    return this.appendFile(content);
  }

  async truncate(length = 0): Promise<void> {
    ftruncateSync(this.#file, length);
  }

  async stat(): Promise<{ readonly size: number }> {
    return fstatSync(this.#file);
  }

  sync(): Promise<void> {
    return synced(this.#file);
  }

  datasync(): Promise<void> {
    return dataSynced(this.#file);
  }

  async close(): Promise<void> {
    closeSync(this.#file);
  }
}

export async function open(path: string, flags: string, mode?: number): Promise<QuickFile> {
  return new OpenFile(openSync(path, flags, mode));
}

export async function rename(from: string, to: string): Promise<void> {
  renameSync(from, to);
}

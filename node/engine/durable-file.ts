/**
 * Files that are either the old or the new content after a crash, never a mixture. Only syncs take long and are
 * waited for beside the main thread; everything else is done before it could be handed over.
 */
import { closeSync, fdatasync, fsync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import type { Bytes } from '../base/bytes.ts';

/** The content and the size of an open file. */
export const syncContent: (file: number) => Promise<void> = promisify(fdatasync);
const syncFile: (file: number) => Promise<void> = promisify(fsync);

/** Makes a created, renamed or removed name in `directory` survive a power loss. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = openSync(directory, 'r');
  try {
    await syncFile(handle);
  } finally {
    closeSync(handle);
  }
}

/** A disk may take a part and refuse the next. */
export function writeAll(file: number, content: Bytes): void {
  for (let at = 0; at < content.length;) at += writeSync(file, content, at);
}

/** Temporary file, fsync, rename over the old one, fsync of the directory: returns only when durable. */
export async function replaceFile(path: string, content: Bytes, mode = 0o600): Promise<void> {
  const temporary = `${path}.tmp`;
  const file = openSync(temporary, 'w', mode);
  try {
    writeAll(file, content);
    await syncFile(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  await syncDirectory(dirname(path));
}

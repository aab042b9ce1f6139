/** Files that are either the old or the new content after a crash, never a mixture. */
import { dirname } from 'node:path';
import type { Bytes } from '../base/bytes.ts';
import { open, rename } from './quick-files.ts';

/** Makes a created, renamed or removed name in `directory` survive a power loss. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Temporary file, fsync, rename over the old one, fsync of the directory: returns only when durable. */
export async function replaceFile(path: string, content: Bytes, mode = 0o600): Promise<void> {
  const temporary = `${path}.tmp`;
  const handle = await open(temporary, 'w', mode);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, path);
  await syncDirectory(dirname(path));
}

/** A full disk corrupts what is written last: the node stops while there is still room to stop in order. */
import { statfs } from 'node:fs/promises';
import { EXIT_IO, ExitError } from '../base/exit.ts';
import { MIN_FREE_DISK_BYTES } from '../base/limits.ts';

/** Throws ExitError 74 when the disk that holds `folder` is nearly full. */
export async function requireDiskSpace(folder: string, least = MIN_FREE_DISK_BYTES): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= least) return;
  const mebibytes = Math.floor((bavail * bsize) / 1_048_576);
  throw new ExitError(
    EXIT_IO,
    `only ${mebibytes} MiB are free on the disk of ${folder}; make room and start again`,
  );
}

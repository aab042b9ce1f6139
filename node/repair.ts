/**
 * Repair of a damaged home: blocks, index and application data are moved aside, and the next start fetches
 * everything from peers. Keys and the last-signed state stay, so nothing can be signed twice.
 */
import { mkdir, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { systemCode } from './base/exit.ts';
import { lockHome } from './engine/home-lock.ts';
import { homeAt } from './home.ts';

/** Refuses while a node runs. Answers the folder that holds the old data now. */
export async function repairHome(homeFolder: string, nowMs: number): Promise<string> {
  const home = homeAt(homeFolder);
  await mkdir(home.data, { recursive: true });
  const lock = await lockHome(home.data);
  try {
    const aside = join(home.data, `damaged-${new Date(nowMs).toISOString().replaceAll(':', '-')}`);
    await mkdir(aside);
    for (const folder of [home.blocks, home.index, home.state]) {
      await moveIfThere(folder, join(aside, basename(folder)));
    }
    return aside;
  } finally {
    lock.release();
  }
}

async function moveIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}

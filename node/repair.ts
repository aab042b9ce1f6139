/**
 * Repair of a stopped node's home. What is damaged is moved aside, and no more: with sound blocks from the first
 * one on, the next start executes them again; without, it fetches them from peers. Keys and the last-signed
 * state stay, so nothing can be signed twice.
 */
import { mkdir, readFile, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readGenesis } from '../genesis/validate.ts';
import { EXIT_USAGE, ExitError, systemCode } from './base/exit.ts';
import { checkHome, type HomeFindings } from './check-home.ts';
import { replaceFile } from './engine/durable-file.ts';
import { lockHome } from './engine/home-lock.ts';
import { encodeLastSigned, MAX_ROUND, STEP_PRECOMMIT } from './engine/last-signed.ts';
import { SignedMark } from './engine/signed-mark.ts';
import { Wal } from './engine/wal.ts';
import { homeAt, type Home } from './home.ts';

export interface Repaired {
  /** The folder that holds the old data now. */
  readonly aside: string;
  /** The blocks stay; the state is executed from them again. */
  readonly keptBlocks: boolean;
}

/** Refuses while a node runs. */
export async function repairHome(homeFolder: string, nowMs: number): Promise<Repaired> {
  return withLock(homeFolder, async (home) => {
    const aside = await asideFolder(home, nowMs);
    const keptBlocks = areWhole(await checkHome(home), await firstHeight(home));
    const damaged = [...(keptBlocks ? [] : [home.blocks]), home.index, home.state];
    for (const folder of damaged) await moveIfThere(folder, join(aside, basename(folder)));
    return { aside, keptBlocks };
  });
}

/** Are all blocks here, sound and from the first one on? */
function areWhole({ blocks }: HomeFindings, first: number | undefined): boolean {
  return blocks.problem === undefined && blocks.height > 0 && blocks.base === first;
}

async function firstHeight({ genesisFile }: Home): Promise<number | undefined> {
  try {
    return readGenesis(await readFile(genesisFile, 'utf8')).initialHeight;
  } catch {
    // The start will say what is wrong with it.
    return undefined;
  }
}

/**
 * Lets the key sign only above `height`: for a last-signed file or a write-ahead log that is lost, damaged or
 * an old copy. Throws ExitError 64 when the key is known to have signed later already.
 */
export async function signAbove(
  homeFolder: string,
  height: number,
  nowMs: number,
): Promise<Repaired> {
  return withLock(homeFolder, async (home) => {
    const signed = await highestSigned(home);
    if (height < signed) {
      throw new ExitError(
        EXIT_USAGE,
        `this key signed at height ${signed} already; name at least that`,
      );
    }
    const aside = await asideFolder(home, nowMs);
    await moveIfThere(home.validatorStateFile, join(aside, basename(home.validatorStateFile)));
    const place = { height, round: MAX_ROUND, step: STEP_PRECOMMIT };
    await replaceFile(home.validatorStateFile, encodeLastSigned(place));
    await moveIfThere(home.wal, join(aside, basename(home.wal)));
    return { aside, keptBlocks: true };
  });
}

/** As far as this disk knows. */
async function highestSigned(home: Home): Promise<number> {
  const heights = [...(await (await Wal.open(home.wal)).heights())];
  const text = await readFile(home.validatorStateFile, 'utf8').catch(() => '');
  // Also of a damaged file: too high is safe here.
  heights.push(Number(/"height": ?"([0-9]{1,15})"/.exec(text)?.[1] ?? 0));
  heights.push(
    await SignedMark.open(home.validatorMarkFile).then(
      ({ height }) => height,
      () => 0,
    ),
  );
  return Math.max(...heights);
}

async function withLock<T>(homeFolder: string, work: (home: Home) => Promise<T>): Promise<T> {
  const home = homeAt(homeFolder);
  await mkdir(home.data, { recursive: true });
  const lock = await lockHome(home.data);
  try {
    return await work(home);
  } finally {
    lock.release();
  }
}

async function asideFolder(home: Home, nowMs: number): Promise<string> {
  const aside = join(home.data, `damaged-${new Date(nowMs).toISOString().replaceAll(':', '-')}`);
  await mkdir(aside);
  return aside;
}

async function moveIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}

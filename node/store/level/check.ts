/**
 * Reads the files of a LevelDB before it is opened. LevelDB loses data without an error when its log or
 * MANIFEST is damaged, answers from damaged tables, makes a new database when CURRENT is gone, and ends the
 * process on some damage: all of that is found here, by the checksums that LevelDB itself wrote.
 */
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bytes } from '../../base/bytes.ts';
import { DamagedStoreError } from '../errors.ts';
import { scanLog } from './log-file.ts';
import { liveFiles, type LiveFiles } from './manifest.ts';
import { checkTable } from './table-file.ts';

const CURRENT = 'CURRENT';
const LOG = /^([0-9]{6,})\.log$/;
const TABLE = /^([0-9]{6,})\.(?:ldb|sst)$/;
/** What a process leaves that was killed while it made a new database. */
const FIRST_FILES = new Set(['LOCK', 'LOG', 'LOG.old', 'MANIFEST-000001', '000001.dbtmp']);

/**
 * Throws DamagedStoreError naming the file. Tables are read as far as `dataBytes` goes, newest first; of
 * the others only index and filter.
 */
export async function checkLevelFiles(folder: string, dataBytes = Infinity): Promise<void> {
  const names = await namesIn(folder);
  if (!names.includes(CURRENT)) {
    if (names.every((name) => FIRST_FILES.has(name))) return;
    throw damaged(folder, CURRENT, 'it is missing');
  }
  const live = await readManifest(folder, names);
  await checkLogs(folder, names, live);
  await checkTables(folder, names, { live, dataBytes });
}

function damaged(folder: string, name: string, what: string): DamagedStoreError {
  return new DamagedStoreError(`${join(folder, name)}: ${what}`);
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
}

async function readManifest(folder: string, names: readonly string[]): Promise<LiveFiles> {
  const current = await readFile(join(folder, CURRENT), 'latin1');
  const name = /^(MANIFEST-[0-9]{6,})\n$/.exec(current)?.[1];
  if (name === undefined) throw damaged(folder, CURRENT, 'it does not name a MANIFEST');
  if (!names.includes(name)) throw damaged(folder, name, 'it is missing');
  const scan = scanLog(await content(join(folder, name)));
  if (scan.isDamagedInside) {
    throw damaged(folder, name, `it is damaged at byte ${scan.intactBytes}`);
  }
  if (scan.records.length === 0) throw damaged(folder, name, 'it is empty');
  try {
    return liveFiles(scan.records);
  } catch (error) {
    throw damaged(folder, name, (error as Error).message);
  }
}

async function content(path: string): Promise<Bytes> {
  return new Uint8Array(await readFile(path));
}

function numbersOf(names: readonly string[], pattern: RegExp): Map<number, string> {
  const found = names.flatMap((name): [number, string][] => {
    const digits = pattern.exec(name)?.[1];
    return digits === undefined ? [] : [[Number(digits), name]];
  });
  return new Map(found.sort(([a], [b]) => a - b));
}

/**
 * A crash cuts short the log that was being written: the newest one, or the one before empty ones, which are
 * of starts that crashed as well.
 */
async function checkLogs(folder: string, names: readonly string[], live: LiveFiles): Promise<void> {
  const logs = [...numbersOf(names, LOG)].filter(([number]) => number >= live.logNumber);
  if (live.logNumber > 0 && logs[0]?.[0] !== live.logNumber) {
    const name = `${String(live.logNumber).padStart(6, '0')}.log`;
    throw damaged(folder, name, 'it is missing, or the MANIFEST has lost its end');
  }
  let mayBeTorn = true;
  for (const [, name] of logs.reverse()) {
    const bytes = await content(join(folder, name));
    const scan = scanLog(bytes);
    if (scan.isDamagedInside || (scan.isTorn && !mayBeTorn)) {
      throw damaged(folder, name, `it is damaged at byte ${scan.intactBytes}`);
    }
    mayBeTorn &&= bytes.length === 0;
  }
}

interface TablesToCheck {
  readonly live: LiveFiles;
  readonly dataBytes: number;
}

async function checkTables(
  folder: string,
  names: readonly string[],
  { live, dataBytes }: TablesToCheck,
): Promise<void> {
  const there = numbersOf(names, TABLE);
  let left = dataBytes;
  const newestFirst = [...live.tables].sort(([a], [b]) => b - a);
  for (const [number, expected] of newestFirst) {
    const name = there.get(number);
    if (name === undefined) throw damaged(folder, `table ${number}`, 'it is missing');
    const { size } = await stat(join(folder, name));
    if (size !== expected) {
      throw damaged(folder, name, `it has ${size} bytes and not ${expected}`);
    }
    const isFull = size <= left;
    left -= size;
    const file = await open(join(folder, name), 'r');
    try {
      await checkTable(file, size, isFull);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw damaged(folder, name, error.message);
    } finally {
      await file.close();
    }
  }
}

/**
 * One process per home directory. The lock names the process by id and start time, so that the lock of a
 * process that was killed is recognised as stale even if its id has been given to another program.
 */
import { link, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { readFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT_IO, ExitError, systemCode } from '../base/exit.ts';

const LOCK_NAME = 'node.lock';
const ATTEMPTS = 3;
/** Position of the start time in /proc/<pid>/stat after the program name, which may contain spaces. */
const START_TIME_FIELD = 19;

export interface HomeLock {
  release(): void;
}

/** When a process started, in kernel ticks; empty where the system does not tell. */
function startTime(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[START_TIME_FIELD] ?? '';
  } catch {
    return '';
  }
}

function isAlive(content: string): boolean {
  const [pidText = '', started = ''] = content.trim().split(' ');
  const pid = Number(pidText);
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
  return started === '' || started === startTime(pid);
}

/** `holder` is what the refusal calls the process that has the lock. */
export async function lockHome(dataDirectory: string, holder = 'node'): Promise<HomeLock> {
  const path = join(dataDirectory, LOCK_NAME);
  const own = `${process.pid} ${startTime(process.pid)}\n`;
  const temporary = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  await writeFile(temporary, own, { flag: 'wx' });
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      if (await tryLink(temporary, path)) return { release: () => removeOwn(path, own) };
      const content = await readIfThere(path);
      if (content === undefined) continue;
      refuseIfAlive(content, `another ${holder}`, dataDirectory);
      await clearStale(path, temporary, content);
    }
  } finally {
    await unlink(temporary);
  }
  throw new ExitError(EXIT_IO, `cannot take the lock ${path}`);
}

async function tryLink(temporary: string, path: string): Promise<boolean> {
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

async function clearStale(path: string, temporary: string, content: string): Promise<void> {
  const aside = `${temporary}.stale`;
  await rename(path, aside).catch(() => undefined);
  const moved = await readIfThere(aside);
  if (moved === undefined) return;
  // Another process may have taken the lock between reading and moving: give it back.
  if (moved !== content) await link(aside, path).catch(() => undefined);
  await unlink(aside);
}

function refuseIfAlive(content: string, holder: string, home: string): void {
  if (!isAlive(content)) return;
  const pid = content.split(' ')[0];
  throw new ExitError(EXIT_IO, `${holder} (process ${pid}) is using ${home}; stop it first`);
}

async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}

function removeOwn(path: string, own: string): void {
  try {
    if (readFileSync(path, 'utf8') === own) unlinkSync(path);
  } catch {
    // Already gone: nothing is locked.
  }
}

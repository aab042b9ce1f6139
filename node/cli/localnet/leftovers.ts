/** Processes of an earlier run whose supervisor was killed: found by their recorded ids and command lines. */
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const WAIT_MS = 5_000;
const POLL_MS = 50;

const file = (root: string): string => join(root, 'processes.json');

export function recordProcesses(root: string, pids: readonly number[]): void {
  writeFileSync(file(root), JSON.stringify(pids));
}

export function forgetProcesses(root: string): void {
  rmSync(file(root), { force: true });
}

/** Ends what is left of an earlier run in this folder; answers how many processes that were. */
export async function endLeftovers(root: string): Promise<number> {
  const left = recorded(root).filter((pid) => commandLine(pid).includes(root));
  for (const pid of left) signal(pid, 'SIGTERM');
  const deadline = performance.now() + WAIT_MS;
  while (left.some(isAlive) && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  for (const pid of left.filter(isAlive)) signal(pid, 'SIGKILL');
  forgetProcesses(root);
  return left.length;
}

function recorded(root: string): number[] {
  try {
    const pids = JSON.parse(readFileSync(file(root), 'utf8')) as unknown;
    return Array.isArray(pids) ? pids.filter((pid) => Number.isSafeInteger(pid)) : [];
  } catch {
    return [];
  }
}

/** Empty when there is no such process. The id may belong to a stranger by now, so it is looked at first. */
function commandLine(pid: number): string {
  try {
    return execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended by itself in the meantime.
  }
}

/**
 * Processes of an earlier run whose supervisor was killed: found by their recorded groups, and taken for
 * ours only if their command line names this folder, for the ids may belong to strangers by now.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { signalGroup } from './process-group.ts';

const WAIT_MS = 5_000;
const POLL_MS = 50;

const file = (root: string): string => join(root, 'processes.json');

/** Notes the leaders of all groups that run now. */
export function recordProcesses(root: string, pids: readonly number[]): void {
  writeFileSync(`${file(root)}.new`, JSON.stringify(pids));
  renameSync(`${file(root)}.new`, file(root));
}

export function forgetProcesses(root: string): void {
  rmSync(file(root), { force: true });
}

/** Ends what is left of an earlier run in this folder; answers how many processes that were. */
export async function endLeftovers(root: string): Promise<number> {
  const recorded = new Set(recordedGroups(root));
  if (recorded.size === 0) return 0;
  const ours = runningProcesses().filter((found) => found.command.includes(root));
  const groups = [...recorded].filter((group) => ours.some((found) => found.group === group));
  for (const group of groups) signalGroup(group, 'SIGTERM');
  const deadline = performance.now() + WAIT_MS;
  while (groups.some(isAlive) && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  for (const group of groups) signalGroup(group, 'SIGKILL');
  forgetProcesses(root);
  return ours.filter(({ group }) => recorded.has(group)).length;
}

function recordedGroups(root: string): number[] {
  try {
    const pids = JSON.parse(readFileSync(file(root), 'utf8')) as unknown;
    return Array.isArray(pids) ? pids.filter((pid) => Number.isSafeInteger(pid) && pid > 1) : [];
  } catch {
    return [];
  }
}

function runningProcesses(): { group: number; command: string }[] {
  let text: string;
  try {
    text = execFileSync('ps', ['-A', '-ww', '-o', 'pgid=,args='], { encoding: 'utf8' });
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    const [, group, command] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? [];
    return command === undefined ? [] : [{ group: Number(group), command }];
  });
}

function isAlive(group: number): boolean {
  try {
    process.kill(-group, 0);
    return true;
  } catch {
    return false;
  }
}

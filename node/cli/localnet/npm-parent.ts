/**
 * Ctrl-C reaches the supervisor by itself, but a signal to npm does not: the shell between them keeps it. So
 * the supervisor looks whether the npm that it was started by is still there.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const LOOK_MS = 1_000;
/** npm, its shell, and the Node that launch.js may have been started in. */
const MOST_STEPS = 4;
const PACKAGE_PROGRAM = /(^|[\s/])(npm|npx|pnpm|yarn)(\s|$|-cli|\.[cm]?js)/;

/** The package program that this process descends from; undefined when a user started it otherwise. */
function npmPid(env: NodeJS.ProcessEnv): number | undefined {
  if (env['npm_lifecycle_event'] === undefined || process.platform === 'win32') return undefined;
  let pid = process.ppid;
  for (let step = 0; step < MOST_STEPS && pid > 1; step++) {
    const line = execFileSync('ps', ['-ww', '-o', 'ppid=,args=', '-p', String(pid)], {
      encoding: 'utf8',
    });
    const [, parent, args = ''] = /^\s*(\d+)\s+(.*)$/m.exec(line) ?? [];
    if (PACKAGE_PROGRAM.test(args)) return pid;
    pid = Number(parent ?? 0);
  }
  return undefined;
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return true;
  }
  try {
    // Dead, but nobody has asked how it ended.
    return /^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Calls `gone` once when npm is no more. Answers how to stop looking. */
export function watchNpm(env: NodeJS.ProcessEnv, gone: () => void): () => void {
  let pid: number | undefined;
  try {
    pid = npmPid(env);
  } catch {
    // Without `ps` there is nothing to know.
  }
  if (pid === undefined) return () => undefined;
  const found = pid;
  const timer = setInterval(() => {
    if (!isGone(found)) return;
    clearInterval(timer);
    gone();
  }, LOOK_MS).unref();
  return () => clearInterval(timer);
}

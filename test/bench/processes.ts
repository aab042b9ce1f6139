/** What the kernel says of processes: processor time and memory. Linux only, like the numbers it gives. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Fields of /proc/<pid>/stat after the name, which may hold spaces and brackets. */
const USER_TICKS = 11;
const SYSTEM_TICKS = 12;
const POLL_MS = 20;

let ticks: number | undefined;

export function ticksPerSecond(): number {
  ticks ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  return ticks;
}

/** Processor seconds a process has used since its start, user and system. */
export function cpuSeconds(pid: number): number {
  return ticksOf(`/proc/${pid}/stat`) / ticksPerSecond();
}

/** User and system time of a process or thread. */
export function ticksOf(statFile: string): number {
  const stat = readFileSync(statFile, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS]);
}

function statusBytes(pid: number, name: string): number {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1];
  return Number(kibibytes ?? 0) * 1024;
}

export const residentBytes = (pid: number): number => statusBytes(pid, 'VmRSS');

/** Without mapped files: LevelDB maps its tables. */
export const anonymousBytes = (pid: number): number => statusBytes(pid, 'RssAnon');

/** Words of a process' command line; empty when it is gone. */
export function commandLine(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean);
  } catch {
    return [];
  }
}

/** Follows the largest memory of a process until it is stopped. */
export function watchPeak(pid: number): () => number {
  let peak = 0;
  const look = (): void => {
    try {
      peak = Math.max(peak, statusBytes(pid, 'VmHWM'));
    } catch {
      clearInterval(timer);
    }
  };
  const timer = setInterval(look, POLL_MS);
  look();
  return () => {
    clearInterval(timer);
    return peak;
  };
}

/** Processes of others that keep the machine busy make every number worse; this is how busy it was. */
export function loadAverage(): string {
  return readFileSync('/proc/loadavg', 'utf8').split(' ').slice(0, 2).join(' ');
}

/**
 * A real node process under strace, which ends it at a chosen system call or lets a call fail. One thread does all
 * file work (UV_THREADPOOL_SIZE=1), so that the n-th call is about the same one in every run.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { homeAt } from '../../node/home.ts';
import { Command, rpcOf, type Ended } from '../damage/command.ts';

/** What changes files. LevelDB's own thread and the C library use no others here. */
const CALLS = ['write', 'fsync', 'fdatasync', 'rename', 'unlink'];
const POLL_MS = 10;

/** True when strace works here; where it must, its absence is an error. */
export function hasStrace(): boolean {
  const { status } = spawnSync('strace', ['-f', '--seccomp-bpf', '-o', '/dev/null', 'true']);
  if (status === 0) return true;
  const why = 'strace is missing or may not trace here (Debian: apt-get install strace)';
  if (process.env['BITSCALE_NEEDS_STRACE']) throw new Error(why);
  console.log(`      nothing was tested: ${why}`);
  return false;
}

export interface Injection {
  readonly call: string;
  readonly when: number;
  /** SIGKILL at the call, or the error it ends with. */
  readonly fault: 'KILL' | 'EIO' | 'ENOSPC';
  /** Only calls on these files count. */
  readonly paths?: readonly string[];
}

/** One call that changes a file of the home. */
export interface FileCall {
  readonly name: string;
  readonly thread: string;
  /** Its number among the calls of this name that its thread makes on files of the home, from 1. */
  readonly number: number;
  /** From the home's folder. */
  readonly path: string;
}

export interface Traced {
  readonly ended: Ended;
  /** Calls on files of the home, in order. */
  readonly calls: readonly FileCall[];
  /** Height to block hash, as RPC answered. */
  readonly acknowledged: ReadonlyMap<number, string>;
  /** What was put into the last-signed file: place to signed bytes, more than one when they differ. */
  readonly signed: ReadonlyMap<string, ReadonlySet<string>>;
  /** The raw lines of strace. */
  readonly lines: readonly string[];
}

/** Runs `bitscale start` until `height` is shown, unless the fault ends it earlier. */
export async function runTraced(
  folder: string,
  height: number,
  injection?: Injection,
): Promise<Traced> {
  const log = `${folder}.strace`;
  const words = straceWords(log, injection);
  const command = new Command(['start', '--home', folder], words, {
    UV_THREADPOOL_SIZE: '1',
    NODE_COMPILE_CACHE: join(dirname(folder), 'compile-cache'),
  });
  const acknowledged = new Map<number, string>();
  while (command.isRunning && Math.max(0, ...acknowledged.keys()) < height) {
    await noteTip(folder, acknowledged);
    await sleep(POLL_MS);
  }
  if (command.isRunning) endTracee(folder);
  const ended = await command.ended;
  const lines = readFileSync(log, 'latin1').split('\n');
  return { ended, calls: fileCalls(lines, folder), acknowledged, signed: signedIn(lines), lines };
}

/** The words in front of a program that runs it under strace. */
export function straceWords(log: string, injection?: Injection): string[] {
  const words = ['strace', '-f', '-y', '-s', '4096', '-e', 'signal=none', '-o', log];
  // Faster, but a signal is not delivered at a call that was seen this way.
  if (injection?.fault !== 'KILL') words.push('--seccomp-bpf');
  return [...words, '-e', `trace=${CALLS.join()}`, ...faultWords(injection)];
}

function faultWords(injection: Injection | undefined): string[] {
  if (injection === undefined) return [];
  const { call, when, fault, paths = [] } = injection;
  const how = fault === 'KILL' ? 'signal=KILL' : `error=${fault}`;
  return ['-e', `inject=${call}:${how}:when=${when}`, ...paths.flatMap((path) => ['-P', path])];
}

/** strace does not pass signals on; the lock names the node's process. */
function endTracee(folder: string): void {
  const pid = Number(readFileSync(`${homeAt(folder).data}/node.lock`, 'utf8').split(' ')[0]);
  process.kill(pid, 'SIGTERM');
}

async function noteTip(folder: string, acknowledged: Map<number, string>): Promise<void> {
  try {
    const { result } = (await (await fetch(`${rpcOf(folder)}/status`)).json()) as {
      result: { sync_info: { latest_block_height: string; latest_block_hash: string } };
    };
    const { latest_block_height: height, latest_block_hash: hash } = result.sync_info;
    if (Number(height) > 0) acknowledged.set(Number(height), hash);
  } catch {
    // Not up yet, or no longer.
  }
}

/** How many further files of a kind, after those that one run named, another may come to. */
const LATER_FILES = 20;

/**
 * The files in `folder` that the call's thread makes this call on: strace counts each thread for itself, and the first
 * to come to the number is hit, so that the others must not count. And the last-signed file, whose lines are read.
 */
export function filesLike(call: FileCall, calls: readonly FileCall[], folder: string): string[] {
  const alike = calls.filter(({ name, thread }) => name === call.name && thread === call.thread);
  const later = Array.from({ length: LATER_FILES + 1 }, (_, index) => index);
  const names = alike.flatMap(({ path }) =>
    later.map((step) => path.replace(/\d{6,}/, (digits) => nextNumber(digits, step))),
  );
  const signing = homeAt(folder).validatorStateFile;
  const files = [...names.map((name) => join(folder, name)), signing, `${signing}.tmp`];
  return [...new Set(files)];
}

function nextNumber(digits: string, step: number): string {
  return String(Number(digits) + step).padStart(digits.length, '0');
}

const LINE = /^(\d+) +(\w+)\((.*)$/;
/** A process writes its lock under a name of its own first, so no other run has it. */
const OWN_NAME = /node\.lock\.\d+\./;

function fileCalls(lines: readonly string[], folder: string): FileCall[] {
  const counts = new Map<string, number>();
  return lines.flatMap((line) => {
    const [, thread = '', name = '', rest = ''] = LINE.exec(line) ?? [];
    const absolute = /^(?:\d+<|")([^>"]*)[>"]/.exec(rest)?.[1] ?? '';
    const isOurs = absolute.startsWith(`${folder}/`) && !OWN_NAME.test(absolute);
    if (!CALLS.includes(name) || !isOurs) return [];
    const number = (counts.get(`${thread} ${name}`) ?? 0) + 1;
    counts.set(`${thread} ${name}`, number);
    return [{ name, thread, number, path: relative(folder, absolute) }];
  });
}

const STATE_WRITE = /priv_validator_state\.json\.tmp>, "(.*?[^\\])"(?:, \d+|\.\.\.)/;

/** Only what was renamed into place can have been used. */
function signedIn(lines: readonly string[]): Map<string, Set<string>> {
  const signed = new Map<string, Set<string>>();
  let last: { place: string; bytes: string } | undefined;
  for (const line of lines) {
    const text = /write\(/.test(line) ? STATE_WRITE.exec(line)?.[1] : undefined;
    if (text !== undefined) last = signedOf(text);
    if (last === undefined || !/rename\(.*priv_validator_state\.json"/.test(line)) continue;
    signed.set(last.place, (signed.get(last.place) ?? new Set()).add(last.bytes));
    last = undefined;
  }
  return signed;
}

/** strace escapes a text as JSON does, as far as it is ASCII. */
function signedOf(escaped: string): { place: string; bytes: string } | undefined {
  const { height, round, step, signbytes } = JSON.parse(JSON.parse(`"${escaped}"`) as string) as {
    height: string;
    round: number;
    step: number;
    signbytes?: string;
  };
  if (signbytes === undefined) return undefined;
  return { place: `${height}/${round}/${step}`, bytes: signbytes.toLowerCase() };
}

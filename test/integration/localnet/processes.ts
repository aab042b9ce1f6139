/** The processes and ports of a local network, as the machine shows them. */
import { execFileSync } from 'node:child_process';
import { connect } from 'node:net';
import { portsOf } from '../../../node/cli/localnet/layout.ts';
import { until } from './until.ts';

export interface Running {
  readonly pid: number;
  readonly command: string;
}

/** Every process whose command line names the folder, zombies aside. */
export function processesOf(home: string): Running[] {
  const text = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,stat=,args='], { encoding: 'utf8' });
  return text.split('\n').flatMap((line) => {
    const [, pid, state, command = ''] = /^\s*(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    const isOurs = command.includes(home) && !command.startsWith('ps ');
    return isOurs && !state?.startsWith('Z') ? [{ pid: Number(pid), command }] : [];
  });
}

/** The one process of the network that has this in its command line. */
export function find(home: string, part: string): Running | undefined {
  return processesOf(home).find(({ command }) => command.includes(part));
}

export function pidOf(home: string, part: string): number {
  const found = find(home, part);
  if (!found) throw new Error(`nothing runs with ${part} in ${home}`);
  return found.pid;
}

export const nodePid = (home: string, index: number): number =>
  pidOf(home, `start --home ${home}/node${index}`);

export const anvilPid = (home: string): number => pidOf(home, `--state ${home}`);

/** SIGKILL, and waits until it is gone. */
export async function kill(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL');
  await until(`process ${pid} is gone`, () => !isAlive(pid));
}

/** A dead child that its parent has not asked about yet is not alive. */
function isAlive(pid: number): boolean {
  try {
    const args = ['-o', 'stat=', '-p', String(pid)];
    return !execFileSync('ps', args, { encoding: 'utf8' }).startsWith('Z');
  } catch {
    return false;
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Ports of a network of four that somebody listens on. */
export async function openPorts(): Promise<number[]> {
  const all = [8545, ...[0, 1, 2, 3].flatMap((index) => Object.values(portsOf(index)))];
  const open: number[] = [];
  for (const port of all) if (await listens(port)) open.push(port);
  return open;
}

/** The parent's side of run-node.ts. */
import { fork, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Home } from '../../../node/home.ts';

export type ToChild =
  { readonly type: 'tx'; readonly text: string } | { readonly type: 'peers' | 'stop' };

export type FromChild =
  | { readonly type: 'height'; readonly height: number; readonly appHash: string }
  | { readonly type: 'peers'; readonly count: number }
  | { readonly type: 'fatal'; readonly error: string };

const PROGRAM = fileURLToPath(new URL('run-node.ts', import.meta.url));

export interface Crash {
  readonly at: number;
  readonly when: 'before' | 'after';
}

export class ToyProcess {
  readonly home: Home;
  readonly #child: ChildProcess;
  /** App hash after each height this process has seen. */
  readonly appHashes = new Map<number, string>();
  height = 0;
  fatal: string | undefined;
  readonly ended: Promise<number | null>;

  /** `before` is a program that runs this one, with its words, such as strace. */
  constructor(home: Home, crash?: Crash, before: readonly string[] = []) {
    this.home = home;
    const args = crash === undefined ? [] : [String(crash.at), crash.when];
    const [execPath, ...execArgv] = [...before, process.execPath];
    this.#child = fork(PROGRAM, [home.root, ...args], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execPath,
      execArgv,
    });
    this.#child.on('message', (message: FromChild) => this.#onMessage(message));
    // Its last words may come after the news of its end.
    const silent = new Promise((resolve) => this.#child.once('disconnect', resolve));
    this.ended = new Promise((resolve) => {
      this.#child.once('exit', (code) => void silent.then(() => resolve(code)));
    });
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Lost without an error when the process dies meanwhile. */
  send(message: ToChild): void {
    this.#child.send(message, () => undefined);
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    if (this.#child.connected) this.#child.disconnect();
    await this.ended;
  }

  /** Lets the process stop in order; answers its exit code. */
  async stop(): Promise<number | null> {
    if (this.isRunning && this.#child.connected) this.send({ type: 'stop' });
    return this.ended;
  }

  #onMessage(message: FromChild): void {
    if (message.type === 'fatal') this.fatal = message.error;
    if (message.type !== 'height') return;
    this.height = message.height;
    this.appHashes.set(message.height, message.appHash);
  }
}

/** Height, round and step at which a home's key signed two different things. */
export function contradictions(home: Home): string[] {
  const seen = new Map<string, string>();
  const found: string[] = [];
  for (const line of readFileSync(join(home.root, 'signed.log'), 'utf8').trim().split('\n')) {
    const [height, round, step, signBytes = ''] = line.split(' ');
    const place = `${height}/${round}/${step}`;
    const before = seen.get(place);
    if (before !== undefined && before !== signBytes) found.push(place);
    seen.set(place, signBytes);
  }
  return found;
}

export function signatureCount(home: Home): number {
  return readFileSync(join(home.root, 'signed.log'), 'utf8').trim().split('\n').length;
}

/** One real node: the process that `bitscale start` is, its log file, and what can happen to a process. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Home } from '../../node/home.ts';

const LAUNCH = fileURLToPath(new URL('../../node/cli/launch.js', import.meta.url));
const RECORDER = new URL('record-signatures.ts', import.meta.url).href;
/** A node that does not end by itself in this time is ended. */
const STOP_MS = 15_000;

/** Nodes that run now: when this process ends, however that comes, none is left behind. */
const alive = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

export interface ProcessFiles {
  readonly log: string;
  readonly signatures: string;
}

export interface StartOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly mayRefuse?: boolean;
}

export class NodeProcess {
  readonly index: number;
  readonly home: Home;
  readonly files: ProcessFiles;
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  #expected = false;
  /** How the process ended last. */
  exitCode: number | null = null;
  starts = 0;
  /** Called each time the process has ended, before it can be started again. */
  onEnd: () => void = () => undefined;
  /** Said when the process ends and nobody asked for it. */
  onDeath: (how: string) => void = () => undefined;

  constructor(index: number, home: Home, files: ProcessFiles) {
    this.index = index;
    this.home = home;
    this.files = files;
  }

  get isRunning(): boolean {
    return this.#child !== undefined;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /**
   * `environment` is added to this one, for example for libfaketime. One that `mayRefuse` may end by itself.
   */
  start({ environment = {}, mayRefuse = false }: StartOptions = {}): void {
    if (this.isRunning) throw new Error(`node${this.index} runs already`);
    const log = openSync(this.files.log, 'a');
    const args = ['--import', RECORDER, LAUNCH, 'start', '--home', this.home.root];
    const env = { ...process.env, BITSCALE_TEST_SIGNATURES: this.files.signatures, ...environment };
    const child = spawn(process.execPath, args, { stdio: ['ignore', log, log], env });
    closeSync(log);
    alive.add(child);
    this.#child = child;
    this.#expected = mayRefuse;
    this.exitCode = null;
    this.starts += 1;
    this.#ended = new Promise((resolve) => {
      const gone = (how: string): void => {
        alive.delete(child);
        this.#child = undefined;
        this.onEnd();
        if (!this.#expected) this.onDeath(how);
        resolve();
      };
      child.once('error', (error) => gone(error.message));
      child.once('exit', (code, signal) => {
        this.exitCode = code;
        gone(signal ?? `exit code ${code}`);
      });
    });
  }

  /** From now on an end that nobody asked for counts. */
  mustLive(): void {
    this.#expected = false;
  }

  /** SIGKILL: no time for anything. */
  async kill(): Promise<void> {
    this.#signal('SIGKILL');
    await this.#ended;
  }

  /** SIGTERM, as an operator stops a node: it ends by itself, and well. */
  async stop(): Promise<void> {
    if (!this.isRunning) return;
    this.#signal('SIGTERM');
    const killer = setTimeout(() => this.#signal('SIGKILL'), STOP_MS);
    await this.#ended;
    clearTimeout(killer);
    if (this.exitCode !== 0) this.onDeath(`stopped with ${this.exitCode ?? 'SIGKILL'}, not with 0`);
  }

  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  #signal(name: NodeJS.Signals): void {
    this.#expected = true;
    this.#child?.kill(name);
  }
}

/** One process of the local network: its log file, its restarts with back-off, its end. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { signalGroup } from './process-group.ts';

export interface ChildSpec {
  readonly name: string;
  readonly command: readonly string[];
  readonly logFile: string;
  /** Runs before every start, the first one included. */
  readonly prepare?: () => void;
}

interface Events {
  /** Said to the user: a process died and when it is started again. */
  notice(text: string): void;
  /** A process was started: its id is new. */
  started(): void;
}

const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 15_000;
/** A process that lived this long has started well: its next restart is quick again. */
const HEALTHY_MS = 20_000;
const KILL_AFTER_MS = 10_000;
/** Exit codes that another try cannot help: usage, data and configuration. */
const HOPELESS = new Set([64, 65, 78]);
/** Ended without an error as often as this, soon after each start: it will again. */
const ENDS_OF_A_HALT = 2;
const LAST_LINES = 3;
/** How a process ends that a native library gives up in. */
const ABORTED: ReadonlySet<NodeJS.Signals> = new Set(['SIGABRT', 'SIGSEGV', 'SIGBUS', 'SIGILL']);

export class ManagedChild {
  readonly spec: ChildSpec;
  readonly #events: Events;
  #child: ChildProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #delayMs = FIRST_DELAY_MS;
  #stopping = false;
  /** It ended by itself, as a node does that halts at a height, soon after its start. */
  #quickEnds = 0;
  /** Where this run's lines begin in the log file. */
  #logStart = 0;

  constructor(spec: ChildSpec, events: Events) {
    this.spec = spec;
    this.#events = events;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Throws when the first start fails; later ones are tried again. */
  start(): void {
    this.spec.prepare?.();
    mkdirSync(dirname(this.spec.logFile), { recursive: true });
    const log = openSync(this.spec.logFile, 'a');
    this.#logStart = fstatSync(log).size;
    const [program = '', ...args] = this.spec.command;
    const startedAt = performance.now();
    // A group of its own: Ctrl-C in the terminal reaches the supervisor only, which ends all in order.
    const child = spawn(program, args, { stdio: ['ignore', log, log], detached: true });
    closeSync(log);
    this.#child = child;
    let failure: string | undefined;
    child.once('error', (error) => (failure = error.message));
    child.once('close', (code, signal) => {
      this.#child = undefined;
      if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
      if (this.#stopping) return;
      const isQuick = performance.now() - startedAt <= HEALTHY_MS;
      if (!isQuick) this.#delayMs = FIRST_DELAY_MS;
      this.#quickEnds = isQuick && code === 0 ? this.#quickEnds + 1 : 0;
      const how = signal === null ? `ended with code ${code}` : `was killed by ${signal}`;
      this.#died(code, failure ?? how, signal);
    });
    this.#events.started();
  }

  /** Another try helps against anything but a mistake that has to be mended by hand. */
  #died(code: number | null, how: string, signal: NodeJS.Signals | null = null): void {
    const { name, logFile } = this.spec;
    const isHalted = this.#quickEnds >= ENDS_OF_A_HALT;
    if (isHalted || (code !== null && HOPELESS.has(code))) {
      this.#events.notice(`${name} ${how} and cannot go on (${logFile}):\n${this.#lastWords()}`);
      return;
    }
    if (signal !== null && ABORTED.has(signal)) {
      this.#events.notice(
        `${name} was ended by its own program (${signal}); if this comes again, its data may be damaged: ` +
          'stop the network and run: bitscale check --home <its folder>',
      );
    }
    const seconds = (this.#delayMs / 1000).toFixed(1);
    this.#events.notice(`${name} ${how}; starting it again in ${seconds} s`);
    this.#timer = setTimeout(() => this.#again(), this.#delayMs);
    this.#delayMs = Math.min(2 * this.#delayMs, MAX_DELAY_MS);
  }

  #again(): void {
    try {
      this.start();
    } catch (error) {
      this.#died(null, `did not start (${(error as Error).message})`);
    }
  }

  /** The last lines that this run wrote. */
  #lastWords(): string {
    try {
      const text = readFileSync(this.spec.logFile).subarray(this.#logStart).toString();
      return text.trimEnd().split('\n').slice(-LAST_LINES).join('\n');
    } catch {
      return '';
    }
  }

  /** SIGTERM, and SIGKILL if that is ignored for too long. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === undefined) return;
    await new Promise<void>((resolve) => {
      const killer = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS);
      child.once('close', () => {
        clearTimeout(killer);
        resolve();
      });
      child.kill('SIGTERM');
    });
  }
}

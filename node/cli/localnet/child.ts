/** One process of the local network: its log file, its restarts with back-off, its end. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

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
const LAST_LINES = 3;

export class ManagedChild {
  readonly spec: ChildSpec;
  readonly #events: Events;
  #child: ChildProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #delayMs = FIRST_DELAY_MS;
  #stopping = false;
  restarts = 0;

  constructor(spec: ChildSpec, events: Events) {
    this.spec = spec;
    this.#events = events;
  }

  get isRunning(): boolean {
    return this.#child !== undefined;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): void {
    this.spec.prepare?.();
    mkdirSync(dirname(this.spec.logFile), { recursive: true });
    const log = openSync(this.spec.logFile, 'a');
    const [program = '', ...args] = this.spec.command;
    const startedAt = performance.now();
    // A group of its own: Ctrl-C in the terminal reaches the supervisor only, which ends all in order.
    const child = spawn(program, args, { stdio: ['ignore', log, log], detached: true });
    closeSync(log);
    this.#child = child;
    this.#events.started();
    child.once('error', (error) => this.#events.notice(`${this.spec.name}: ${error.message}`));
    child.once('close', (code, signal) => {
      this.#child = undefined;
      if (this.#stopping) return;
      if (performance.now() - startedAt > HEALTHY_MS) this.#delayMs = FIRST_DELAY_MS;
      this.#died(code, signal);
    });
  }

  #died(code: number | null, signal: string | null): void {
    const how = signal === null ? `ended with code ${code}` : `was killed by ${signal}`;
    const why = this.lastWords();
    if (code !== null && HOPELESS.has(code)) {
      this.#events.notice(`${this.spec.name} ${how} and cannot go on:\n${why}`);
      return;
    }
    const seconds = (this.#delayMs / 1000).toFixed(1);
    this.#events.notice(`${this.spec.name} ${how}; starting it again in ${seconds} s`);
    this.#timer = setTimeout(() => this.start(), this.#delayMs);
    this.#delayMs = Math.min(2 * this.#delayMs, MAX_DELAY_MS);
    this.restarts++;
  }

  /** The last lines of the log file. */
  lastWords(): string {
    try {
      const lines = readFileSync(this.spec.logFile, 'utf8').trimEnd().split('\n');
      return lines.slice(-LAST_LINES).join('\n');
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

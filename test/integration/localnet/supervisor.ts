/** The local network as a user runs it: a command in a terminal, its output, Ctrl-C. */
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { until } from './until.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const LAUNCH = fileURLToPath(new URL('../../../node/cli/launch.js', import.meta.url));

export const READY = 'The local network bitscale-local-1 is running.';

export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** A command line given to launch.js; what it prints on both channels is kept together. */
export class Program {
  readonly #child: ChildProcess;
  #output = '';
  readonly ended: Promise<Ended>;
  hasEnded = false;

  constructor(args: readonly string[]) {
    this.#child = spawn(process.execPath, [LAUNCH, ...args], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
    }
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (code) => {
        this.hasEnded = true;
        resolve({ code, output: this.#output });
      });
    });
  }

  get output(): string {
    return this.#output;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Waits until it has printed this. */
  async says(text: string): Promise<void> {
    await until(`"${text}" is printed`, () => {
      if (this.#output.includes(text)) return true;
      if (this.hasEnded) throw new Error(`it ended without printing "${text}":\n${this.#output}`);
      return undefined;
    });
  }

  async stop(name: NodeJS.Signals = 'SIGINT'): Promise<Ended> {
    this.signal(name);
    return this.ended;
  }
}

export function run(...args: string[]): Promise<Ended> {
  return new Program(args).ended;
}

/** Starts a local network and waits for its welcome. */
export async function startNetwork(home: string, ...args: string[]): Promise<Program> {
  const program = new Program(['localnet', '--home', home, ...args]);
  await program.says(READY);
  return program;
}

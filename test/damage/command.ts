/** The bitscale program as a process. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { homeAt } from '../../node/home.ts';

const PROGRAM = fileURLToPath(new URL('../../node/cli/main.ts', import.meta.url));
const POLL_MS = 30;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Everything it printed. */
  readonly text: string;
}

export class Command {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  #isRunning = true;

  /** `before` are words in front of it all, such as those of strace. */
  constructor(
    args: readonly string[],
    before: readonly string[] = [],
    env: NodeJS.ProcessEnv = {},
  ) {
    const [program = '', ...words] = [...before, process.execPath, PROGRAM, ...args];
    this.child = spawn(program, words, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    let text = '';
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    }
    this.ended = new Promise((resolve, reject) => {
      this.child.once('error', reject);
      this.child.once('close', (code, signal) => {
        this.#isRunning = false;
        resolve({ code, signal, text });
      });
    });
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Resolves when its RPC shows the height; rejects when it ended before. */
  async shows(folder: string, height: number): Promise<void> {
    while (((await heightOf(folder)) ?? -1) < height) {
      if (!this.isRunning) throw new Error(`it ended: ${(await this.ended).text}`);
      await sleep(POLL_MS);
    }
  }

  async stop(): Promise<Ended> {
    this.child.kill('SIGTERM');
    return this.ended;
  }
}

export function bitscale(...args: readonly string[]): Promise<Ended> {
  return new Command(args).ended;
}

export function rpcOf(folder: string): string {
  const settings = JSON.parse(readFileSync(homeAt(folder).configFile, 'utf8')) as {
    rpc: { port: number };
  };
  return `http://127.0.0.1:${settings.rpc.port}`;
}

/** Undefined when nobody answers. */
async function heightOf(folder: string): Promise<number | undefined> {
  try {
    const { result } = (await (await fetch(`${rpcOf(folder)}/status`)).json()) as {
      result: { sync_info: { latest_block_height: string } };
    };
    return Number(result.sync_info.latest_block_height);
  } catch {
    return undefined;
  }
}

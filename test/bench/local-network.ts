/** A local network for a benchmark: the same command a user runs, in a folder of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { commandLine } from './processes.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const VALIDATORS = 4;
const READY = 'is running.';
const START_TIMEOUT_MS = 10 * 60_000;
const POLL_MS = 20;
/** Of the first node and of L1. */
const PORTS = [26656, 26657, 8545];
const PORTS_POLL_MS = 1_000;
const PORTS_TIMEOUT_MS = 5 * 60_000;

export const rpcUrl = (index: number): string => `http://127.0.0.1:${26657 + 10 * index}`;

export interface NetworkOptions {
  readonly home: string;
  readonly args?: readonly string[];
  /** The project to run; this one unless given. */
  readonly root?: string;
  /** Processor profiles of every Node process are written here when they end. */
  readonly profiles?: string;
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'bitscale-bench-'));
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Only one local network fits a machine: waits a while for another one to end. */
export async function waitForPorts(): Promise<void> {
  const deadline = performance.now() + PORTS_TIMEOUT_MS;
  while (performance.now() < deadline) {
    const taken = await Promise.all(PORTS.map(isTaken));
    if (!taken.includes(true)) return;
    await pause(PORTS_POLL_MS);
  }
}

function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

export class LocalNetwork {
  readonly home: string;
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  readonly #closed: Promise<void>;
  #running = true;

  private constructor(child: ChildProcess, home: string) {
    this.#child = child;
    this.home = home;
    this.#closed = new Promise((resolve) =>
      child.once('close', () => {
        this.#running = false;
        resolve();
      }),
    );
    if (child.stdout) {
      createInterface({ input: child.stdout }).on('line', (line) => this.#lines.push(line));
    }
  }

  /** Resolves when the supervisor says that the network runs. */
  static async start(options: NetworkOptions): Promise<LocalNetwork> {
    const { home, args = [], root = ROOT, profiles } = options;
    await waitForPorts();
    const main = join(root, 'node', 'cli', 'main.ts');
    const env = { ...process.env };
    if (profiles !== undefined) env['NODE_OPTIONS'] = `--cpu-prof --cpu-prof-dir=${profiles}`;
    const child = spawn(process.execPath, [main, 'localnet', '--home', home, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env,
    });
    const network = new LocalNetwork(child, home);
    await network.#ready();
    return network;
  }

  async #ready(): Promise<void> {
    const deadline = performance.now() + START_TIMEOUT_MS;
    while (!this.#lines.some((line) => line.endsWith(READY))) {
      if (!this.#running || performance.now() > deadline) {
        await this.stop();
        throw new Error(`the local network did not start:\n${this.#lines.join('\n')}`);
      }
      await pause(POLL_MS);
    }
  }

  /** Process ids of the validators, in their order. */
  nodePids(): number[] {
    const text = readFileSync(join(this.home, 'processes.json'), 'utf8');
    const pids = JSON.parse(text) as number[];
    return Array.from({ length: VALIDATORS }, (_, index) => {
      const folder = join(this.home, `node${index}`);
      const pid = pids.find((candidate) => commandLine(candidate).includes(folder));
      if (pid === undefined) throw new Error(`node${index} is not running`);
      return pid;
    });
  }

  async stop(): Promise<void> {
    if (this.#running) this.#child.kill('SIGINT');
    await this.#closed;
  }
}

/** Runs `use` with a network in a fresh folder and removes everything afterwards. */
export async function withNetwork<T>(
  options: Omit<NetworkOptions, 'home'>,
  use: (network: LocalNetwork) => Promise<T>,
): Promise<T> {
  const home = temporaryFolder();
  try {
    const network = await LocalNetwork.start({ ...options, home });
    try {
      return await use(network);
    } finally {
      await network.stop();
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

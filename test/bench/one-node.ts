/** One node as a process of its own, the only validator of a new chain at its usual pace, and what it uses. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_CONFIG, type NodeConfig } from '../../node/config.ts';
import { accountText } from '../../node/base/address.ts';
import { uint64ToBytes, utf8, type Bytes } from '../../node/base/bytes.ts';
import { sha256 } from '../../node/base/hash.ts';
import { homeAt } from '../../node/home.ts';
import { accountKey, seedOf, TEST_MNEMONIC } from '../../genesis/local-keys.ts';
import { LOCAL_CHAIN_ID } from '../../node/cli/localnet/layout.ts';
import { writeSettings } from '../support/solo-node.ts';
import { run } from '../unit/cli/fake-terminal.ts';
import { pause, ROOT, temporaryFolder } from './local-network.ts';
import { cpuSeconds } from './processes.ts';
import { Rpc } from './rpc.ts';

const START_TIMEOUT_MS = 60_000;
const POLL_MS = 50;
const ADDRESS_BYTES = 20;
/** Proofs need a header above the state that they show. */
const FIRST_HEIGHT = 3;

export interface OneNode {
  readonly pid: number;
  readonly rpcUrl: string;
  readonly restUrl: string;
  /** Of the funded accounts. */
  readonly addresses: readonly Bytes[];
}

export interface OneNodeOptions {
  /** Accounts with money. */
  readonly accounts: number;
  /** How many of them are the first ones of the mnemonic that everybody knows; nobody has the keys of the rest. */
  readonly payers?: number;
  /** A processor profile of the node is written here when it ends. */
  readonly profiles?: string | undefined;
  readonly settings?: Readonly<Record<string, object>>;
}

async function addressesOf({ accounts, payers = 0 }: OneNodeOptions): Promise<Bytes[]> {
  const seed = await seedOf(TEST_MNEMONIC);
  return Array.from({ length: accounts }, (_, i) =>
    i < payers ? accountKey(seed, i).address : sha256(uint64ToBytes(i)).subarray(0, ADDRESS_BYTES),
  );
}

/** Makes a home, runs its node while `use` works with it, and removes everything. */
export async function withOneNode<T>(
  options: OneNodeOptions,
  use: (node: OneNode) => Promise<T>,
): Promise<T> {
  const folder = temporaryFolder();
  const addresses = await addressesOf(options);
  const operator = accountText(sha256(utf8('operator')).subarray(0, ADDRESS_BYTES));
  const funded = addresses.flatMap((address) => ['--account', accountText(address)]);
  const words = ['init', 'one', '--chain-id', LOCAL_CHAIN_ID, '--operator', operator, ...funded];
  let child: ChildProcess | undefined;
  try {
    const made = await run([...words, '--home', folder]);
    if (made.code !== 0) throw new Error(made.errors);
    const { blockTimeMs } = DEFAULT_CONFIG.consensus;
    const rpcUrl = await writeSettings(folder, { consensus: { blockTimeMs }, ...options.settings });
    const config = JSON.parse(readFileSync(homeAt(folder).configFile, 'utf8')) as NodeConfig;
    child = start(folder, options.profiles);
    await ready(rpcUrl, child);
    const restUrl = `http://${config.api.host}:${config.api.port}`;
    return await use({ pid: child.pid as number, rpcUrl, restUrl, addresses });
  } finally {
    if (child) await ended(child);
    rmSync(folder, { recursive: true, force: true });
  }
}

function start(folder: string, profiles: string | undefined): ChildProcess {
  const env = { ...process.env };
  if (profiles !== undefined) {
    mkdirSync(profiles, { recursive: true });
    env['NODE_OPTIONS'] = `--cpu-prof --cpu-prof-dir=${profiles}`;
  }
  const main = join(ROOT, 'node', 'cli', 'main.ts');
  const stdio = ['ignore', 'ignore', 'inherit'] as const;
  return spawn(process.execPath, [main, 'start', '--home', folder], { stdio: [...stdio], env });
}

async function ready(url: string, child: ChildProcess): Promise<void> {
  const rpc = new Rpc(url, 1);
  const deadline = performance.now() + START_TIMEOUT_MS;
  try {
    for (;;) {
      if (child.exitCode !== null) throw new Error(`the node ended with code ${child.exitCode}`);
      if (performance.now() > deadline) throw new Error('the node did not start');
      const height = await rpc.height().catch(() => 0);
      if (height >= FIRST_HEIGHT) return;
      await pause(POLL_MS);
    }
  } finally {
    rpc.close();
  }
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return Promise.resolve();
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  child.kill('SIGTERM');
  return closed;
}

/** Processor seconds a second that the node takes when nobody asks it anything. */
export async function idleShare({ pid }: OneNode, seconds: number): Promise<number> {
  const before = cpuSeconds(pid);
  const started = performance.now();
  await pause(1000 * seconds);
  return (cpuSeconds(pid) - before) / ((performance.now() - started) / 1000);
}

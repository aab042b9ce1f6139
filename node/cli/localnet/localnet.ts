/**
 * The supervisor of the local network: prepares everything, starts every process, restarts what dies, shows
 * one status, and leaves nothing behind when it ends.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { EXIT_CONFIG, ExitError } from '../../base/exit.ts';
import { lockHome, type HomeLock } from '../../engine/home-lock.ts';
import { L1Client } from '../../rollup/l1-client.ts';
import { anvilCommand, backUpState, repairState } from './anvil.ts';
import { buildCircuit, unbuiltCircuit, type BuiltCircuit } from './circuit.ts';
import { ManagedChild } from './child.ts';
import { deployContracts, readDeployment, resumeMining } from './l1.ts';
import { localHome, LOCAL_CHAIN_ID, type LocalHome } from './layout.ts';
import { endLeftovers, forgetProcesses, recordProcesses } from './leftovers.ts';
import { localKeys, writeNetwork, writeProver, writeSettings } from './network-files.ts';
import type { LocalOptions } from './options.ts';
import { requirePorts } from './ports.ts';
import type { Screen } from './screen.ts';
import { statusBlock, statusLine, StatusReader } from './status.ts';
import { welcome } from './welcome.ts';

const PROFILE = 'dev';
const STATUS_MS = 1_000;
const FIRST_BLOCK_POLL_MS = 200;
const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

export interface LocalnetRun {
  readonly folder: string;
  readonly options: LocalOptions;
  readonly fresh: boolean;
  readonly screen: Screen;
  readonly signal: AbortSignal;
}

/** Runs until the signal fires; everything it started has ended when it returns or throws. */
export async function runLocalnet(run: LocalnetRun): Promise<void> {
  const home = localHome(run.folder);
  if (run.fresh) await removeHome(home);
  mkdirSync(home.root, { recursive: true });
  const lock: HomeLock = await lockHome(home.root);
  const localnet = new Localnet(home, run);
  try {
    const left = await endLeftovers(home.root);
    if (left > 0) run.screen.say(`Ended ${left} processes that an earlier run left behind.`);
    await localnet.start();
    await localnet.watch();
  } catch (error) {
    if (!run.signal.aborted) throw error;
  } finally {
    await localnet.stop();
    await lock.release();
  }
}

/** Only a folder that is a local network's is ever removed. */
async function removeHome(home: LocalHome): Promise<void> {
  if (!existsSync(home.root)) return;
  if (!existsSync(home.settings)) {
    throw new ExitError(
      EXIT_CONFIG,
      `${home.root} is not the folder of a local network; --fresh will not remove it`,
    );
  }
  const lock = await lockHome(home.root);
  await endLeftovers(home.root);
  await lock.release();
  rmSync(home.root, { recursive: true });
}

class Localnet {
  readonly #home: LocalHome;
  readonly #run: LocalnetRun;
  /** In the order of starting; stopped in the reverse order. */
  readonly #children: ManagedChild[] = [];
  #l1: L1Client | undefined;

  constructor(home: LocalHome, run: LocalnetRun) {
    this.#home = home;
    this.#run = run;
  }

  async start(): Promise<void> {
    const { options, screen, signal } = this.#run;
    this.#checkSettings();
    await requirePorts(options);
    const keys = await localKeys();
    const circuit = await this.#circuit();
    let rollup = `0x${'00'.repeat(20)}`;
    if (options.l1) {
      screen.say('Starting L1 (anvil) and its contracts');
      this.#startL1(keys.mnemonic);
      const parts = { home: this.#home, options, keys, circuit };
      const deployment = await deployContracts(parts, signal);
      await resumeMining(signal);
      rollup = deployment.contracts['Rollup']?.address ?? rollup;
      this.#l1 = new L1Client(readDeployment(this.#home));
    }
    const plan = { home: this.#home, options, keys };
    if (!existsSync(this.#home.genesis)) writeNetwork({ ...plan, circuit, rollup });
    writeSettings(plan);
    this.#saveSettings();
    screen.say(`Starting ${options.validators} validators`);
    for (let i = 0; i < options.validators; i++) this.#startNode(i);
    await this.#firstBlock();
    if (options.l1) {
      for (let i = 0; i < options.provers; i++) {
        writeProver(plan, circuit, i);
        this.#startProver(i);
      }
    }
    screen.say(welcome(this.#home, options));
  }

  /** Shows the status until the signal fires. */
  async watch(): Promise<void> {
    const { options, screen, signal } = this.#run;
    const reader = new StatusReader(this.#home, options, this.#l1);
    while (!signal.aborted) {
      const status = await reader.read();
      if (signal.aborted) return;
      screen.status(statusBlock(status), statusLine(status));
      if (options.l1) backUpState(this.#home.l1State);
      await pause(STATUS_MS, signal);
    }
  }

  async stop(): Promise<void> {
    this.#l1?.close();
    const children = [...this.#children].reverse();
    if (children.length > 0) this.#run.screen.say('Stopping every process');
    // L1 last: validators and provers may be in the middle of talking to it.
    const [l1, rest] = [children.filter(isL1), children.filter((child) => !isL1(child))];
    await Promise.all(rest.map((child) => child.stop()));
    await Promise.all(l1.map((child) => child.stop()));
    forgetProcesses(this.#home.root);
  }

  async #circuit(): Promise<BuiltCircuit> {
    const { options, screen, signal } = this.#run;
    if (!options.l1) return unbuiltCircuit(PROFILE);
    screen.say('Circuit and development proving key (made once, then kept in .cache)');
    return buildCircuit(
      PROFILE,
      ({ step, share }) => {
        if (step !== 'done') screen.progress(step, share);
      },
      signal,
    );
  }

  #startL1(mnemonic: string): void {
    const statePath = this.#home.l1State;
    const accounts = Math.max(this.#run.options.accounts, 1);
    let first = true;
    this.#startChild(L1_NAME, anvilCommand({ statePath, accounts, mnemonic }), () => {
      repairState(statePath);
      if (!first) void resumeMining(this.#run.signal).catch(() => undefined);
      first = false;
    });
  }

  #startNode(index: number): void {
    const command = [process.execPath, MAIN, 'start', '--home', this.#home.node(index)];
    this.#startChild(`node${index}`, command);
  }

  #startProver(index: number): void {
    const command = [process.execPath, MAIN, 'prover', '--home', this.#home.prover(index)];
    this.#startChild(`prover${index}`, command);
  }

  #startChild(name: string, command: readonly string[], prepare?: () => void): void {
    const logFile = this.#home.log(name);
    const spec = { name, command, logFile, ...(prepare && { prepare }) };
    const child = new ManagedChild(spec, {
      notice: (text) => this.#run.screen.say(text),
      started: () => this.#record(),
    });
    this.#children.push(child);
    child.start();
  }

  #record(): void {
    const pids = this.#children.flatMap(({ pid }) => pid ?? []);
    recordProcesses(this.#home.root, pids);
  }

  async #firstBlock(): Promise<void> {
    const { options, signal, screen } = this.#run;
    const reader = new StatusReader(this.#home, { ...options, provers: 0 }, undefined);
    for (let asked = 0; ; asked++) {
      signal.throwIfAborted();
      const { softFinal } = await reader.read();
      if (softFinal > 0) return;
      if (asked % 50 === 49)
        screen.say(`Still waiting for a block; see ${this.#home.log('node0')}`);
      await pause(FIRST_BLOCK_POLL_MS, signal);
    }
  }

  /** What decides genesis and L1 must be what the folder was made with. */
  #checkSettings(): void {
    if (!existsSync(this.#home.settings)) return;
    const before = JSON.parse(readFileSync(this.#home.settings, 'utf8')) as Fixed;
    const now = fixed(this.#run.options);
    for (const name of Object.keys(now) as (keyof Fixed)[]) {
      if (before[name] === now[name]) continue;
      throw new ExitError(
        EXIT_CONFIG,
        `${this.#home.root} was made with ${name} ${before[name]}, not ${now[name]}; ` +
          'use the same or begin anew with --fresh',
      );
    }
  }

  #saveSettings(): void {
    writeFileSync(this.#home.settings, `${JSON.stringify(fixed(this.#run.options), null, 2)}\n`);
  }
}

const L1_NAME = 'l1';
const isL1 = (child: ManagedChild): boolean => child.spec.name === L1_NAME;

interface Fixed {
  readonly chainId: string;
  readonly validators: number;
  readonly accounts: number;
  readonly l1: boolean;
}

function fixed({ validators, accounts, l1 }: LocalOptions): Fixed {
  return { chainId: LOCAL_CHAIN_ID, validators, accounts, l1 };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}

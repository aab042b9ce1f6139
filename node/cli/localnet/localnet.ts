/**
 * The supervisor of the local network: prepares everything, starts every process, restarts what dies, shows
 * one status, and leaves nothing behind when it ends.
 */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { lockHome } from '../../engine/home-lock.ts';
import { L1Client } from '../../rollup/l1-client.ts';
import { anvilCommand, backUpState, repairState } from './anvil.ts';
import { buildCircuit, unbuiltCircuit, type BuiltCircuit } from './circuit.ts';
import { ManagedChild } from './child.ts';
import { deployContracts, readDeployment, resumeMining } from './l1.ts';
import { localHome, type LocalHome } from './layout.ts';
import { endLeftovers, forgetProcesses, recordProcesses } from './leftovers.ts';
import { localKeys, writeNetwork, writeProver, writeSettings } from './network-files.ts';
import { refuseOldHome } from './old-home.ts';
import {
  chooseOptions,
  claimFolder,
  saveSettings,
  type AskedOptions,
  type LocalOptions,
} from './options.ts';
import { LOCK_HOLDER, lockPorts, requirePorts } from './ports.ts';
import { ProgressView } from './progress.ts';
import type { Screen } from './screen.ts';
import { activityFile, statusBlock, statusLine, StatusReader } from './status.ts';
import { pause } from './waiting.ts';
import { welcome } from './welcome.ts';

const PROFILE = 'dev';
const NO_ROLLUP = `0x${'00'.repeat(20)}`;
const STATUS_MS = 1_000;
const FIRST_BLOCK_POLL_MS = 200;
/** Questions for the first block before the user is told where to look. */
const PATIENCE = 100;
const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

export interface LocalnetRun {
  readonly folder: string;
  readonly asked: AskedOptions;
  readonly fresh: boolean;
  readonly screen: Screen;
  readonly signal: AbortSignal;
}

/** Runs until the signal fires; everything it started has ended when it returns or throws. */
export async function runLocalnet(run: LocalnetRun): Promise<void> {
  const home = localHome(run.folder);
  claimFolder(home);
  if (run.fresh) await removeHome(home);
  const locks = [await lockHome(home.root, LOCK_HOLDER)];
  try {
    const options = chooseOptions(home, run.asked);
    locks.push(await lockPorts());
    const left = await endLeftovers(home.root);
    if (left > 0) run.screen.say(`Ended ${left} processes that an earlier run left behind.`);
    await refuseOldHome(home, options.validators);
    const localnet = new Localnet(home, options, run);
    try {
      await localnet.start();
      await localnet.watch();
    } finally {
      await localnet.stop();
    }
  } catch (error) {
    if (!run.signal.aborted) throw error;
  } finally {
    for (const lock of locks) lock.release();
  }
}

async function removeHome(home: LocalHome): Promise<void> {
  const lock = await lockHome(home.root, LOCK_HOLDER);
  await endLeftovers(home.root);
  lock.release();
  rmSync(home.root, { recursive: true });
  mkdirSync(home.root);
}

class Localnet {
  readonly #home: LocalHome;
  readonly #options: LocalOptions;
  readonly #screen: Screen;
  readonly #signal: AbortSignal;
  readonly #children: ManagedChild[] = [];
  #l1: L1Client | undefined;

  constructor(home: LocalHome, options: LocalOptions, { screen, signal }: LocalnetRun) {
    this.#home = home;
    this.#options = options;
    this.#screen = screen;
    this.#signal = signal;
  }

  async start(): Promise<void> {
    const [home, options, signal] = [this.#home, this.#options, this.#signal];
    await requirePorts(options);
    saveSettings(home, options);
    const keys = await localKeys();
    const circuit = await this.#circuit();
    let rollup = NO_ROLLUP;
    if (options.l1) {
      this.#screen.say('Starting L1 (anvil) and its contracts');
      this.#startL1(keys.mnemonic);
      const deployment = await deployContracts({ home, options, keys, circuit }, signal);
      await resumeMining(signal);
      rollup = deployment.contracts['Rollup']?.address ?? rollup;
      this.#l1 = new L1Client(readDeployment(home));
    }
    signal.throwIfAborted();
    const plan = { home, options, keys };
    if (!existsSync(home.genesis)) writeNetwork({ ...plan, circuit, rollup });
    writeSettings(plan);
    this.#screen.say(`Starting ${count(options.validators, 'validator')}`);
    for (let i = 0; i < options.validators; i++) this.#startNode(i);
    await this.#firstBlock();
    for (let i = 0; i < options.provers; i++) {
      writeProver(plan, circuit, i);
      this.#startProver(i);
    }
    this.#screen.say(welcome(home, options));
  }

  /** Shows the status until the signal fires. */
  async watch(): Promise<void> {
    const reader = new StatusReader(this.#home, this.#options, this.#l1);
    while (!this.#signal.aborted) {
      const status = await reader.read();
      if (this.#signal.aborted) return;
      this.#screen.status(statusBlock(status), statusLine(status));
      if (this.#options.l1) backUpState(this.#home.l1State);
      await pause(STATUS_MS, this.#signal);
    }
  }

  async stop(): Promise<void> {
    this.#l1?.close();
    this.#screen.settle();
    if (this.#children.length > 0) this.#screen.say('Stopping every process');
    // L1 last: validators and provers may be in the middle of talking to it.
    const isL1 = ({ spec }: ManagedChild): boolean => spec.name === L1_NAME;
    const rest = this.#children.filter((child) => !isL1(child));
    await Promise.all(rest.map((child) => child.stop()));
    await Promise.all(this.#children.filter(isL1).map((child) => child.stop()));
    forgetProcesses(this.#home.root);
    this.#screen.say('Everything has ended.');
  }

  async #circuit(): Promise<BuiltCircuit> {
    if (!this.#options.l1) return unbuiltCircuit(PROFILE);
    this.#screen.say('Circuit and development proving key');
    const progress = new ProgressView(this.#screen);
    try {
      const circuit = await buildCircuit(PROFILE, (step) => progress.report(step), this.#signal);
      if (!progress.end()) this.#screen.say('  kept from an earlier start in .cache');
      return circuit;
    } finally {
      progress.end();
    }
  }

  #startL1(mnemonic: string): void {
    const statePath = this.#home.l1State;
    let restarted = false;
    const command = anvilCommand({ statePath, accounts: this.#options.accounts, mnemonic });
    this.#startChild(L1_NAME, command, () => {
      repairState(statePath);
      if (restarted) void resumeMining(this.#signal).catch(() => undefined);
      restarted = true;
    });
  }

  #startNode(index: number): void {
    const command = [process.execPath, MAIN, 'start', '--home', this.#home.node(index)];
    this.#startChild(`node${index}`, command);
  }

  #startProver(index: number): void {
    const command = [process.execPath, MAIN, 'prover', '--home', this.#home.prover(index)];
    const forget = (): void => rmSync(activityFile(this.#home, index), { force: true });
    this.#startChild(`prover${index}`, command, forget);
  }

  #startChild(name: string, command: readonly string[], prepare?: () => void): void {
    const logFile = this.#home.log(name);
    const spec = { name, command, logFile, ...(prepare && { prepare }) };
    const child = new ManagedChild(spec, {
      notice: (text) => this.#screen.say(text),
      started: () => this.#record(),
    });
    this.#children.push(child);
    child.start();
  }

  #record(): void {
    const pids = this.#children.flatMap(({ pid }) => pid ?? []);
    recordProcesses(this.#home.root, pids);
  }

  /** Waits for a block that was not there when the nodes began to answer. */
  async #firstBlock(): Promise<void> {
    const reader = new StatusReader(this.#home, this.#options);
    let before: number | undefined;
    for (let asked = 1; ; asked++) {
      this.#signal.throwIfAborted();
      const height = await reader.height();
      if (before !== undefined && height > before) return;
      if (height > 0) before ??= height;
      if (asked % PATIENCE === 0) {
        this.#screen.say(`Still waiting for a block; see ${this.#home.log('node*')}`);
      }
      await pause(FIRST_BLOCK_POLL_MS, this.#signal);
    }
  }
}

const L1_NAME = 'l1';

const count = (number: number, thing: string): string =>
  `${number} ${thing}${number === 1 ? '' : 's'}`;

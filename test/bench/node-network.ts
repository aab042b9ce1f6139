/**
 * Validators alone, as real processes on ports that nobody uses: no L1, no provers, no supervisor. It runs beside
 * a local network of the user.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { unbuiltCircuit } from '../../node/cli/localnet/circuit.ts';
import { localHome, type LocalHome, type NodePorts } from '../../node/cli/localnet/layout.ts';
import { localKeys, writeNetwork, writeSettings } from '../../node/cli/localnet/network-files.ts';
import { reservePorts } from '../net/ports.ts';
import { pause, ROOT, temporaryFolder, VALIDATORS } from './local-network.ts';
import { Rpc } from './rpc.ts';

const LAUNCH = join(ROOT, 'node', 'cli', 'launch.js');
const NO_ROLLUP = `0x${'00'.repeat(20)}`;
const PORTS_PER_NODE = 5;
const START_TIMEOUT_MS = 2 * 60_000;
const STOP_MS = 15_000;
const POLL_MS = 100;

export interface NodeNetworkOptions {
  readonly accounts: number;
  readonly blockTimeMs: number;
  /** Processor profiles of every node, from its start to its end, are written here. */
  readonly profiles?: string;
}

export class NodeNetwork {
  readonly ports: readonly NodePorts[];
  readonly #home: LocalHome;
  readonly #nodes: ChildProcess[] = [];

  private constructor(home: LocalHome, ports: readonly NodePorts[]) {
    this.#home = home;
    this.ports = ports;
  }

  /** Resolves when every node has blocks. */
  static async start(options: NodeNetworkOptions): Promise<NodeNetwork> {
    const home = localHome(temporaryFolder());
    const free = await reservePorts(VALIDATORS * PORTS_PER_NODE);
    const ports = Array.from({ length: VALIDATORS }, (_, index) => {
      const [p2p = 0, rpc = 0, metrics = 0, api = 0, grpc = 0] = free.slice(index * PORTS_PER_NODE);
      return { p2p, rpc, metrics, api, grpc };
    });
    const network = new NodeNetwork(home, ports);
    try {
      await network.#write(options);
      for (let index = 0; index < VALIDATORS; index++) network.#spawn(index, options.profiles);
      await network.#ready();
    } catch (error) {
      await network.stop();
      throw error;
    }
    return network;
  }

  async #write({ accounts, blockTimeMs }: NodeNetworkOptions): Promise<void> {
    const settings = { validators: VALIDATORS, accounts, l1: false, blockTimeMs, provers: 0 };
    const ports = (index: number): NodePorts => this.ports[index] as NodePorts;
    const plan = { home: this.#home, options: settings, keys: await localKeys(), ports };
    writeNetwork({ ...plan, circuit: unbuiltCircuit('dev'), rollup: NO_ROLLUP });
    writeSettings(plan);
  }

  #spawn(index: number, profiles: string | undefined): void {
    const log = openSync(this.logFile(index), 'a');
    // Asked for it by a signal, a node opens its inspector, at any free port.
    const flags = profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profiles}`];
    const args = ['--inspect-port=127.0.0.1:0', ...flags, LAUNCH];
    const child = spawn(process.execPath, [...args, 'start', '--home', this.#home.node(index)], {
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.#nodes.push(child);
  }

  async #ready(): Promise<void> {
    const deadline = performance.now() + START_TIMEOUT_MS;
    for (const [index, node] of this.#nodes.entries()) {
      const rpc = new Rpc(this.rpcUrl(index), 1);
      while ((await rpc.height().catch(() => 0)) < 2) {
        if (node.exitCode !== null || performance.now() > deadline) {
          throw new Error(
            `node${index} did not start:\n${readFileSync(this.logFile(index), 'utf8')}`,
          );
        }
        await pause(POLL_MS);
      }
      rpc.close();
    }
  }

  rpcUrl(index: number): string {
    return `http://127.0.0.1:${this.ports[index]?.rpc}`;
  }

  logFile(index: number): string {
    return join(this.#home.root, `node${index}.log`);
  }

  pids(): number[] {
    return this.#nodes.map(({ pid }) => pid as number);
  }

  async stop(): Promise<void> {
    const ended = this.#nodes.map(
      (node) =>
        new Promise((resolve) =>
          node.exitCode === null ? node.once('exit', resolve) : resolve(0),
        ),
    );
    for (const node of this.#nodes) node.kill('SIGTERM');
    const killer = setTimeout(() => this.#nodes.forEach((node) => node.kill('SIGKILL')), STOP_MS);
    await Promise.all(ended);
    clearTimeout(killer);
    rmSync(this.#home.root, { recursive: true, force: true });
  }
}

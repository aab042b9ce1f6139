/** A running network of real processes behind the link proxy, with load on it and observers around it. */
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { validatorPubKeys, writeHomes, type NodePorts } from './homes.ts';
import { consensusAddress } from '../../node/base/address.ts';
import { toUpperHex } from '../../node/base/bytes.ts';
import type { Vote } from '../verifier/formats.ts';
import { History } from './history.ts';
import { LinkProxy } from './link-proxy.ts';
import { Load, type LoadResult } from './load.ts';
import { NodeProcess } from './node-process.ts';
import { NodeRpc } from './node-rpc.ts';
import { reservePorts } from './ports.ts';
import type { Random } from './random.ts';
import { strangerConnections } from './sockets.ts';
import { votesOfWal } from './vote-scan.ts';
import { pause, until } from './waiting.ts';
import { Watch } from './watch.ts';

const PORTS_PER_NODE = 3;
const START_MS = 60_000;
/** What the whole campaign is about: after a perturbation a node has so long to show progress. */
export const PROGRESS_MS = 20_000;
const LOOK_MS = 250;

export interface TestNetOptions {
  readonly root: string;
  readonly nodes: number;
  readonly validators: number;
  readonly accounts: number;
  readonly blockTimeMs: number;
  readonly mode: string;
  /** Deadlines are so many times longer, for a machine that others use too. */
  readonly patience: number;
  readonly random: Random;
  readonly say: (text: string) => void;
}

export interface Recovery {
  readonly what: string;
  readonly node: number;
  readonly ms: number;
}

export class TestNet {
  readonly options: TestNetOptions;
  readonly proxy: LinkProxy;
  readonly processes: readonly NodeProcess[];
  readonly rpcs: readonly NodeRpc[];
  readonly ports: readonly NodePorts[];
  /** Of the validators, by node. */
  readonly pubKeys: readonly Uint8Array[];
  readonly history: History;
  readonly watch: Watch;
  readonly recoveries: Recovery[] = [];
  /** From the write-ahead logs, read each time a process has ended. */
  readonly loggedVotes: Vote[] = [];
  #load: Load | undefined;
  #looking: Promise<void> = Promise.resolve();
  #stopped = false;

  private constructor(
    options: TestNetOptions,
    parts: Pick<TestNet, 'proxy' | 'processes' | 'ports' | 'pubKeys'>,
  ) {
    this.options = options;
    this.proxy = parts.proxy;
    this.processes = parts.processes;
    this.ports = parts.ports;
    this.pubKeys = parts.pubKeys;
    this.rpcs = parts.ports.map(({ rpc, metrics }) => new NodeRpc(rpc, metrics));
    this.history = new History(join(options.root, 'history.jsonl'));
    this.watch = new Watch(this.rpcs, this.history);
  }

  /** Writes homes and opens the proxy; no node runs yet. */
  static async prepare(options: TestNetOptions): Promise<TestNet> {
    const { root, nodes } = options;
    mkdirSync(join(root, 'logs'), { recursive: true });
    const all = await reservePorts(PORTS_PER_NODE * nodes);
    const ports = Array.from({ length: nodes }, (_, i) => {
      const [p2p = 0, rpc = 0, metrics = 0] = all.slice(PORTS_PER_NODE * i);
      return { p2p, rpc, metrics };
    });
    const proxy = await LinkProxy.start(
      ports.map(({ p2p }) => p2p),
      options.random.fork(),
    );
    const door = (from: number, to: number): number => proxy.door(from, to);
    const shutDoor = await proxy.shutDoor();
    const homes = await writeHomes({ ...options, ports, door, shutDoor });
    const processes = homes.map((home, i) => {
      const log = join(root, 'logs', `node${i}.log`);
      return new NodeProcess(i, home, { log, signatures: join(root, `node${i}.signatures`) });
    });
    const pubKeys = await validatorPubKeys(options.validators);
    const net = new TestNet(options, { proxy, processes, ports, pubKeys });
    for (const process of processes) {
      process.onEnd = () => net.loggedVotes.push(...votesOfWal(process.home.wal));
      process.onDeath = (how) => net.history.violate(`node${process.index} ended: ${how}`);
    }
    return net;
  }

  /** Starts these nodes and waits for a first block; then the load begins. */
  async start(indexes: readonly number[]): Promise<void> {
    for (const index of indexes) this.process(index).start();
    this.#looking = this.#look();
    const isUp = (): boolean => {
      this.#requireNoViolation();
      return this.history.top >= 2;
    };
    await until('a first block', isUp, this.#patience * START_MS);
    const counters = indexes.map((index) => ({
      rpc: this.rpc(index),
      starts: () => this.process(index).starts,
      isRunning: () => this.process(index).isRunning,
    }));
    const url = `http://127.0.0.1:${this.ports[indexes[0] ?? 0]?.rpc}`;
    const { accounts } = this.options;
    this.#load = await Load.start(counters, this.watch, { url, accounts });
  }

  process(index: number): NodeProcess {
    const process = this.processes[index];
    if (process === undefined) throw new Error(`there is no node${index}`);
    return process;
  }

  rpc(index: number): NodeRpc {
    const rpc = this.rpcs[index];
    if (rpc === undefined) throw new Error(`there is no node${index}`);
    return rpc;
  }

  /** The node of this validator address, as RPC shows it. */
  nodeOf(address: string): number {
    return this.pubKeys.findIndex((key) => toUpperHex(consensusAddress(key)) === address);
  }

  /** The nodes that run now. */
  running(): number[] {
    return this.processes.filter(({ isRunning }) => isRunning).map(({ index }) => index);
  }

  validators(): number[] {
    return Array.from({ length: this.options.validators }, (_, index) => index);
  }

  say(text: string): void {
    this.options.say(text);
    appendFileSync(join(this.options.root, 'logs', 'campaign.log'), `${text}\n`);
  }

  /**
   * The requirement: from now on each of these nodes shows, within the limit, a block above `top`, which is by
   * default the highest block that anybody has seen up to now.
   */
  async expectProgress(
    what: string,
    indexes = this.running(),
    top = this.history.top,
  ): Promise<void> {
    await Promise.all(
      indexes.map(async (index) => {
        const name = `node${index} shows a block above ${top} after: ${what}`;
        const shows = async (): Promise<boolean> => ((await this.see(index)) ?? 0) > top;
        const ms = await until(name, shows, this.#patience * PROGRESS_MS);
        this.recoveries.push({ what, node: index, ms });
      }),
    );
    const slowest = Math.max(...this.recoveries.slice(-indexes.length).map(({ ms }) => ms));
    const nodes = indexes.map((index) => `node${index}`).join(' ');
    this.say(`  ${what}: progress on ${nodes} after ${(slowest / 1000).toFixed(1)} s`);
    this.#requireNoViolation();
  }

  #requireNoViolation(): void {
    const { violations } = this.history;
    if (violations.length > 0) throw new Error(violations.join('\n'));
  }

  /** Asks a node for its height and notes what it shows. */
  async see(index: number): Promise<number | undefined> {
    try {
      const { height, hash } = await this.rpc(index).status();
      this.history.saw(index, { height, hash, time: '' });
      return height;
    } catch {
      return undefined;
    }
  }

  /** Waits until a node's RPC answers. */
  async answers(index: number): Promise<void> {
    const isUp = async (): Promise<boolean> => (await this.see(index)) !== undefined;
    await until(`node${index} answers`, isUp, this.#patience * PROGRESS_MS);
  }

  /** Blocks decided from now on, seen anywhere. */
  async blocks(count: number, limitMs = PROGRESS_MS): Promise<void> {
    const wanted = this.history.top + count;
    const isThere = (): boolean => this.history.top >= wanted;
    await until(`${count} more blocks`, isThere, this.#patience * limitMs);
  }

  async stopLoad(): Promise<LoadResult | undefined> {
    return this.#load?.stop();
  }

  get #patience(): number {
    return this.options.patience;
  }

  get sends(): number {
    return this.#load?.included ?? 0;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#looking;
    this.watch.stop();
    await Promise.all(this.processes.map((process) => process.stop()));
    await this.proxy.stop();
  }

  /** Notes what every node shows, and who is connected with whom. */
  async #look(): Promise<void> {
    const p2p = this.ports.map((ports) => ports.p2p);
    while (!this.#stopped) {
      await Promise.all(this.running().map((index) => this.see(index)));
      for (const stranger of strangerConnections(p2p, () => this.proxy.sourcePorts())) {
        this.history.violate(`a connection that is not the proxy's: ${stranger}`);
      }
      await pause(LOOK_MS);
    }
  }
}

/**
 * The validator set changes under load while processes are killed and links fail. The chain's own application
 * has no message for that yet, so these nodes run the toy application: the same engine, network, sync and
 * store, as processes of their own.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { toHex } from '../../node/base/bytes.ts';
import { makeToyNetwork, type ToyNetwork } from '../integration/toy/toy-network.ts';
import { contradictions, ToyProcess } from '../integration/toy/toy-process.ts';
import { verifyChains } from '../verifier/several.ts';
import { LinkProxy } from './link-proxy.ts';
import { reservePorts } from './ports.ts';
import type { Random } from './random.ts';
import { PROGRESS_MS } from './test-net.ts';
import { pause, until } from './waiting.ts';

export const VALIDATOR_CHANGES = 'the validator set changes under load';

const NODES = 6;
const GENESIS_VALIDATORS = 4;
const LOAD_EVERY_MS = 25;
const ISOLATED_MS = 3_000;
const ALL = Array.from({ length: NODES }, (_, index) => index);

export interface ValidatorChangesOptions {
  readonly random: Random;
  readonly patience: number;
  readonly say: (text: string) => void;
}

class ToyNet {
  readonly options: ValidatorChangesOptions;
  readonly network: ToyNetwork;
  readonly proxy: LinkProxy;
  readonly processes: ToyProcess[];
  /** State after each height, as any process said it. */
  readonly #states = new Map<number, string>();
  readonly problems: string[] = [];
  readonly #load: NodeJS.Timeout;
  #sent = 0;

  constructor(options: ValidatorChangesOptions, network: ToyNetwork, proxy: LinkProxy) {
    this.options = options;
    this.network = network;
    this.proxy = proxy;
    this.processes = network.homes.map((home) => new ToyProcess(home));
    this.#load = setInterval(() => this.#send(), LOAD_EVERY_MS);
  }

  #send(): void {
    this.#sent += 1;
    this.tell(this.options.random.below(NODES), `load${this.#sent}=${this.#sent}`);
  }

  tell(node: number, text: string): void {
    const process = this.processes[node];
    // One that has not shown a block yet may not be open for transactions either.
    if (process?.isRunning && process.height > 0) process.send({ type: 'tx', text });
  }

  get top(): number {
    return Math.max(...this.processes.map(({ height }) => height));
  }

  /** Every node shows a block above all that any node has shown so far. */
  async progress(what: string, nodes: readonly number[] = ALL): Promise<void> {
    const { top } = this;
    const isThere = (): boolean => nodes.every((node) => (this.processes[node]?.height ?? 0) > top);
    const limitMs = this.options.patience * PROGRESS_MS;
    const ms = await until(`progress above ${top} after: ${what}`, isThere, limitMs);
    this.options.say(`  ${what}: progress on all after ${(ms / 1000).toFixed(1)} s`);
  }

  /** Through several nodes, for one of them may be down. */
  async change(what: string, powers: Readonly<Record<number, number>>): Promise<void> {
    for (const [node, power] of Object.entries(powers)) {
      const text = `val${toHex(this.network.pubKeys[Number(node)]!)}=${power}`;
      for (const through of ALL) this.tell(through, text);
    }
    await this.progress(what);
    // A change is in force two heights after the block that holds it.
    for (let blocks = 0; blocks < 3; blocks++)
      await this.progress(`${what}, block ${blocks + 1} after`);
  }

  async kill(node: number): Promise<void> {
    const process = this.processes[node]!;
    await process.kill();
    this.note(process);
    this.processes[node] = new ToyProcess(this.network.homes[node]!);
    await this.progress(`kill -9 of node${node}`);
  }

  async isolate(node: number): Promise<void> {
    const others = ALL.filter((index) => index !== node);
    this.proxy.partition([node], others);
    await this.progress(`node${node} is isolated`, others);
    await pause(ISOLATED_MS);
    this.proxy.heal();
    await this.progress(`node${node} is back`);
  }

  /** What this process said is compared with what others said. */
  note({ appHashes, fatal }: ToyProcess): void {
    if (fatal !== undefined) this.problems.push(fatal);
    for (const [height, hash] of appHashes) {
      if ((this.#states.get(height) ?? hash) !== hash) {
        this.problems.push(`two states after height ${height}`);
      }
      this.#states.set(height, hash);
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.#load);
    await Promise.all(this.processes.map((process) => process.stop()));
    for (const process of this.processes) this.note(process);
    await this.proxy.stop();
  }
}

async function changes(net: ToyNet): Promise<void> {
  await net.progress('the start');
  await net.change('node4 joins', { 4: 10 });
  await net.kill(0);
  await net.kill(4);
  await net.change('node1 has half as much power again', { 1: 15 });
  await net.isolate(1);
  await net.change('node0 leaves', { 0: 0 });
  await net.change('node5 joins and node4 has more', { 4: 12, 5: 10 });
  await net.kill(5);
  await net.isolate(4);
  await net.change('node0 comes back', { 0: 10 });
  await net.change('all but node4 and node5 leave at once', { 0: 0, 1: 0, 2: 0, 3: 0 });
  await net.kill(5);
  await net.change('and come back', { 0: 10, 1: 10, 2: 10, 3: 10 });
}

async function checkFiles({ network, options, problems, top }: ToyNet): Promise<void> {
  const { violations, votes } = await verifyChains({
    homes: network.homes.map(({ root }) => root),
  });
  for (const { name, height, rule, detail } of violations) {
    problems.push(`${name}, height ${height}: ${rule}: ${detail}`);
  }
  for (const home of network.homes.filter(({ root }) => existsSync(join(root, 'signed.log')))) {
    for (const place of contradictions(home)) problems.push(`two signatures at ${place}`);
  }
  options.say(`  ${top} blocks, ${votes} votes in stored commits`);
}

/** Answers what is wrong; empty when everything held. */
export async function runValidatorChanges(options: ValidatorChangesOptions): Promise<string[]> {
  options.say(`${VALIDATOR_CHANGES} (toy application)`);
  let proxy: LinkProxy | undefined;
  const network = await makeToyNetwork({
    nodes: NODES,
    validators: GENESIS_VALIDATORS,
    ports: await reservePorts(NODES),
    between: async (ports) => {
      const made = await LinkProxy.start(ports, options.random.fork());
      proxy = made;
      return (from, to) => made.door(from, to);
    },
  });
  if (proxy === undefined) throw new Error('the network was made without its proxy');
  const net = new ToyNet(options, network, proxy);
  try {
    await changes(net);
  } catch (error) {
    net.problems.push(error instanceof Error ? error.message : String(error));
  }
  await net.stop();
  await checkFiles(net).catch((error: unknown) => net.problems.push(String(error)));
  await network.remove();
  for (const problem of net.problems) options.say(`WRONG: ${problem}`);
  return net.problems;
}

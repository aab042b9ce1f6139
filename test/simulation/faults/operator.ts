/** Brings faults upon the nodes, and looks after them: who is down is started again. */
import { assert } from '../../../node/base/errors.ts';
import type { Fate, DiskOperation } from '../kernel/disk.ts';
import { WAL_FOLDER, type SimNode } from '../machine/node.ts';
import type { Surroundings } from '../machine/surroundings.ts';
import { Violation } from '../check/violation.ts';
import type { Scenario } from './scenario.ts';

const LOOK_EVERY_MS = 300;
const LONGEST_STOP_MS = 10_000;
const BAD_CLOCK_MS = 60_000;
/** Starts of a node whose application is broken, until somebody mends it. */
const STARTS_UNTIL_MENDED = 3;

export class Operator {
  readonly #around: Surroundings;
  readonly #scenario: Scenario;
  readonly #nodes: readonly SimNode[];
  /** Nodes that had a disk error in this life: their end is no surprise. */
  readonly #refused = new Set<SimNode>();
  readonly #starts = new Map<SimNode, number>();
  /** Disk operations so far. */
  readonly #operations = new Map<SimNode, number>();
  #isOver = false;
  crashes = 0;
  /** Something that must not happen; thrown by the loop, not inside of a node. */
  broken: unknown;

  constructor(around: Surroundings, nodes: readonly SimNode[]) {
    this.#around = around;
    this.#scenario = around.world.scenario;
    this.#nodes = nodes;
    for (const node of nodes) this.#adopt(node);
  }

  #adopt(node: SimNode): void {
    const { random, queue } = this.#around;
    node.host.disk.fateOf = (operation) => this.#fate(node, operation);
    node.host.onPowerLoss = () => {
      this.crashes += 1;
      this.#around.log.note('F3 crash at a disk operation');
      this.#bootLater(node);
    };
    node.onEnd = (error) => this.#onEnd(node, error);
    node.txs = () => {
      if (!random.chance(0.3)) return [];
      const size = 1 + random.below(60);
      return [new Uint8Array(size).map(() => random.below(255))];
    };
    const { kind } = node;
    const height = 2 + random.below(6);
    if (kind === 'panicking') node.appFault = { kind: 'panic', height };
    if (kind === 'differing') node.appFault = { kind: 'different', height };
    queue.after(random.between(0, 50), () => this.#boot(node));
  }

  start(): void {
    const { queue } = this.#around;
    const look = () => {
      if (this.#isOver) return;
      this.#look();
      queue.after(LOOK_EVERY_MS, look);
    };
    queue.after(LOOK_EVERY_MS, look);
    this.#skewAll();
    if (this.#scenario.upgrade) {
      this.#nodes.forEach((node, at) => queue.after(1_000 + at * 150, () => this.#upgrade(node)));
    }
  }

  /** No more faults; everybody is up, with clocks set right. */
  finish(): void {
    this.#isOver = true;
    for (const node of this.#nodes) {
      if (node.host.isStopped) node.host.resume();
      node.host.skewMs = 0;
      this.#around.queue.after(0, () => this.#boot(node));
      node.announce();
    }
  }

  #skewAll(): void {
    const { log } = this.#around;
    for (const node of this.#nodes) this.#setClock(node);
    if (this.#nodes.some(({ host }) => host.skewMs !== 0)) log.note('F7 clock skewed');
  }

  #setClock({ host, kind }: SimNode): void {
    const most = kind === 'skewed' ? BAD_CLOCK_MS : this.#scenario.faults.skewMs;
    if (most > 0) host.skewMs = this.#around.random.between(-most, most);
  }

  #look(): void {
    const { random, network, log } = this.#around;
    const { faults } = this.#scenario;
    if (random.chance(faults.partition)) network.shake(this.#leader());
    for (const node of this.#nodes) {
      if (random.chance(faults.stop) && node.host.isOn && !node.host.isStopped) this.#halt(node);
      if (random.chance(faults.jump)) {
        this.#setClock(node);
        if (node.host.skewMs !== 0) log.note('F7 clock jumps');
      }
    }
    if (random.chance(faults.wipe)) this.#wipe(random.pick(this.#nodes));
    for (const node of this.#nodes) if (node.kind === 'forgetful') this.#forget(node);
  }

  #leader(): SimNode | undefined {
    const { network, random } = this.#around;
    const state = random.pick(this.#nodes).engine?.driver.state;
    if (!state?.context) return undefined;
    const leader = network.leaderOf(state.context.height, state.round);
    return leader && this.#nodes.find((one) => Buffer.compare(one.address, leader) === 0);
  }

  #halt(node: SimNode): void {
    const { queue, random, log } = this.#around;
    const { host } = node;
    const { life } = host;
    log.note('F4 stopped and resumed');
    host.stop();
    queue.after(random.between(100, LONGEST_STOP_MS), () => {
      if (host.life === life) host.resume();
    });
  }

  /** Only when somebody else honest has all of its blocks: a chain that nobody gives is gone. */
  #wipe(node: SimNode): void {
    const hasOthers = this.#nodes.some((one) => {
      return one !== node && one.isHonest && one.height >= node.height;
    });
    if (!node.host.isOn || node.height === 0 || !hasOthers) return;
    this.#around.log.note('F5 databases wiped');
    node.host.switchOff();
    node.wipe();
    this.#bootLater(node);
  }

  /** A disk that loses what it said was synced: this validator counts as faulty. */
  #forget(node: SimNode): void {
    const { random, log } = this.#around;
    if (!node.host.isOn || !random.chance(0.2)) return;
    node.host.switchOff();
    for (const name of node.host.disk.list(WAL_FOLDER)) {
      node.host.disk.damage(`${WAL_FOLDER}/${name}`, (bytes) =>
        bytes.slice(0, random.below(bytes.length + 1)),
      );
    }
    log.note('F5 synced log tail lost');
    this.#bootLater(node);
  }

  /** Another version with the same rules, which finds what the old one left. */
  #upgrade(node: SimNode): void {
    const { log, random, queue } = this.#around;
    if (this.#isOver || !node.host.isOn || node.host.isStopped) return;
    node.stop(() => {
      log.note('F15 upgrade');
      node.mode = this.#scenario.mode === 'star' ? 'clique' : 'star';
      queue.after(random.between(20, 200), () => this.#boot(node));
    });
  }

  #boot(node: SimNode): void {
    if (node.host.isOn) return;
    const starts = (this.#starts.get(node) ?? 0) + 1;
    this.#starts.set(node, starts);
    if (starts > 1) this.#around.log.note('F5 restart');
    if (starts > STARTS_UNTIL_MENDED) node.appFault = undefined;
    this.#refused.delete(node);
    const lost = node.host.disk.lost;
    if (lost > 0) this.#around.log.note('F5 unsynced tail lost');
    node.boot();
  }

  #bootLater(node: SimNode): void {
    const { queue, random } = this.#around;
    queue.after(random.between(50, 1_500), () => this.#boot(node));
  }

  #fate(node: SimNode, operation: DiskOperation): Fate {
    const { random, log, network } = this.#around;
    const { crash, disk } = network.faults;
    const { crashAt } = this.#scenario;
    const done = (this.#operations.get(node) ?? 0) + 1;
    this.#operations.set(node, done);
    if (crashAt?.index === node.index && crashAt.operation === done) {
      return crashAt.when === 'before' ? 'dies before' : 'dies after';
    }
    if (random.chance(crash)) return random.chance(0.5) ? 'dies before' : 'dies after';
    if (!random.chance(disk)) return 'works';
    if (random.chance(0.4)) {
      log.note('F6 slow disk');
      return 'slow';
    }
    this.#refused.add(node);
    if (operation === 'sync' || operation === 'name') {
      log.note('F6 sync fails');
      return 'fails';
    }
    log.note('F6 disk full');
    return 'full';
  }

  #onEnd(node: SimNode, error: unknown): void {
    if (error instanceof Violation) {
      this.broken ??= error;
      return;
    }
    if (node.kind === 'differing') node.wipe();
    if (node.kind === 'forgetful') {
      for (const name of node.host.disk.list(WAL_FOLDER)) {
        node.host.disk.wipe(`${WAL_FOLDER}/${name}`);
      }
    }
    const isExpected = !node.isHonest || this.#refused.has(node);
    if (!isExpected) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.broken ??= new Violation('I15', `${node.name} ended: ${text}`);
      return;
    }
    assert(!node.host.isOn, 'a program that ended is off');
    this.#bootLater(node);
  }
}

/** Messages between simulated machines: late, twice, out of order, lost, cut off by partitions. */
import { equal, toHex, type Bytes } from '../../node/base/bytes.ts';
import type { EventQueue } from './event-queue.ts';
import type { Random } from './random.ts';
import type { Faults } from './scenario.ts';

export interface Endpoint {
  readonly name: string;
  readonly address: Bytes;
  /** Byzantine, and not bound by the network's whims. */
  readonly isOutlaw?: boolean;
  receive(packet: Packet): void;
}

/** What a message is about: a hostile network decides its fate by it. */
export interface Tag {
  readonly kind: string;
  readonly height: number;
  readonly round: number;
}

/** Anything that travels; `from` is who the channel says. */
export interface Packet {
  readonly from: Endpoint;
  readonly deliver: (to: Endpoint) => void;
}

/**
 * The way to a fork, were the lock rule broken: in `round` the victim decides and falls silent, one node is
 * locked, one never hears of the certificate; from then on these two and the byzantine one go on alone.
 */
export interface Plot {
  readonly round: number;
  readonly victim: Endpoint;
  readonly locked: Endpoint;
  readonly unaware: Endpoint;
  readonly isLeaked: () => boolean;
}

/** True when the plot keeps this message back. */
function isPartOfPlot(plot: Plot, { kind, round }: Tag, from: Endpoint, to: Endpoint): boolean {
  if (plot.isLeaked()) return false;
  if (kind === 'commit') return true;
  if (round < plot.round) return kind === 'proposal';
  if (round > plot.round) return from === plot.victim || to === plot.victim;
  if (to !== plot.unaware) return false;
  return kind !== 'vote 2' && kind !== 'proposal';
}

const CALM: Faults = {
  drop: 0,
  duplicate: 0,
  delayMs: 10,
  straggle: 0,
  hostile: 0,
  partition: 0,
  crash: 0,
  untimely: 0,
};

export class Network {
  faults: Faults;
  readonly endpoints: Endpoint[] = [];
  readonly leaderOf: (height: number, round: number) => Bytes;
  readonly #queue: EventQueue;
  readonly #random: Random;
  readonly #fates = new Map<string, boolean>();
  readonly #plots = new Map<number, Plot | undefined>();
  #sides = new Map<string, number>();

  constructor(around: {
    readonly queue: EventQueue;
    readonly random: Random;
    readonly faults: Faults;
    readonly leaderOf: (height: number, round: number) => Bytes;
  }) {
    this.#queue = around.queue;
    this.#random = around.random;
    this.faults = around.faults;
    this.leaderOf = around.leaderOf;
  }

  isConnected(a: Endpoint, b: Endpoint): boolean {
    return (this.#sides.get(a.name) ?? 0) === (this.#sides.get(b.name) ?? 0);
  }

  /** Splits at random into one to three sides, or heals. */
  shake(): void {
    const sides = this.#random.pick([1, 2, 2, 3]);
    this.#sides = new Map(this.endpoints.map(({ name }) => [name, this.#random.below(sides)]));
  }

  heal(): void {
    this.#sides = new Map();
    this.faults = CALM;
  }

  /** Addresses may belong to several endpoints (twins): all of them get it. */
  send(from: Endpoint, to: readonly Bytes[] | 'all', deliver: Packet['deliver'], tag?: Tag): void {
    const wanted = to === 'all' ? undefined : new Set(to.map(toHex));
    for (const endpoint of this.endpoints) {
      if (endpoint === from) continue;
      if (wanted && !wanted.has(toHex(endpoint.address))) continue;
      if (tag && this.#isSuppressed(tag, from, endpoint)) continue;
      this.#transmit({ from, deliver }, endpoint);
      if (this.#random.chance(this.faults.duplicate)) this.#transmit({ from, deliver }, endpoint);
    }
  }

  /**
   * A hostile network is no matter of luck: whether a node hears the proposal, the votes, the certificates or
   * the timeouts of a round is fixed for the round, so repeating does not help and locks end up uneven.
   * Byzantine listeners hear everything and are heard.
   */
  #isSuppressed(tag: Tag, from: Endpoint, to: Endpoint): boolean {
    const { hostile } = this.faults;
    if (hostile === 0 || from.isOutlaw === true || to.isOutlaw === true) return false;
    const { kind, height, round } = tag;
    const plot = this.plotOf(height);
    if (plot) return isPartOfPlot(plot, tag, from, to);
    const slot = `${height}/${round}/${kind}/${to.name}`;
    let fate = this.#fates.get(slot);
    if (fate === undefined) {
      const share = kind === 'commit' ? Math.max(hostile, 0.9) : hostile;
      this.#fates.set(slot, (fate = this.#random.chance(share)));
    }
    return fate;
  }

  /** Most heights of a hostile run have a plot. */
  plotOf(height: number): Plot | undefined {
    if (this.faults.hostile === 0) return undefined;
    if (!this.#plots.has(height)) this.#plots.set(height, this.#makePlot(height));
    return this.#plots.get(height);
  }

  /** In a round before one that the byzantine node leads, under a leader who is not the unaware one. */
  #makePlot(height: number): Plot | undefined {
    const outlaws = this.endpoints.filter((one) => one.isOutlaw === true);
    const honest = this.#random.shuffled(this.endpoints.filter((one) => one.isOutlaw !== true));
    const leads = (round: number, one: Endpoint) =>
      equal(this.leaderOf(height, round), one.address);
    const round = [0, 1, 2, 3, 4].find(
      (at) => outlaws.some((one) => leads(at + 1, one)) && honest.some((one) => leads(at, one)),
    );
    if (round === undefined || honest.length !== 3 || this.#random.chance(0.3)) return undefined;
    const unaware = honest.find((one) => !leads(round, one))!;
    const [victim, locked] = honest.filter((one) => one !== unaware);
    const leak = this.#random.pick([0, 0, 0.05, 0.2]);
    const isLeaked = () => this.#random.chance(leak);
    return { round, victim: victim!, locked: locked!, unaware, isLeaked };
  }

  get isHostile(): boolean {
    return this.faults.hostile > 0;
  }

  #transmit(packet: Packet, to: Endpoint): void {
    const { drop, delayMs, straggle } = this.faults;
    if (!this.isConnected(packet.from, to) || this.#random.chance(drop)) return;
    const late = this.#random.chance(straggle) ? this.#random.between(0, 20 * delayMs) : 0;
    const delay = this.#random.between(1, delayMs) + late;
    this.#queue.after(delay, () => to.receive(packet));
  }
}

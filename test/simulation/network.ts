/** Messages between simulated machines: late, twice, out of order, lost, cut off by partitions. */
import { toHex, type Bytes } from '../../node/base/bytes.ts';
import type { EventQueue } from './event-queue.ts';
import type { Random } from './random.ts';
import type { Faults } from './scenario.ts';

export interface Endpoint {
  readonly name: string;
  readonly address: Bytes;
  receive(packet: Packet): void;
}

/** Anything that travels; `from` is who the channel says. */
export interface Packet {
  readonly from: Endpoint;
  readonly deliver: (to: Endpoint) => void;
}

const CALM: Faults = {
  drop: 0,
  duplicate: 0,
  delayMs: 10,
  straggle: 0,
  partition: 0,
  crash: 0,
  untimely: 0,
};

export class Network {
  faults: Faults;
  readonly endpoints: Endpoint[] = [];
  readonly #queue: EventQueue;
  readonly #random: Random;
  #sides = new Map<string, number>();

  constructor(queue: EventQueue, random: Random, faults: Faults) {
    this.#queue = queue;
    this.#random = random;
    this.faults = faults;
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
  send(from: Endpoint, to: readonly Bytes[] | 'all', deliver: Packet['deliver']): void {
    const wanted = to === 'all' ? undefined : new Set(to.map(toHex));
    for (const endpoint of this.endpoints) {
      if (endpoint === from) continue;
      if (wanted && !wanted.has(toHex(endpoint.address))) continue;
      this.#transmit({ from, deliver }, endpoint);
      if (this.#random.chance(this.faults.duplicate)) this.#transmit({ from, deliver }, endpoint);
    }
  }

  #transmit(packet: Packet, to: Endpoint): void {
    const { drop, delayMs, straggle } = this.faults;
    if (!this.isConnected(packet.from, to) || this.#random.chance(drop)) return;
    const late = this.#random.chance(straggle) ? this.#random.between(0, 20 * delayMs) : 0;
    const delay = this.#random.between(1, delayMs) + late;
    this.#queue.after(delay, () => to.receive(packet));
  }
}

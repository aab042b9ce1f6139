/** Between simulated nodes: messages come late, twice, out of order or never; sides are cut off. */
import { equal, toHex, type Bytes } from '../../../node/base/bytes.ts';
import type { EventQueue } from '../event-queue.ts';
import type { FaultLog } from '../faults/fault-log.ts';
import { isPartOfPlot, makePlot, type Plot } from '../faults/plot.ts';
import { CALM, type Faults } from '../faults/scenario.ts';
import type { Random } from '../random.ts';
import type { Endpoint } from './endpoint.ts';
import { Packet, type Tag } from './packet.ts';

export interface NetworkParts {
  readonly queue: EventQueue;
  readonly random: Random;
  readonly faults: Faults;
  readonly log: FaultLog;
  readonly leaderOf: (height: number, round: number) => Bytes | undefined;
  /** Every message takes exactly so long. */
  readonly delayMs: number | undefined;
}

export class SimulatedNetwork {
  faults: Faults;
  readonly endpoints: Endpoint[] = [];
  readonly leaderOf: NetworkParts['leaderOf'];
  /** Messages that were sent to one receiver each. */
  sent = 0;
  readonly #parts: NetworkParts;
  readonly #fates = new Map<string, boolean>();
  readonly #plots = new Map<number, Plot | undefined>();
  #sides = new Map<string, number>();
  #deaf = new Map<string, string>();

  constructor(parts: NetworkParts) {
    this.#parts = parts;
    this.faults = parts.faults;
    this.leaderOf = parts.leaderOf;
  }

  /** Can `from` be heard by `to`? */
  isOpen(from: Endpoint, to: Endpoint): boolean {
    if (this.#deaf.get(to.name) === from.name) return false;
    return (this.#sides.get(from.name) ?? 0) === (this.#sides.get(to.name) ?? 0);
  }

  isConnected(a: Endpoint, b: Endpoint): boolean {
    return this.isOpen(a, b) && this.isOpen(b, a);
  }

  named(name: string): Endpoint | undefined {
    return this.endpoints.find((one) => one.name === name);
  }

  /** Splits at random, cuts a direction, isolates one, or heals. */
  shake(leader: Endpoint | undefined): void {
    const { random, log } = this.#parts;
    const names = this.endpoints.map(({ name }) => name);
    this.#sides.clear();
    this.#deaf.clear();
    const choice = random.below(6);
    if (choice <= 2) {
      const sides = random.pick([2, 2, 3]);
      this.#sides = new Map(names.map((name) => [name, random.below(sides)]));
      if (new Set(this.#sides.values()).size > 1) log.note('F2 partition');
    } else if (choice === 3 && leader) {
      this.#sides = new Map([[leader.name, 1]]);
      log.note('F2 isolated leader');
    } else if (choice === 4 && names.length > 1) {
      for (const name of names) this.#deaf.set(name, random.pick(names));
      log.note('F2 one-way partition');
    }
  }

  heal(): void {
    this.#sides.clear();
    this.#deaf.clear();
    this.faults = CALM;
  }

  /** Addresses may belong to several endpoints (twins): all of them get it. */
  send(from: Endpoint, to: readonly Bytes[] | 'all', bytes: Bytes): void {
    const wanted = to === 'all' ? undefined : new Set(to.map(toHex));
    this.sendTo(
      from,
      this.endpoints.filter(
        (one) => !wanted || (one.address !== undefined && wanted.has(toHex(one.address))),
      ),
      bytes,
    );
  }

  sendTo(from: Endpoint, receivers: readonly Endpoint[], bytes: Bytes): void {
    const packet = new Packet(bytes);
    for (const to of receivers) {
      if (to === from) continue;
      this.sent += 1;
      if (this.isHostile && this.#isSuppressed(packet.tag, from, to)) continue;
      const deliver = () => to.hear(from, packet);
      this.#transmit(from, to, deliver);
      if (this.#parts.random.chance(this.faults.duplicate)) {
        this.#parts.log.note('F1 duplicate');
        this.#transmit(from, to, deliver);
      }
    }
  }

  status(from: Endpoint, height: number, base: number, to?: Endpoint): void {
    for (const one of to ? [to] : this.endpoints) {
      if (one === from || !one.onStatus) continue;
      this.#transmit(from, one, () => one.onStatus!(from, height, base));
    }
  }

  /** Asks a peer; the answer may never come. */
  ask(from: Endpoint, to: Endpoint, question: Bytes): Promise<readonly Bytes[]> {
    return new Promise((resolve) => {
      this.#transmit(from, to, () => {
        to.answer?.(question, (parts) => this.#transmit(to, from, () => resolve(parts)));
      });
    });
  }

  get isHostile(): boolean {
    return this.faults.hostile > 0;
  }

  /**
   * A hostile network is no matter of luck: whether a node hears the proposal, the votes, the certificates or
   * the timeouts of a round is fixed for the round, so repeating does not help and locks end up uneven.
   * Byzantine listeners hear everything and are heard.
   */
  #isSuppressed(tag: Tag | undefined, from: Endpoint, to: Endpoint): boolean {
    if (!tag || from.isOutlaw === true || to.isOutlaw === true) return false;
    const { kind, height, round } = tag;
    const plot = this.plotOf(height);
    if (plot) return isPartOfPlot(plot, tag, from, to);
    const slot = `${height}/${round}/${kind}/${to.name}`;
    let fate = this.#fates.get(slot);
    if (fate === undefined) {
      const { hostile } = this.faults;
      const share = kind === 'commit' ? Math.max(hostile, 0.9) : hostile;
      this.#fates.set(slot, (fate = this.#parts.random.chance(share)));
    }
    if (fate) this.#parts.log.note('F1 drop');
    return fate;
  }

  /** Most heights of a hostile run have a plot. */
  plotOf(height: number): Plot | undefined {
    if (!this.isHostile) return undefined;
    if (!this.#plots.has(height)) {
      const leads = (round: number, one: Endpoint): boolean => {
        const leader = this.leaderOf(height, round);
        return leader !== undefined && one.address !== undefined && equal(leader, one.address);
      };
      this.#plots.set(height, makePlot(this.endpoints, leads, this.#parts.random));
    }
    return this.#plots.get(height);
  }

  #transmit(from: Endpoint, to: Endpoint, deliver: () => void): void {
    const { queue, random, log } = this.#parts;
    const { drop, delayMs, straggle } = this.faults;
    if (!this.isOpen(from, to)) return;
    const { delayMs: fixed } = this.#parts;
    if (fixed !== undefined) return queue.after(fixed, deliver);
    if (random.chance(drop)) return log.note('F1 drop');
    const isLate = random.chance(straggle);
    if (isLate) log.note('F1 delay');
    // Each message has a delay of its own, so later ones overtake earlier ones.
    else if (delayMs > 5) log.note('F1 reorder');
    queue.after(
      random.between(1, delayMs) + (isLate ? random.between(0, 20 * delayMs) : 0),
      deliver,
    );
  }
}

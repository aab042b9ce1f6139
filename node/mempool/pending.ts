/**
 * Pending transactions: each sender's in order of sequence, senders against each other by gas price. An
 * unordered transaction stands on its own, as if it were its sender's only one.
 */
import type { Bytes } from '../base/bytes.ts';
import { assert } from '../base/errors.ts';

export interface PendingTx {
  readonly tx: Bytes;
  /** Hexadecimal hash. */
  readonly key: string;
  readonly sender: string;
  readonly sequence: bigint;
  readonly unordered: boolean;
  /** Who has signed besides the sender. */
  readonly others: readonly string[];
  /** Some block or time makes it invalid. */
  readonly expires: boolean;
  readonly price: bigint;
  readonly gas: bigint;
  /** Height after which it was added. */
  readonly height: number;
  /** Number of arrival. */
  readonly arrival: number;
  /** How often it was offered for a block of this node. */
  offers: number;
}

export class PendingTxs {
  readonly #byKey = new Map<string, PendingTx>();
  /** By sender, or by hash of an unordered one. */
  readonly #lanes = new Map<string, PendingTx[]>();
  readonly #counts = new Map<string, number>();
  #bytes = 0;
  readonly #shared = new Set<PendingTx>();

  get size(): number {
    return this.#byKey.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** All who have signed something together with others: their sequences depend on each other's transactions. */
  linked(): ReadonlySet<string> {
    return new Set([...this.#shared].flatMap(({ sender, others }) => [sender, ...others]));
  }

  has(key: string): boolean {
    return this.#byKey.has(key);
  }

  countOf(sender: string): number {
    return this.#counts.get(sender) ?? 0;
  }

  /** The ordered one of this sender with this sequence. */
  at(sender: string, sequence: bigint): PendingTx | undefined {
    return this.#lanes.get(sender)?.find((pending) => pending.sequence === sequence);
  }

  /** Those of each sender in order of sequence, and each unordered one apart. */
  lanes(): Iterable<readonly PendingTx[]> {
    return this.#lanes.values();
  }

  /** The ordered ones of this sender. */
  ofSender(sender: string): readonly PendingTx[] {
    return this.#lanes.get(sender) ?? [];
  }

  add(pending: PendingTx): void {
    assert(!this.#byKey.has(pending.key), 'the transaction is pending already');
    this.#byKey.set(pending.key, pending);
    this.#bytes += pending.tx.length;
    if (pending.others.length > 0) this.#shared.add(pending);
    this.#counts.set(pending.sender, this.countOf(pending.sender) + 1);
    const queue = this.#lanes.get(laneOf(pending));
    if (!queue) {
      this.#lanes.set(laneOf(pending), [pending]);
      return;
    }
    const after = queue.findLastIndex(({ sequence }) => sequence <= pending.sequence);
    queue.splice(after + 1, 0, pending);
  }

  remove(key: string): PendingTx | undefined {
    const pending = this.#byKey.get(key);
    if (!pending) return undefined;
    this.#byKey.delete(key);
    this.#bytes -= pending.tx.length;
    this.#shared.delete(pending);
    const left = this.countOf(pending.sender) - 1;
    if (left === 0) this.#counts.delete(pending.sender);
    else this.#counts.set(pending.sender, left);
    const queue = this.#lanes.get(laneOf(pending)) as PendingTx[];
    queue.splice(queue.indexOf(pending), 1);
    if (queue.length === 0) this.#lanes.delete(laneOf(pending));
    return pending;
  }

  /** The last transaction of the sender whose last transaction pays least: the first to make room. */
  cheapestLast(): PendingTx | undefined {
    let cheapest: PendingTx | undefined;
    for (const queue of this.#lanes.values()) {
      const last = queue.at(-1) as PendingTx;
      if (!cheapest || last.price < cheapest.price) cheapest = last;
    }
    return cheapest;
  }

  /**
   * Best price first among the transactions whose predecessors were taken. `take` answers false when one
   * does not fit: then the rest of its sender is left out as well.
   */
  pick(take: (pending: PendingTx) => boolean): void {
    const heads = [...this.#lanes.values()].map((queue) => ({ queue, next: 0 }));
    const heap = new Heap(heads, ({ queue, next }) => queue[next] as PendingTx);
    for (let head = heap.pop(); head; head = heap.pop()) {
      if (!take(head.queue[head.next] as PendingTx)) continue;
      const next = head.next + 1;
      if (next < head.queue.length) heap.push({ queue: head.queue, next });
    }
  }
}

function laneOf({ unordered, key, sender }: PendingTx): string {
  return unordered ? key : sender;
}

/** Binary heap: highest price at the top, the earlier arrival among equals. */
class Heap<T> {
  readonly #items: T[] = [];
  readonly #rank: (item: T) => PendingTx;

  constructor(items: readonly T[], rank: (item: T) => PendingTx) {
    this.#rank = rank;
    for (const item of items) this.push(item);
  }

  push(item: T): void {
    const items = this.#items;
    items.push(item);
    for (let at = items.length - 1; at > 0;) {
      const parent = (at - 1) >> 1;
      if (!this.#before(items[at] as T, items[parent] as T)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  pop(): T | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (items.length === 0 || last === undefined) return top;
    items[0] = last;
    for (let at = 0; ;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      let best = at;
      if (left < items.length && this.#before(items[left] as T, items[best] as T)) best = left;
      if (right < items.length && this.#before(items[right] as T, items[best] as T)) best = right;
      if (best === at) return top;
      this.#swap(at, best);
      at = best;
    }
  }

  #before(a: T, b: T): boolean {
    const [left, right] = [this.#rank(a), this.#rank(b)];
    if (left.price !== right.price) return left.price > right.price;
    return left.arrival < right.arrival;
  }

  #swap(a: number, b: number): void {
    const items = this.#items;
    [items[a], items[b]] = [items[b] as T, items[a] as T];
  }
}

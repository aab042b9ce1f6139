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
  /** Height after which it was found good last. */
  checked: number;
}

/** What wants a place, and when there is enough room for it besides what is freed. */
export interface Newcomer {
  readonly sender: string;
  readonly price: bigint;
  fits(freed: { readonly txs: number; readonly bytes: number }): boolean;
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

  /**
   * Who makes room, in this order: always the last transaction of the sender whose last one pays least. Undefined when
   * that takes one that pays no less than the newcomer, or one of its own sender, on which it may stand.
   */
  toMakeRoom(newcomer: Newcomer): readonly PendingTx[] | undefined {
    let cheapest: PendingTx | undefined;
    for (const queue of this.#lanes.values()) {
      const last = queue.at(-1) as PendingTx;
      if (!cheapest || goesBefore(last, cheapest)) cheapest = last;
    }
    if (!cheapest || !mayPush(newcomer, cheapest)) return undefined;
    // One is enough nearly always.
    if (newcomer.fits({ txs: 1, bytes: cheapest.tx.length })) return [cheapest];
    return manyToMakeRoom(newcomer, this.#lanes.values());
  }

  /**
   * Best price first among the transactions whose predecessors were taken. `take` answers false when one
   * does not fit: then the rest of its sender is left out as well.
   */
  pick(take: (pending: PendingTx) => boolean): void {
    const heads = [...this.#lanes.values()].map((queue) => ({ queue, at: 0 }));
    const heap = new Heap(heads, (a, b) => isTakenBefore(atPlace(a), atPlace(b)));
    for (let head = heap.pop(); head; head = heap.pop()) {
      if (!take(atPlace(head))) continue;
      const at = head.at + 1;
      if (at < head.queue.length) heap.push({ queue: head.queue, at });
    }
  }
}

function laneOf({ unordered, key, sender }: PendingTx): string {
  return unordered ? key : sender;
}

/** A place among those of one sender. */
interface Place {
  readonly queue: readonly PendingTx[];
  readonly at: number;
}

const atPlace = ({ queue, at }: Place): PendingTx => queue[at] as PendingTx;

/** Highest price first, the earlier arrival among equals. */
function isTakenBefore(a: PendingTx, b: PendingTx): boolean {
  return a.price === b.price ? a.arrival < b.arrival : a.price > b.price;
}

/** The other way round. */
const goesBefore = (a: PendingTx, b: PendingTx): boolean => isTakenBefore(b, a);

const mayPush = ({ sender, price }: Newcomer, one: PendingTx): boolean =>
  one.price < price && one.sender !== sender;

function manyToMakeRoom(
  newcomer: Newcomer,
  lanes: Iterable<readonly PendingTx[]>,
): readonly PendingTx[] | undefined {
  const tails = Array.from(lanes, (queue) => ({ queue, at: queue.length - 1 }));
  const heap = new Heap(tails, (a, b) => goesBefore(atPlace(a), atPlace(b)));
  const gone: PendingTx[] = [];
  let bytes = 0;
  for (let tail = heap.pop(); tail; tail = heap.pop()) {
    const last = atPlace(tail);
    if (!mayPush(newcomer, last)) return undefined;
    gone.push(last);
    bytes += last.tx.length;
    if (newcomer.fits({ txs: gone.length, bytes })) return gone;
    if (tail.at > 0) heap.push({ queue: tail.queue, at: tail.at - 1 });
  }
  return undefined;
}

/** Binary heap. */
class Heap<T> {
  readonly #items: T[] = [];
  readonly #isBefore: (a: T, b: T) => boolean;

  constructor(items: readonly T[], isBefore: (a: T, b: T) => boolean) {
    this.#isBefore = isBefore;
    for (const item of items) this.push(item);
  }

  push(item: T): void {
    const items = this.#items;
    items.push(item);
    for (let at = items.length - 1; at > 0;) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(items[at] as T, items[parent] as T)) return;
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
      if (left < items.length && this.#isBefore(items[left] as T, items[best] as T)) best = left;
      if (right < items.length && this.#isBefore(items[right] as T, items[best] as T)) best = right;
      if (best === at) return top;
      this.#swap(at, best);
      at = best;
    }
  }

  #swap(a: number, b: number): void {
    const items = this.#items;
    [items[a], items[b]] = [items[b] as T, items[a] as T];
  }
}

/**
 * Hands what happens to those who asked for it, in its order, beside the work of consensus: a block is committed
 * before its events are delivered, and delivery lets other work run in between. It never waits for a listener: one
 * that cannot keep up bounds its own queue. Nothing is built that nobody listens to.
 */
import { toHex, type Bytes } from '../base/bytes.ts';
import { sha256 } from '../base/hash.ts';
import { MAX_COMMIT_WAITERS, MAX_WAITING_PUBLICATIONS } from '../base/limits.ts';
import type { TxResult } from '../app/abci.ts';
import { refused } from './errors.ts';
import {
  blockEvents,
  roundEvent,
  type PendingEvent,
  type RoundEvent,
  type RpcEvent,
} from './events.ts';
import type { CommittedBlock } from './expected.ts';
import { matchesTags, type Query } from './query/query.ts';
import { Stretch } from './stretch.ts';

export interface CommittedTx {
  readonly height: number;
  readonly result: TxResult;
}

interface Listener {
  readonly query: Query;
  /** The only kind of event the query can match, if it says so. */
  readonly kind: string | undefined;
  /** Publications before its subscription. */
  readonly after: number;
  deliver(event: RpcEvent): void;
}

/** What happened at once: the events of a block, or one of consensus. */
interface Publication {
  readonly number: number;
  readonly events: Iterator<PendingEvent>;
}

export class EventBus {
  readonly #listeners = new Set<Listener>();
  readonly #waiters = new Map<string, Set<(committed: CommittedTx) => void>>();
  readonly #publications: Publication[] = [];
  #waiting = 0;
  #published = 0;
  #delivering = false;

  /** Returns the function that ends the subscription. */
  subscribe(query: Query, deliver: (event: RpcEvent) => void): () => void {
    const listener = { query, kind: kindOf(query), after: this.#published, deliver };
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls back once when the transaction is in a block. Returns the function that gives up. */
  awaitTx(hash: Bytes, found: (committed: CommittedTx) => void): () => void {
    if (this.#waiting >= MAX_COMMIT_WAITERS) {
      throw refused(`max_subscription_clients ${MAX_COMMIT_WAITERS} reached`);
    }
    const key = toHex(hash);
    const waiters = this.#waiters.get(key) ?? new Set();
    this.#waiters.set(key, waiters.add(found));
    this.#waiting++;
    return () => {
      if (!waiters.delete(found)) return;
      this.#waiting--;
      if (waiters.size === 0 && this.#waiters.get(key) === waiters) this.#waiters.delete(key);
    };
  }

  /** Call after the block is indexed and visible. */
  publishBlock(committed: CommittedBlock): void {
    if (this.#waiting > 0) this.#wake(committed);
    if (this.isHeard) this.#publish(blockEvents(committed));
  }

  /** False: nobody would see an event. */
  get isHeard(): boolean {
    return this.#listeners.size > 0;
  }

  publishRound(event: RoundEvent): void {
    if (this.isHeard) this.#publish([roundEvent(event)].values());
  }

  #publish(events: Iterator<PendingEvent>): void {
    this.#published += 1;
    this.#publications.push({ number: this.#published, events });
    // Whoever publishes faster than can be delivered delivers itself.
    while (this.#publications.length > MAX_WAITING_PUBLICATIONS) this.#deliverNext();
    if (!this.#delivering) void this.#deliverAll();
  }

  async #deliverAll(): Promise<void> {
    this.#delivering = true;
    const stretch = new Stretch();
    await stretch.rest();
    while (this.#publications.length > 0) {
      this.#deliverNext();
      if (stretch.isOver) await stretch.rest();
    }
    this.#delivering = false;
  }

  /** The next event of the oldest publication; one without further events goes. */
  #deliverNext(): void {
    const [publication] = this.#publications;
    if (publication === undefined) return;
    const { done, value } = publication.events.next();
    if (done === true) this.#publications.shift();
    else this.#deliver(value, publication.number);
  }

  #deliver({ kind, build }: PendingEvent, number: number): void {
    let event: RpcEvent | undefined;
    for (const listener of this.#listeners) {
      if (listener.kind !== undefined && listener.kind !== kind) continue;
      if (listener.after >= number) continue;
      event ??= build();
      if (matchesTags(listener.query, event.tags)) listener.deliver(event);
    }
  }

  #wake({ block, results }: CommittedBlock): void {
    block.txs.forEach((tx, position) => {
      const result = results.txResults[position];
      const waiters = this.#waiters.get(toHex(sha256(tx)));
      if (!waiters || !result) return;
      for (const found of waiters) found({ height: block.header.height, result });
    });
  }
}

function kindOf({ conditions }: Query): string | undefined {
  return conditions.find(({ tag, op }) => tag === 'tm.event' && op === '=')?.value;
}

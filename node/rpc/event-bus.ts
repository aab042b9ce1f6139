/**
 * Hands what happens to those who asked for it. Delivery is synchronous and never waits: a listener that
 * cannot keep up bounds its own queue. Nothing is built that nobody listens to.
 */
import { toHex, type Bytes } from '../base/bytes.ts';
import { sha256 } from '../base/hash.ts';
import { MAX_COMMIT_WAITERS } from '../base/limits.ts';
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

export interface CommittedTx {
  readonly height: number;
  readonly result: TxResult;
}

interface Listener {
  readonly query: Query;
  /** The only kind of event the query can match, if it says so. */
  readonly kind: string | undefined;
  deliver(event: RpcEvent): void;
}

export class EventBus {
  readonly #listeners = new Set<Listener>();
  readonly #waiters = new Map<string, Set<(committed: CommittedTx) => void>>();
  #waiting = 0;

  /** Returns the function that ends the subscription. */
  subscribe(query: Query, deliver: (event: RpcEvent) => void): () => void {
    const listener = { query, kind: kindOf(query), deliver };
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
    if (this.#listeners.size === 0) return;
    for (const event of blockEvents(committed)) this.#publish(event);
  }

  /** False: nobody would see an event. */
  get isHeard(): boolean {
    return this.#listeners.size > 0;
  }

  publishRound(event: RoundEvent): void {
    if (this.isHeard) this.#publish(roundEvent(event));
  }

  #publish({ kind, build }: PendingEvent): void {
    let event: RpcEvent | undefined;
    for (const listener of this.#listeners) {
      if (listener.kind !== undefined && listener.kind !== kind) continue;
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

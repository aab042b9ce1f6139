/**
 * Transactions of peers that wait for the mempool. Peers take turns, so that a flood of one delays only its
 * own; a turn handles few, and between two turns everything else in the node (votes above all) goes first.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Bytes } from '../base/bytes.ts';
import {
  MAX_INBOX_BYTES,
  MAX_INBOX_TXS,
  MAX_INBOX_TXS_PER_PEER,
  TX_BYTES_PER_PLACE,
  TXS_PER_TURN,
} from '../base/limits.ts';

/** accept: pass on. ignore: not useful, nobody's fault. reject: the sender misbehaves. */
export type Verdict = 'accept' | 'ignore' | 'reject';

export interface TxInboxDeps {
  /** Work that can be done elsewhere before `judge` needs the main thread. */
  readonly prepare?: (txs: readonly Bytes[]) => Promise<void>;
  readonly judge: (peerId: string, txs: readonly Bytes[]) => Verdict | Promise<Verdict>;
  readonly onDropped: (txs: number) => void;
  /** `judge` or `prepare` threw: a fault of this node. */
  readonly onFailed: (error: unknown) => void;
}

interface Batch {
  readonly txs: readonly Bytes[];
  readonly bytes: number;
  readonly done: (verdict: Verdict) => void;
}

export class TxInbox {
  readonly #deps: TxInboxDeps;
  /** A peer that has had its turn moves to the end. */
  readonly #peers = new Map<string, Batch[]>();
  #txs = 0;
  #bytes = 0;
  /** Since everything else last had a turn. */
  #handled = 0;
  #isRunning = false;
  #isStopped = false;

  constructor(deps: TxInboxDeps) {
    this.#deps = deps;
  }

  get size(): number {
    return this.#txs;
  }

  /** The verdict about all of them: a part that is rejected rejects the whole, and the rest is left alone. */
  push(peerId: string, txs: readonly Bytes[]): Promise<Verdict> {
    const bytes = txs.reduce((sum, tx) => sum + tx.length, 0);
    const waiting = this.#peers.get(peerId) ?? [];
    const ofPeer = waiting.reduce((sum, batch) => sum + batch.txs.length, 0);
    const isFull =
      ofPeer + txs.length > MAX_INBOX_TXS_PER_PEER ||
      this.#txs + txs.length > MAX_INBOX_TXS ||
      this.#bytes + bytes > MAX_INBOX_BYTES;
    if (isFull || this.#isStopped) {
      this.#deps.onDropped(txs.length);
      return Promise.resolve('ignore');
    }
    this.#txs += txs.length;
    this.#bytes += bytes;
    return new Promise((done) => {
      waiting.push({ txs, bytes, done });
      this.#peers.set(peerId, waiting);
      if (!this.#isRunning) void this.#run();
    });
  }

  stop(): void {
    this.#isStopped = true;
    for (const batches of this.#peers.values()) for (const { done } of batches) done('ignore');
    this.#peers.clear();
    this.#txs = 0;
    this.#bytes = 0;
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    for (let next = this.#take(); next !== undefined; next = this.#take()) {
      const { peerId, batch } = next;
      const verdict = await this.#judge(peerId, batch.txs).catch((error: unknown) => {
        this.#deps.onFailed(error);
        return 'ignore' as const;
      });
      batch.done(verdict);
    }
    this.#isRunning = false;
  }

  #take(): { peerId: string; batch: Batch } | undefined {
    const [next] = this.#peers;
    if (next === undefined) return undefined;
    const [peerId, batches] = next;
    this.#peers.delete(peerId);
    const batch = batches.shift()!;
    if (batches.length > 0) this.#peers.set(peerId, batches);
    this.#txs -= batch.txs.length;
    this.#bytes -= batch.bytes;
    return { peerId, batch };
  }

  /** What this turn has time for. */
  #slice(txs: readonly Bytes[], from: number): readonly Bytes[] {
    let to = from;
    while (to < txs.length && this.#handled < TXS_PER_TURN) {
      this.#handled += 1 + Math.floor((txs[to] as Bytes).length / TX_BYTES_PER_PLACE);
      to += 1;
    }
    return txs.slice(from, to);
  }

  async #judge(peerId: string, txs: readonly Bytes[]): Promise<Verdict> {
    const { prepare, judge } = this.#deps;
    await prepare?.(txs);
    const verdicts = new Set<Verdict>();
    for (let from = 0; from < txs.length && !this.#isStopped;) {
      const slice = this.#slice(txs, from);
      from += slice.length;
      const verdict = await judge(peerId, slice);
      if (verdict === 'reject') return verdict;
      verdicts.add(verdict);
      if (this.#handled < TXS_PER_TURN) continue;
      await nextTurn();
      this.#handled = 0;
    }
    return verdicts.has('accept') ? 'accept' : 'ignore';
  }
}

/**
 * Transactions of peers that came before the one they follow: gossip keeps no order. They wait a few
 * blocks for it. Their signatures have not been checked, so several may claim the same sequence.
 */
import type { Bytes } from '../base/bytes.ts';
import {
  MAX_WAITING_BLOCKS,
  MAX_WAITING_BYTES,
  MAX_WAITING_TXS,
  MAX_WAITING_TXS_PER_SENDER,
} from '../base/limits.ts';

export interface WaitingTx {
  readonly tx: Bytes;
  readonly key: string;
  readonly from: string;
  readonly sender: string;
  readonly sequence: bigint;
  /** Height after which it came. */
  readonly height: number;
}

export class WaitingTxs {
  readonly #bySender = new Map<string, WaitingTx[]>();
  #size = 0;
  #bytes = 0;

  get size(): number {
    return this.#size;
  }

  /** False when there is no room. */
  add(waiting: WaitingTx): boolean {
    const list = this.#bySender.get(waiting.sender) ?? [];
    const { sender, tx, key } = waiting;
    if (!this.hasRoom(sender, tx.length) || list.some((one) => one.key === key)) return false;
    list.push(waiting);
    list.sort((a, b) => (a.sequence < b.sequence ? -1 : 1));
    this.#bySender.set(sender, list);
    this.#size += 1;
    this.#bytes += tx.length;
    return true;
  }

  /** Takes out those of the sender with this sequence. */
  take(sender: string, sequence: bigint): readonly WaitingTx[] {
    return this.#filter(sender, (waiting) => waiting.sequence !== sequence);
  }

  /** Takes out, for each of these senders, those with the lowest sequence. */
  takeFirst(senders: Iterable<string>): readonly WaitingTx[] {
    return [...senders].flatMap((sender) => {
      const first = this.#bySender.get(sender)?.[0];
      return first ? this.take(sender, first.sequence) : [];
    });
  }

  hasRoom(sender: string, bytes: number): boolean {
    const ofSender = this.#bySender.get(sender)?.length ?? 0;
    const fits = this.#size < MAX_WAITING_TXS && this.#bytes + bytes <= MAX_WAITING_BYTES;
    return fits && ofSender < MAX_WAITING_TXS_PER_SENDER;
  }

  expire(height: number): void {
    for (const sender of this.#bySender.keys()) {
      this.#filter(sender, (waiting) => height - waiting.height < MAX_WAITING_BLOCKS);
    }
  }

  #filter(sender: string, keep: (waiting: WaitingTx) => boolean): readonly WaitingTx[] {
    const list = this.#bySender.get(sender) ?? [];
    const kept = list.filter(keep);
    if (kept.length === 0) this.#bySender.delete(sender);
    else this.#bySender.set(sender, kept);
    const gone = list.filter((waiting) => !keep(waiting));
    this.#size -= gone.length;
    for (const { tx } of gone) this.#bytes -= tx.length;
    return gone;
  }
}

/** Which pending transactions a block may have made invalid. */
import type { PendingTx } from './pending.ts';

export interface TxInBlock {
  readonly sender: string;
  readonly sequence: bigint;
  readonly unordered: boolean;
  readonly alone: boolean;
  readonly succeeded: boolean;
}

/** Offered to that many blocks of this node and in none of them: it does not pass any more. */
const TOO_MANY_OFFERS = 2;

/** What the transactions of a block have done to the sequences of their senders. */
export class BlockEffect {
  /** Undefined: nobody here knows. */
  readonly #next = new Map<string, bigint | undefined>();
  /** Some signer besides the senders has used a sequence. */
  hasOthers = false;

  /** The next transaction of the block; undefined for bytes that are none. */
  add(tx: TxInBlock | undefined): void {
    if (!tx) return;
    const { sender, sequence, unordered, alone, succeeded } = tx;
    this.hasOthers ||= !alone;
    const isKnown =
      succeeded && !unordered && (!this.#next.has(sender) || this.next(sender) !== undefined);
    this.#next.set(sender, isKnown ? sequence + 1n : undefined);
  }

  senders(): Iterable<string> {
    return this.#next.keys();
  }

  has(sender: string): boolean {
    return this.#next.has(sender);
  }

  /** The sequence of the sender after the block. */
  next(sender: string): bigint | undefined {
    return this.#next.get(sender);
  }
}

/**
 * Must these of one sender, in order of sequence, be checked again now? Not when the block left their places as they
 * were, and nobody else has signed any transaction here or there. That their sender can still pay is seen when they
 * are executed.
 */
export function isDoubtful(lane: readonly PendingTx[], effect: BlockEffect): boolean {
  const { sender, sequence } = lane[0] as PendingTx;
  const isLasting = ({ unordered, expires, offers }: PendingTx): boolean =>
    !unordered && !expires && offers < TOO_MANY_OFFERS;
  if (!lane.every(isLasting)) return true;
  return effect.has(sender) && effect.next(sender) !== sequence;
}

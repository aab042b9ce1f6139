/** Which pending transactions a block may have made invalid, and which are looked at again besides. */
import { MAX_RECHECKS_PER_BLOCK, RECHECK_AFTER_BLOCKS } from '../base/limits.ts';
import type { PendingTx, PendingTxs } from './pending.ts';

export interface TxInBlock {
  readonly sender: string;
  readonly sequence: bigint;
  readonly unordered: boolean;
  readonly others: readonly string[];
  readonly succeeded: boolean;
}

/** Offered to that many blocks of this node and in none of them: it does not pass any more. */
const TOO_MANY_OFFERS = 2;

/** What the transactions of a block have done to the sequences of their senders. */
export class BlockEffect {
  /** Undefined: nobody here knows. */
  readonly #next = new Map<string, bigint | undefined>();

  /** The next transaction of the block; undefined for bytes that are none. */
  add(tx: TxInBlock | undefined): void {
    if (!tx) return;
    const { sender, sequence, unordered, others, succeeded } = tx;
    for (const other of others) this.#next.set(other, undefined);
    const isKnown =
      succeeded && !unordered && (!this.#next.has(sender) || this.next(sender) !== undefined);
    this.#next.set(sender, isKnown ? sequence + 1n : undefined);
  }

  /** All whose sequences may have changed. */
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
 * Those that must be checked again now, in order of arrival, and the senders of all others. `oldest`: the height after
 * which a transaction must have come to stay.
 */
export function divide(
  pending: PendingTxs,
  effect: BlockEffect,
  oldest: number,
): { readonly doubtful: readonly PendingTx[]; readonly others: Set<string> } {
  const linked = pending.linked();
  const doubtful: PendingTx[] = [];
  const others = new Set<string>();
  for (const lane of pending.lanes()) {
    const { sender } = lane[0] as PendingTx;
    const isOld = lane.some(({ height }) => height < oldest);
    if (isOld || linked.has(sender) || isDoubtful(lane, effect)) doubtful.push(...lane);
    else others.add(sender);
  }
  return { doubtful: doubtful.sort((a, b) => a.arrival - b.arrival), others };
}

/**
 * Must these of one sender, in order of sequence, be checked again now? Not when the block left their places as they
 * were, and nothing of others stands on them. That their sender can still pay is seen when they are executed.
 */
function isDoubtful(lane: readonly PendingTx[], effect: BlockEffect): boolean {
  const { sender, sequence } = lane[0] as PendingTx;
  const isLasting = ({ unordered, expires, offers }: PendingTx): boolean =>
    !unordered && !expires && offers < TOO_MANY_OFFERS;
  if (!lane.every(isLasting)) return true;
  return effect.has(sender) && effect.next(sender) !== sequence;
}

/**
 * Some of these senders, whose transactions no block has touched for long: nobody may have asked for them, and their
 * money may have gone. Those that have waited longest come first; one is enough however many it has.
 */
export function sendersToCheck(
  pending: PendingTxs,
  senders: Iterable<string>,
  height: number,
): readonly string[] {
  const due: PendingTx[] = [];
  for (const sender of senders) {
    const first = pending.ofSender(sender)[0];
    if (first && height - first.checked >= RECHECK_AFTER_BLOCKS) due.push(first);
  }
  due.sort((a, b) => a.checked - b.checked);
  let txs = 0;
  const enough = due.findIndex(({ sender }) => {
    txs += pending.ofSender(sender).length;
    return txs > MAX_RECHECKS_PER_BLOCK;
  });
  const chosen = enough < 0 ? due : due.slice(0, Math.max(1, enough));
  return chosen.map(({ sender }) => sender);
}

/**
 * Who proves which batch, until the chain elects provers: runs of RUN_LENGTH batches go round the configured
 * provers. When L1 has not moved for a while the next prover takes the waiting run over; a prover's own
 * address is in its proofs, so two provers never hand work to each other, they only start over.
 */

/** Batches that one prover takes in a row and submits together. */
export const RUN_LENGTH = 4n;

export interface Rotation {
  /** This prover's place, 0 to count - 1. */
  readonly index: number;
  readonly count: number;
  /** Seconds without progress on L1 after which the next prover steps in. */
  readonly takeoverSeconds: number;
}

/** Place of the prover whose turn a batch is. */
export function turnOf(batch: bigint, count: number): number {
  return Number(((batch - 1n) / RUN_LENGTH) % BigInt(count));
}

/** Last batch of the run that this batch belongs to. */
export function endOfRun(batch: bigint): bigint {
  return ((batch - 1n) / RUN_LENGTH + 1n) * RUN_LENGTH;
}

/**
 * May this prover work on the batch now? `idleSeconds` is how long the batch has been next on L1 and
 * waiting; 0 for batches further back in the queue.
 */
export function isOurs(batch: bigint, idleSeconds: number, rotation: Rotation): boolean {
  const { index, count, takeoverSeconds } = rotation;
  const steps = Math.floor(idleSeconds / takeoverSeconds);
  const distance = (index - turnOf(batch, count) + count) % count;
  return distance <= steps;
}

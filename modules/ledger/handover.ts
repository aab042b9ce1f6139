/** A sealed batch as the settlement of the chain takes it over: everything that leaves the ledger. */
import type { Bytes } from '../../node/base/bytes.ts';
import { BatchContent } from '../../proto/gen/bitscale/ledger/v1/types.ts';
import { rollingHash, type SealedBatch } from './batch.ts';
import { batchToWire } from './codec.ts';

export interface BatchHandover {
  readonly number: bigint;
  readonly time: bigint;
  readonly oldRoot: bigint;
  readonly newRoot: bigint;
  readonly commitment: bigint;
  readonly publicWords: readonly bigint[];
  /** keccak256 chain over the headers up to this batch, given the one before. */
  rollingHash(before: Bytes): Bytes;
  /** Number of operations. */
  readonly operations: number;
  /** Sum of the amounts moved, micro-units. */
  readonly value: bigint;
  /** Encoded BatchContent: what a prover needs. */
  readonly content: Bytes;
}

export function handOver(batch: SealedBatch): BatchHandover {
  const { number, time, oldRoot, newRoot, commitment, publicWords, operations } = batch;
  return {
    ...{ number, time, oldRoot, newRoot, commitment, publicWords },
    rollingHash: (before) => rollingHash(before, batch),
    operations: operations.length,
    value: operations.reduce((sum, { amount }) => sum + amount, 0n),
    content: BatchContent.encode(batchToWire(batch)).finish(),
  };
}

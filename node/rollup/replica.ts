/**
 * A prover's copy of the ledger, moved forward batch by batch from the chain's batch contents. It checks
 * every root on the way, so a chain that serves wrong contents is noticed before anything is proved.
 */
import { bytesToBigInt } from '../base/bytes.ts';
import { assert } from '../base/errors.ts';
import type { BatchData } from '../../proto/gen/bitscale/settlement/v1/types.ts';
import {
  batchFromWire,
  batchWitness,
  LedgerTree,
  MemoryNodes,
  sealBatch,
  type BatchShape,
  type CircuitInput,
  type Leaf,
  type SealedBatch,
} from '../../modules/ledger/index.ts';

export interface PreparedBatch {
  readonly batch: SealedBatch;
  /** Circuit inputs but z and y, which depend on who submits. */
  readonly input: CircuitInput;
}

export class ProverReplica {
  readonly #domain: bigint;
  readonly #shape: BatchShape;
  readonly #leaves = new Map<number, Leaf>();
  readonly #tree: LedgerTree;
  #batch = 0n;

  constructor(domain: bigint, shape: BatchShape) {
    this.#domain = domain;
    this.#shape = shape;
    this.#tree = new LedgerTree(shape.depth, new MemoryNodes());
  }

  /** The last batch that was applied. */
  get batch(): bigint {
    return this.#batch;
  }

  get root(): bigint {
    return this.#tree.root;
  }

  /** Applies the next batch and answers what a proof of it needs. Throws when it does not fit. */
  advance({ header, content }: BatchData): PreparedBatch {
    assert(header !== undefined && content !== undefined, 'batch data without header or content');
    assert(content.number === this.#batch + 1n, `expected batch ${this.#batch + 1n}`);
    const roots = {
      oldRoot: bytesToBigInt(header.oldRoot),
      newRoot: bytesToBigInt(header.newRoot),
    };
    const batch = sealBatch(this.#domain, this.#shape, batchFromWire(content), roots);
    assert(
      batch.commitment === bytesToBigInt(header.commitment),
      `batch ${content.number}: its content is not what the header commits to`,
    );
    const leaves = {
      get: (index: number) => this.#leaves.get(index),
      set: (index: number, leaf: Leaf) => void this.#leaves.set(index, leaf),
    };
    const replica = { leaves, tree: this.#tree };
    const input = batchWitness(this.#domain, this.#shape, replica, batch);
    this.#batch = content.number;
    return { batch, input };
  }
}

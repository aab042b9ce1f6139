/**
 * Makes a decided block part of the chain: execute, store block and state in one synced batch, commit the
 * application, tell everybody. A crash between the two writes is healed at boot: the application is then
 * one block behind and runs it again.
 */
import { assert } from '../base/errors.ts';
import type { Logger, Metrics } from '../base/service.ts';
import type { FinalizeBlockResponse, ValidatorUpdate } from '../app/abci.ts';
import type { Block, BlockId, Commit } from '../consensus/types.ts';
import { CommitMetrics } from './commit-metrics.ts';
import type { BlockStore } from './block-store.ts';
import { nextChainState, type ChainState } from './chain-state.ts';
import type { EvidencePool } from './evidence-pool.ts';
import type { Executor, MadeBlock } from './executor.ts';
import type { TxSource } from './expected.ts';
import type { Pruner } from './pruner.ts';

export interface CommittedBlock {
  readonly block: Block;
  readonly blockId: BlockId;
  readonly commit: Commit;
  readonly results: FinalizeBlockResponse;
  readonly validatorUpdates: readonly ValidatorUpdate[];
}

export type CommitListener = (committed: CommittedBlock) => void | Promise<void>;

export interface CommitterDeps {
  readonly store: BlockStore;
  readonly executor: Executor;
  readonly evidence: EvidencePool;
  readonly txs: TxSource;
  readonly pruner: Pruner;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export class Committer {
  readonly #deps: CommitterDeps;
  readonly #listeners: CommitListener[] = [];
  readonly metrics: CommitMetrics;

  constructor(deps: CommitterDeps) {
    this.#deps = deps;
    this.metrics = new CommitMetrics(deps.metrics);
  }

  /** Listeners run in order of registration; the next block waits for them. */
  onCommit(listener: CommitListener): void {
    this.#listeners.push(listener);
  }

  state(): ChainState {
    const state = this.#deps.store.state();
    assert(state !== undefined, 'the chain has begun');
    return state;
  }

  async apply(made: MadeBlock, commit: Commit): Promise<ChainState> {
    const { block, bytes, blockId } = made;
    const { store, executor, evidence, txs, pruner, logger } = this.#deps;
    const started = performance.now();
    const state = this.state();
    const results = executor.execute(state, block, blockId);
    const next = nextChainState(state, block, blockId, results);
    const extra = evidence.committedOps(block.evidence);
    await store.save({ block, bytes, blockId, seenCommit: commit, results, next, extra });
    const { retainHeight } = await executor.commit();
    evidence.committed(block.evidence, next);
    txs.update(block.header.height, block.txs, results.txResults);
    const { validatorUpdates } = results;
    const committed = { block, blockId, commit, results, validatorUpdates };
    for (const listener of this.#listeners) await listener(committed);
    evidence.retryWaiting();
    pruner.wake(retainHeight);
    const seconds = (performance.now() - started) / 1000;
    const { lastValidators, time: lastTime } = state;
    this.metrics.onCommit({ made, lastValidators, lastTime, results, seconds });
    logger.info('block committed', {
      height: block.header.height,
      round: commit.round,
      txs: block.txs.length,
    });
    return next;
  }
}

/**
 * Makes a decided block part of the chain: execute, store block and state in one synced batch, commit the
 * application, tell everybody. A crash between the two writes is healed at boot: the application is then
 * one block behind and runs it again.
 */
import { assert } from '../base/errors.ts';
import type { Logger, Metrics } from '../base/service.ts';
import type { FinalizeBlockResponse, ValidatorUpdate } from '../app/abci.ts';
import type { Block, BlockId, Commit } from '../consensus/types.ts';
import type { BlockStore } from './block-store.ts';
import { nextChainState, type ChainState } from './chain-state.ts';
import type { EvidencePool } from './evidence-pool.ts';
import type { Executor, MadeBlock } from './executor.ts';
import type { TxSource } from './expected.ts';

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
  readonly logger: Logger;
  readonly metrics: Metrics;
}

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

export class Committer {
  readonly #deps: CommitterDeps;
  readonly #listeners: CommitListener[] = [];
  readonly #instruments: ReturnType<typeof instruments>;

  constructor(deps: CommitterDeps) {
    this.#deps = deps;
    this.#instruments = instruments(deps.metrics);
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
    const { store, executor, evidence, txs, logger } = this.#deps;
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
    if (retainHeight > 0) await store.prune(retainHeight);
    this.#measure(made, commit, (performance.now() - started) / 1000);
    logger.info('block committed', {
      height: block.header.height,
      round: commit.round,
      txs: block.txs.length,
    });
    return next;
  }

  #measure({ block, bytes }: MadeBlock, commit: Commit, seconds: number): void {
    const at = this.#instruments;
    at.height.set(block.header.height);
    at.txs.set(block.txs.length);
    at.totalTxs.add(block.txs.length);
    at.size.set(bytes.length);
    at.processing.observe(seconds);
    at.rounds.set(commit.round);
    at.missing.set(commit.signatures.filter(({ flag }) => flag === 1).length);
  }
}

function instruments(metrics: Metrics) {
  return {
    height: metrics.gauge('bitscale_consensus_height', 'Height of the newest block'),
    txs: metrics.gauge('bitscale_consensus_num_txs', 'Transactions in the newest block'),
    totalTxs: metrics.counter('bitscale_consensus_txs_total', 'Transactions committed'),
    rounds: metrics.gauge('bitscale_consensus_rounds', 'Round that decided the newest block'),
    missing: metrics.gauge(
      'bitscale_consensus_missing_validators',
      'Validators without a signature in the newest commit',
    ),
    size: metrics.gauge('bitscale_consensus_block_size_bytes', 'Size of the newest block'),
    processing: metrics.histogram(
      'bitscale_state_block_processing_seconds',
      'From decision to durable block',
      SECONDS,
    ),
  };
}

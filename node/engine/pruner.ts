/**
 * Forgets old blocks in the background, a few at a time, each step followed by a longer rest. A block stays
 * while anybody may still need it: the application (unproven batches, snapshots that peers start from), evidence
 * of double signing, light clients within their trusting period, and the operator.
 */
import { setTimeout as rest } from 'node:timers/promises';
import type { Logger, Metrics } from '../base/service.ts';
import { BACKGROUND_REST, COMPACT_AFTER_BLOCKS, PRUNED_BLOCKS_PER_STEP } from '../base/limits.ts';
import { timeToNanos } from '../base/time.ts';
import type { FinalizeBlockResponse } from '../app/abci.ts';
import { Background } from '../store/background.ts';
import { compactSlowly, type KeyRange } from '../store/compaction.ts';
import * as keys from './block-keys.ts';
import type { BlockStore, StoredBlock } from './block-store.ts';

export interface PruningPolicy {
  /** Newest blocks to keep in any case; 0 keeps all blocks. */
  readonly keepRecent: number;
  /** Blocks of this age or younger stay. */
  readonly keepMs: number;
}

export const KEEP_ALL: PruningPolicy = { keepRecent: 0, keepMs: 0 };

/** Told of a block before it goes, again after a crash; what it made elsewhere goes with it. */
export type PruneListener = (
  block: StoredBlock,
  results: FinalizeBlockResponse | undefined,
) => Promise<void>;

const NANOS_PER_MILLI = 1_000_000n;

export class Pruner {
  readonly #store: BlockStore;
  readonly #policy: PruningPolicy;
  readonly #logger: Logger;
  readonly #gauges: ReturnType<typeof gauges>;
  readonly #listeners: PruneListener[] = [];
  readonly #work: Background;
  #retainHeight = 0;
  #compactedTo: number;

  constructor(
    store: BlockStore,
    policy: PruningPolicy,
    { logger, metrics }: { readonly logger: Logger; readonly metrics: Metrics },
  ) {
    this.#store = store;
    this.#policy = policy;
    this.#logger = logger;
    this.#gauges = gauges(metrics);
    this.#compactedTo = store.base();
    this.#work = new Background((error) => {
      logger.error('pruning failed', { error: String(error) });
    });
  }

  onPrune(listener: PruneListener): void {
    this.#listeners.push(listener);
  }

  /** After a block: the application needs those from `retainHeight` on, or all of them when it is 0. */
  wake(retainHeight: number): void {
    this.#retainHeight = retainHeight;
    this.#gauges.retain.set(retainHeight);
    this.#gauges.base.set(this.#store.base());
    if (this.#policy.keepRecent > 0) this.#work.begin(() => this.#run());
  }

  /** Resolves when nothing is being pruned. */
  idle(): Promise<void> {
    return this.#work.idle();
  }

  stop(): Promise<void> {
    return this.#work.stop();
  }

  async #run(): Promise<void> {
    while (!this.#work.isStopped) {
      const began = performance.now();
      const base = this.#store.base();
      const end = this.#endOfStep(base);
      if (base === 0 || end <= base) break;
      await this.#forget(base, end);
      await rest((performance.now() - began) * BACKGROUND_REST);
    }
    const base = this.#store.base();
    if (base - this.#compactedTo < COMPACT_AFTER_BLOCKS) return;
    await compactSlowly(
      this.#store.db,
      rangesOf(this.#compactedTo, base),
      () => this.#work.isStopped,
    );
    this.#logger.info('old blocks are gone from the disk', { below: base });
    this.#compactedTo = base;
  }

  async #forget(base: number, end: number): Promise<void> {
    for (let height = base; height < end; height += 1) {
      const block = this.#store.block(height);
      if (block === undefined) continue;
      const results = this.#store.results(height);
      for (const listener of this.#listeners) await listener(block, results);
    }
    await this.#store.prune(end);
  }

  /** The lowest height that must stay, as far as the next step goes. */
  #endOfStep(base: number): number {
    const state = this.#store.state();
    if (state === undefined) return base;
    const { keepRecent, keepMs } = this.#policy;
    const { maxAgeNumBlocks, maxAgeDurationNanos } = state.params.evidence;
    const end = Math.min(
      base + PRUNED_BLOCKS_PER_STEP,
      this.#retainHeight,
      state.height - keepRecent + 1,
      state.height - Number(maxAgeNumBlocks),
    );
    const keepNanos = BigInt(keepMs) * NANOS_PER_MILLI;
    const age = keepNanos > maxAgeDurationNanos ? keepNanos : maxAgeDurationNanos;
    const since = timeToNanos(state.time) - age;
    for (let height = base; height < end; height += 1) {
      const block = this.#store.block(height)?.block;
      if (block !== undefined && timeToNanos(block.header.time) >= since) return height;
    }
    return end;
  }
}

function gauges(metrics: Metrics) {
  return {
    base: metrics.gauge('cometbft_state_block_store_base_height', 'Lowest height with a block'),
    retain: metrics.gauge(
      'cometbft_state_application_block_retain_height',
      'Lowest block that the application needs',
    ),
  };
}

/** Where the records of these heights lie; hashes lie anywhere, and are small. */
function rangesOf(from: number, to: number): KeyRange[] {
  const byHeight = [
    keys.blockKeyOf,
    keys.metaKey,
    keys.resultsKey,
    keys.resultsPortionsOf,
    keys.validatorsKey,
    keys.paramsKey,
  ];
  return byHeight.map((key) => ({ start: key(Math.max(from - 1, 0)), end: key(to) }));
}

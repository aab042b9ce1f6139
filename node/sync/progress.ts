/** Tells operators how far sync is: a line every ten seconds, and the metrics of CometBFT's block sync. */
import type { Logger, Metrics } from '../base/service.ts';

const LINE_EVERY_MS = 10_000;

export interface AddedBlock {
  readonly height: number;
  readonly txs: number;
  readonly bytes: number;
}

/** Where the node is while it waits. */
export interface Place {
  readonly height: number;
  /** What peers claim. */
  readonly target: number;
  readonly peers: number;
  /** They all begin above the next block. */
  readonly isCutOff: boolean;
}

export class Progress {
  readonly #logger: Logger;
  readonly #gauges: ReturnType<typeof instruments>;
  #lastLineAt = 0;
  #heightThen = 0;
  #txs = 0;

  constructor(logger: Logger, metrics: Metrics) {
    this.#logger = logger;
    this.#gauges = instruments(metrics);
  }

  /** Consensus waits from now on. */
  begin(height: number, now: number): void {
    this.#gauges.syncing.set(1);
    this.#lastLineAt = now;
    this.#heightThen = height;
  }

  end(): void {
    this.#gauges.syncing.set(0);
  }

  added({ height, txs, bytes }: AddedBlock): void {
    this.#gauges.height.set(height);
    this.#gauges.txs.set(txs);
    this.#txs += txs;
    this.#gauges.totalTxs.set(this.#txs);
    this.#gauges.bytes.set(bytes);
  }

  /** Says how far it is when that was long ago. */
  tick(now: number, { height, target, peers, isCutOff }: Place): void {
    const elapsed = now - this.#lastLineAt;
    if (elapsed < LINE_EVERY_MS) return;
    const perSecond = ((height - this.#heightThen) * 1_000) / elapsed;
    this.#lastLineAt = now;
    this.#heightThen = height;
    if (isCutOff) {
      const why = `no peer has block ${height + 1} any more: join by a state, see statesync`;
      this.#logger.warn('this node cannot go on from its blocks', { height, peers, why });
      return;
    }
    if (target <= height) {
      const why = peers === 0 ? 'no peer is connected' : 'no peer is ahead that gives blocks';
      this.#logger.info('waiting for peers to sync from', { height, peers, why });
      return;
    }
    this.#logger.info('syncing blocks', {
      height,
      target,
      blocksPerSecond: Math.round(perSecond * 10) / 10,
      etaSeconds: perSecond > 0 ? Math.ceil((target - height) / perSecond) : 'unknown',
      peers,
    });
  }
}

function instruments(metrics: Metrics) {
  return {
    syncing: metrics.gauge(
      'cometbft_blocksync_syncing',
      '1 while consensus waits for blocks from peers',
    ),
    height: metrics.gauge('cometbft_blocksync_latest_block_height', 'Newest block from sync'),
    txs: metrics.gauge('cometbft_blocksync_num_txs', 'Transactions in the newest block from sync'),
    totalTxs: metrics.gauge('cometbft_blocksync_total_txs', 'Transactions in blocks from sync'),
    bytes: metrics.gauge(
      'cometbft_blocksync_block_size_bytes',
      'Size of the newest block from sync',
    ),
  };
}

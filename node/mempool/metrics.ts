/** What the mempool measures, under CometBFT's names. */
import { noMetrics, type Metrics } from '../base/service.ts';

const TX_BYTES = [64, 128, 256, 512, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576];

export function mempoolMetrics(metrics: Metrics = noMetrics) {
  const name = (part: string): string => `cometbft_mempool_${part}`;
  return {
    size: metrics.gauge(name('size'), 'Transactions that wait for a block'),
    bytes: metrics.gauge(name('size_bytes'), 'Bytes of the transactions that wait for a block'),
    txBytes: metrics.histogram(name('tx_size_bytes'), 'Sizes of accepted transactions', TX_BYTES),
    failed: metrics.counter(name('failed_txs'), 'Transactions that CheckTx refused'),
    rejected: metrics.counter(name('rejected_txs'), 'Transactions refused for want of room'),
    evicted: metrics.counter(name('evicted_txs'), 'Transactions that made room for better ones'),
    rechecks: metrics.counter(name('recheck_times'), 'Transactions checked again after a block'),
    known: metrics.counter(name('already_received_txs'), 'Transactions that were known already'),
  };
}

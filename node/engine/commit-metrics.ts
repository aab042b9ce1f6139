/** Measures each block as it becomes part of the chain; CometBFT's names where it has them. */
import { equal, toUpperHex, type Bytes } from '../base/bytes.ts';
import type { Metrics } from '../base/service.ts';
import { timeToNanos, type Time } from '../base/time.ts';
import type { FinalizeBlockResponse } from '../app/abci.ts';
import type { ValidatorSet } from '../consensus/validator-set.ts';
import type { MadeBlock } from './executor.ts';

const INTERVAL_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 3, 5, 10, 30];
const PROCESSING_MS = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500];
const ABSENT = 1;

export interface MeasuredCommit {
  readonly made: MadeBlock;
  /** The set that signed the block's last commit; absent for the first block. */
  readonly lastValidators: ValidatorSet | undefined;
  /** Of the block before, or of genesis. */
  readonly lastTime: Time;
  readonly results: FinalizeBlockResponse;
  /** From the decision until the block was durable and executed. */
  readonly seconds: number;
}

export class CommitMetrics {
  readonly #metrics: Metrics;
  readonly #at: ReturnType<typeof instruments>;
  /** Address of this node's validator, once it is known. */
  #own: Bytes | undefined;

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
    this.#at = instruments(metrics);
  }

  /** From now on the signatures of this validator are followed. */
  follow(address: Bytes): void {
    this.#own = address;
  }

  onCommit(measured: MeasuredCommit): void {
    const { made, results, seconds, lastTime } = measured;
    const { header, txs, evidence } = made.block;
    const at = this.#at;
    at.height.set(header.height);
    at.latestHeight.set(header.height);
    at.txs.set(txs.length);
    at.totalTxs.add(txs.length);
    at.size.set(made.bytes.length);
    at.chainSize.add(made.bytes.length);
    at.processing.observe(1000 * seconds);
    if (measured.lastValidators !== undefined) {
      const nanos = timeToNanos(header.time) - timeToNanos(lastTime);
      at.interval.observe(Number(nanos) / 1e9);
    }
    at.byzantine.set(evidence.length);
    at.byzantinePower.set(Number(evidence.reduce((sum, one) => sum + one.validatorPower, 0n)));
    if (results.validatorUpdates.length > 0) at.validatorUpdates.add();
    if (results.consensusParamUpdates !== undefined) at.paramUpdates.add();
    this.#signatures(measured);
  }

  /** A last commit has the late precommits too, so it is what counts. */
  #signatures({ lastValidators, made }: MeasuredCommit): void {
    if (lastValidators === undefined) return;
    const { lastCommit } = made.block;
    let missing = 0;
    let missingPower = 0n;
    lastValidators.validators.forEach(({ address, power }, index) => {
      const isMissing = lastCommit.signatures[index]?.flag === ABSENT;
      if (isMissing) {
        missing += 1;
        missingPower += power;
      }
      if (this.#own !== undefined && equal(address, this.#own)) {
        this.#ownSignature(address, power, isMissing ? undefined : lastCommit.height);
      }
    });
    this.#at.missing.set(missing);
    this.#at.missingPower.set(Number(missingPower));
  }

  #ownSignature(address: Bytes, power: bigint, signed: number | undefined): void {
    const labels = { validator_address: toUpperHex(address) };
    const name = 'cometbft_consensus_validator';
    this.#metrics
      .gauge(`${name}_power`, "Power of this node's validator", labels)
      .set(Number(power));
    if (signed !== undefined) {
      const help = "Last height signed by this node's validator";
      this.#metrics.gauge(`${name}_last_signed_height`, help, labels).set(signed);
    } else {
      const help = "Last commits without a signature of this node's validator";
      this.#metrics.counter(`${name}_missed_blocks`, help, labels).add();
    }
  }
}

function instruments(metrics: Metrics) {
  const gauge = (name: string, help: string) => metrics.gauge(`cometbft_consensus_${name}`, help);
  return {
    height: gauge('height', 'Height of the newest block'),
    latestHeight: gauge('latest_block_height', 'Height of the newest block'),
    txs: gauge('num_txs', 'Transactions in the newest block'),
    totalTxs: metrics.counter(
      'cometbft_consensus_total_txs',
      'Transactions committed since this node started',
    ),
    missing: gauge(
      'missing_validators',
      'Validators without a signature in the newest last commit',
    ),
    missingPower: gauge('missing_validators_power', 'Their power'),
    byzantine: gauge('byzantine_validators', 'Validators named by evidence in the newest block'),
    byzantinePower: gauge('byzantine_validators_power', 'Their power'),
    size: gauge('block_size_bytes', 'Size of the newest block'),
    chainSize: metrics.counter(
      'cometbft_consensus_chain_size_bytes',
      'Size of the blocks committed since this node started',
    ),
    interval: metrics.histogram(
      'cometbft_consensus_block_interval_seconds',
      'From the time of one block to that of the next',
      INTERVAL_SECONDS,
    ),
    processing: metrics.histogram(
      'cometbft_state_block_processing_time',
      'Milliseconds from the decision until the block is durable and executed',
      PROCESSING_MS,
    ),
    validatorUpdates: metrics.counter(
      'cometbft_state_validator_set_updates',
      'Blocks that changed the validator set',
    ),
    paramUpdates: metrics.counter(
      'cometbft_state_consensus_param_updates',
      'Blocks that changed the consensus parameters',
    ),
  };
}

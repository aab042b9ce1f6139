/**
 * The prover: follows the chain's sealed batches, proves those whose turn is its own, and submits what is
 * proven and attested, in order. Everything it needs to go on after a crash is on L1, on the chain or in
 * the job folder.
 */
import type { Clock, Logger } from '../base/service.ts';
import {
  batchChallenge,
  publicInputs,
  type BatchShape,
  type ChallengeContext,
} from '../../modules/ledger/index.ts';
import type { QueryStatusResponse } from '../../proto/gen/bitscale/settlement/v1/query.ts';
import { snarkjsBackend, type ProverBackend } from './backend.ts';
import type { ChainQuery } from './chain.ts';
import type { ProofJob, ProofJobs } from './jobs.ts';
import type { L1Client, L1Tip } from './l1-client.ts';
import { ATTESTATIONS, BATCH_DATA, STATUS } from './queries.ts';
import { ProverReplica, type PreparedBatch } from './replica.ts';
import { endOfRun, isOurs, type Rotation } from './rotation.ts';
import type { ProvenBatch, Submitter } from './submitter.ts';

export interface ProverOptions {
  readonly domain: bigint;
  readonly shape: BatchShape;
  readonly challenge: ChallengeContext;
  readonly rotation: Rotation;
  /** Longest wait for more batches of a run once its first is proven. */
  readonly gatherSeconds: number;
}

export interface ProverParts {
  readonly chain: ChainQuery;
  readonly l1: Pick<L1Client, 'tip'>;
  readonly jobs: Pick<ProofJobs, 'find' | 'prove' | 'forgetUpTo'>;
  readonly submitter: Pick<Submitter, 'submit'>;
  readonly backend: ProverBackend;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told in a word or two what the prover does now. */
  readonly activity: (text: string) => void;
}

/** Batches kept ready for proving ahead of L1. */
const MAX_PREPARED = 64;
/** Batches that L1 takes in one submission. */
const MAX_RUN = 64;
/** Failures of a back-end in a row after which snarkjs takes its place. */
const MAX_FAILURES = 3;

export class Prover {
  readonly #options: ProverOptions;
  readonly #parts: ProverParts;
  #replica: ProverReplica;
  readonly #prepared = new Map<bigint, PreparedBatch>();
  readonly #proven = new Map<bigint, ProvenBatch>();
  #backend: ProverBackend;
  #failures = 0;
  /** L1 wants a deposit in the next run that our turn does not reach: take as many batches as it takes. */
  #overdue = false;
  /** L1's next batch and since when it has been waiting. */
  #waiting = { batch: 0n, sinceMs: 0 };
  #complained = '';

  constructor(options: ProverOptions, parts: ProverParts) {
    this.#options = options;
    this.#parts = parts;
    this.#backend = parts.backend;
    this.#replica = new ProverReplica(options.domain, options.shape);
  }

  /** One round of work; answers whether there was any. Rejects when the chain or L1 does not answer. */
  async round(signal: AbortSignal): Promise<boolean> {
    const status = await this.#parts.chain.query(STATUS, {});
    const tip = await this.#parts.l1.tip();
    await this.#follow(status, tip);
    if (await this.#submit(status, tip)) return true;
    return this.#proveNext(tip, signal);
  }

  async #follow(status: QueryStatusResponse, tip: L1Tip): Promise<void> {
    this.#forget(status.final < tip.batchCount ? status.final : tip.batchCount);
    const next = tip.batchCount + 1n;
    if (next <= this.#replica.batch && !this.#prepared.has(next)) {
      // L1 lost what it had called final: begin again from the first batch.
      this.#replica = new ProverReplica(this.#options.domain, this.#options.shape);
      this.#prepared.clear();
    }
    const end = tip.batchCount + BigInt(MAX_PREPARED);
    while (this.#replica.batch < status.sealed && this.#replica.batch < end) {
      const number = this.#replica.batch + 1n;
      const { batch } = await this.#parts.chain.query(BATCH_DATA, { number });
      if (!batch) throw new Error(`the chain serves no content of batch ${number}`);
      const prepared = this.#replica.advance(batch);
      if (number > status.final || number > tip.batchCount) this.#prepared.set(number, prepared);
    }
    const waits = next <= status.sealed;
    if (this.#waiting.batch !== next) this.#overdue = false;
    if (this.#waiting.batch !== next || !waits) {
      this.#waiting = { batch: next, sinceMs: this.#parts.clock.monotonic() };
    }
  }

  /** Only what is final is dropped: a reorg of L1 brings the rest back. */
  #forget(batch: bigint): void {
    for (const number of this.#prepared.keys()) if (number <= batch) this.#prepared.delete(number);
    for (const number of this.#proven.keys()) if (number <= batch) this.#proven.delete(number);
    this.#parts.jobs.forgetUpTo(batch);
  }

  #idleSeconds(batch: bigint): number {
    if (batch > endOfRun(this.#waiting.batch)) return 0;
    return (this.#parts.clock.monotonic() - this.#waiting.sinceMs) / 1000;
  }

  async #proveNext(tip: L1Tip, signal: AbortSignal): Promise<boolean> {
    for (const [number, prepared] of [...this.#prepared].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (number <= tip.batchCount || this.#proven.has(number)) continue;
      const ours = isOurs(number, this.#idleSeconds(number), this.#options.rotation);
      if (!ours && !this.#overdue) continue;
      const job = this.#job(prepared);
      const proof = this.#parts.jobs.find(job) ?? (await this.#prove(job, signal));
      if (!proof) return false;
      this.#proven.set(number, { batch: prepared.batch, proof });
      return true;
    }
    return false;
  }

  #job({ batch, input }: PreparedBatch): ProofJob {
    const z = batchChallenge(this.#options.challenge, batch);
    const inputs = publicInputs(this.#options.domain, batch, z);
    const y = inputs.at(-1);
    return {
      batch: batch.number,
      input: { ...input, z: String(z), y: String(y) },
      publicInputs: inputs,
    };
  }

  async #prove(job: ProofJob, signal: AbortSignal) {
    const { activity, clock, jobs, logger } = this.#parts;
    activity(`proving ${job.batch}`);
    const started = clock.monotonic();
    logger.info('proving', { batch: String(job.batch), backend: this.#backend.name });
    try {
      const proof = await jobs.prove(job, this.#backend, signal);
      this.#failures = 0;
      const seconds = ((clock.monotonic() - started) / 1000).toFixed(1);
      logger.info('proved', { batch: String(job.batch), seconds });
      return proof;
    } catch (error) {
      if (signal.aborted) throw error;
      this.#failures++;
      logger.warn('proving failed', { batch: String(job.batch), reason: String(error) });
      if (this.#failures >= MAX_FAILURES && this.#backend !== snarkjsBackend) {
        logger.warn('going on with snarkjs instead', { gaveUp: this.#backend.name });
        this.#backend = snarkjsBackend;
      }
      return undefined;
    } finally {
      activity('idle');
    }
  }

  async #submit(status: QueryStatusResponse, tip: L1Tip): Promise<boolean> {
    const run: ProvenBatch[] = [];
    const first = tip.batchCount + 1n;
    const end = this.#overdue ? tip.batchCount + BigInt(MAX_RUN) : endOfRun(first);
    for (let number = first; number <= end; number++) {
      const proven = this.#proven.get(number);
      if (!proven) break;
      run.push(proven);
    }
    const last = first + BigInt(run.length) - 1n;
    if (run.length === 0) return false;
    if (run[0]?.batch.oldRoot !== tip.root) {
      this.#complain('L1 is at another root than the chain had there', { batch: String(first) });
      return false;
    }
    const more = last < end && last < status.sealed;
    if (more && this.#idleSeconds(first) < this.#options.gatherSeconds) return false;
    return this.#send(run, last);
  }

  async #send(run: readonly ProvenBatch[], last: bigint): Promise<boolean> {
    const { activity, chain, logger, submitter } = this.#parts;
    const attestations = await chain.query(ATTESTATIONS, { batch: last });
    if (!attestations.quorum) return this.#sendShorter(run, last);
    const range = `${run[0]?.batch.number}-${last}`;
    try {
      activity(`submitting ${range}`);
      const { hash, gasUsed, blockNumber } = await submitter.submit(run, attestations);
      this.#complained = '';
      logger.info('submitted', { batches: range, tx: hash, gas: String(gasUsed), l1: blockNumber });
      return true;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#complain('submission refused', { batches: range, reason });
      if (reason === 'QueueOverdue') this.#overdue = true;
      return false;
    } finally {
      activity('idle');
    }
  }

  /** Says a thing once: the next rounds meet the same. */
  #complain(message: string, fields: Record<string, string>): void {
    const text = JSON.stringify([message, fields]);
    if (text !== this.#complained) this.#parts.logger.warn(message, fields);
    this.#complained = text;
  }

  /** The certificate exists only for the last batch of each block: find one inside the run. */
  async #sendShorter(run: readonly ProvenBatch[], last: bigint): Promise<boolean> {
    if (run.length <= 1) return false;
    return this.#send(run.slice(0, -1), last - 1n);
  }
}

/**
 * Verifies batches of signatures beside the main thread, so that votes, timers and requests go on meanwhile.
 * It only ever saves time: whatever it does not answer is verified by the caller when it is needed.
 */
import { Worker } from 'node:worker_threads';
import { MAX_WORKER_BATCHES, MIN_WORKER_BATCH, WORKER_ANSWER_MS } from '../base/limits.ts';
import type { Clock, Counter, Logger, Metrics } from '../base/service.ts';
import {
  packChecks,
  type Answer,
  type Check,
  type Question,
  type Scheme,
} from './signature-batch.ts';

/** Built code is JavaScript, sources run as they are. */
const THREAD = new URL(
  `./signature-thread.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`,
  import.meta.url,
);
/** A thread that broke is not started again before this. */
const RESTART_MS = 10_000;

export interface SignatureWorkersDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

interface Waiting {
  readonly resolve: (good: readonly boolean[] | undefined) => void;
  readonly timer: NodeJS.Timeout;
}

export class SignatureWorkers {
  readonly #deps: SignatureWorkersDeps;
  readonly #thread: URL;
  readonly #waiting = new Map<number, Waiting>();
  readonly #verified: Counter;
  readonly #unanswered: Counter;
  #worker: Worker | undefined;
  #nextId = 0;
  #brokenAtMs = Number.NEGATIVE_INFINITY;
  #isStopped = false;

  constructor(deps: SignatureWorkersDeps, thread = THREAD) {
    this.#deps = deps;
    this.#thread = thread;
    this.#verified = deps.metrics.counter(
      'bitscale_process_worker_signatures_total',
      'Signatures verified beside the main thread',
    );
    this.#unanswered = deps.metrics.counter(
      'bitscale_process_worker_unanswered_total',
      'Batches of signatures that no worker answered',
    );
  }

  get isRunning(): boolean {
    return this.#worker !== undefined;
  }

  /**
   * For each check whether it holds. Undefined when the batch is too small to be worth the way, when too
   * many wait, or when the thread broke.
   */
  async verify(scheme: Scheme, checks: readonly Check[]): Promise<readonly boolean[] | undefined> {
    if (checks.length < MIN_WORKER_BATCH || this.#isStopped) return undefined;
    const worker = this.#waiting.size < MAX_WORKER_BATCHES ? this.#ready() : undefined;
    if (worker === undefined) {
      this.#unanswered.add();
      return undefined;
    }
    const id = this.#nextId++;
    const batch = packChecks(checks);
    const good = await new Promise<readonly boolean[] | undefined>((resolve) => {
      const timer = setTimeout(() => this.#broke('no answer'), WORKER_ANSWER_MS).unref();
      this.#waiting.set(id, { resolve, timer });
      worker.postMessage({ id, scheme, batch } satisfies Question, [batch.buffer]);
    });
    return good?.length === checks.length ? good : undefined;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#abandon();
  }

  #ready(): Worker | undefined {
    if (this.#worker !== undefined) return this.#worker;
    if (this.#deps.clock.monotonic() - this.#brokenAtMs < RESTART_MS) return undefined;
    const worker = new Worker(this.#thread, {
      name: 'signatures',
      resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 16 },
    });
    worker.unref();
    worker.on('message', (answer: Answer) => this.#answered(answer));
    worker.on('error', (error) => this.#broke(String(error)));
    worker.on('exit', () => {
      if (this.#worker === worker) this.#broke('the thread ended');
    });
    this.#worker = worker;
    return worker;
  }

  #answered({ id, good }: Answer): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    clearTimeout(waiting.timer);
    this.#verified.add(good.length);
    waiting.resolve(Array.from(good, (one) => one === 1));
  }

  #broke(reason: string): void {
    if (this.#isStopped) return;
    this.#brokenAtMs = this.#deps.clock.monotonic();
    this.#deps.logger.warn('signatures are verified on the main thread', { reason });
    void this.#abandon();
  }

  /** Whoever waits does the work itself. */
  async #abandon(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    for (const { resolve, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      if (!this.#isStopped) this.#unanswered.add();
      resolve(undefined);
    }
    this.#waiting.clear();
    await worker?.terminate();
  }
}

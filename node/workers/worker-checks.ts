/** What the node has verified beside the main thread: transactions of peers and proposals, and certificates. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Bytes } from '../base/bytes.ts';
import { BUSY_THREAD_SHARE, FEW_SIGNATURES, TXS_PER_TURN } from '../base/limits.ts';
import type { BulkChecks } from '../engine/expected.ts';
import type { SignatureCheck as TxSignatureCheck } from '../app/signature-cache.ts';
import type { Check } from './signature-batch.ts';
import type { SignatureWorkers } from './signature-workers.ts';
import { ThreadLoad } from './thread-load.ts';

/** The part of the application that remembers signatures. */
export interface SignatureMemory {
  /** What CheckTx would verify of these and does not know yet. */
  signatureChecks(txs: readonly Bytes[]): readonly TxSignatureCheck[];
  learnSignatures(checks: readonly TxSignatureCheck[], good: readonly boolean[]): void;
}

export class WorkerChecks implements BulkChecks {
  readonly #workers: SignatureWorkers;
  readonly #memory: SignatureMemory | undefined;
  readonly #load: Pick<ThreadLoad, 'share'>;

  constructor(
    workers: SignatureWorkers,
    memory?: SignatureMemory,
    load: Pick<ThreadLoad, 'share'> = new ThreadLoad(() => performance.now()),
  ) {
    this.#workers = workers;
    this.#memory = memory;
    this.#load = load;
  }

  /** For each check whether it holds; undefined when the caller must see for itself. */
  ed25519(checks: readonly Check[]): Promise<readonly boolean[] | undefined> {
    return this.#workers.verify('ed25519', checks);
  }

  /**
   * Afterwards the application knows the signatures of these, good and bad, as far as it was worth it. The way to
   * another thread and back takes a quarter of what a verification does, so a few are left to a thread that has time.
   */
  async txs(txs: readonly Bytes[]): Promise<void> {
    const memory = this.#memory;
    if (memory === undefined) return;
    if (txs.length <= FEW_SIGNATURES && this.#load.share < BUSY_THREAD_SHARE) return;
    const checks: TxSignatureCheck[] = [];
    for (let from = 0; from < txs.length; from += TXS_PER_TURN) {
      if (from > 0) await nextTurn();
      checks.push(...memory.signatureChecks(txs.slice(from, from + TXS_PER_TURN)));
    }
    const good = await this.#workers.verify('secp256k1', checks);
    if (good !== undefined) memory.learnSignatures(checks, good);
  }

  stop(): Promise<void> {
    return this.#workers.stop();
  }
}

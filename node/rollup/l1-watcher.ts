/**
 * Keeps two views of L1: what is final (the only thing that is ever reported to the chain) and what the
 * newest block shows (told to users as "proven"). The second is read anew each time, so a reorg that
 * drops a submission simply takes it out again.
 */
import type { Logger } from '../base/service.ts';
import type { AcceptedRun, L1Client, QueuedDeposit } from './l1-client.ts';

type L1Reader = Pick<L1Client, 'blockNumber' | 'deposits' | 'runs'>;

export class L1Watcher {
  readonly #l1: L1Reader;
  readonly #logger: Logger;
  /** Last final block whose events are in the maps below. */
  #scanned: number;
  readonly #deposits = new Map<bigint, QueuedDeposit>();
  #finalRuns: AcceptedRun[] = [];
  #recentRuns: AcceptedRun[] = [];
  #down = false;

  constructor(parts: { l1: L1Reader; logger: Logger; startBlock: number }) {
    this.#l1 = parts.l1;
    this.#logger = parts.logger;
    this.#scanned = parts.startBlock - 1;
  }

  /** Reads what is new. An L1 that does not answer is said once and tried again by the next call. */
  async poll(): Promise<void> {
    try {
      await this.#scanFinal();
      await this.#scanRecent();
      if (this.#down) this.#logger.info('L1 answers again');
      this.#down = false;
    } catch (error) {
      if (!this.#down) {
        this.#logger.warn('L1 does not answer; proofs and deposits wait until it does', {
          reason: error instanceof Error ? error.message : String(error),
        });
      }
      this.#down = true;
    }
  }

  async #scanFinal(): Promise<void> {
    const final = await this.#l1.blockNumber('finalized');
    if (final === undefined || final <= this.#scanned) return;
    const from = this.#scanned + 1;
    const deposits = await this.#l1.deposits(from, final);
    const runs = await this.#l1.runs(from, final);
    for (const deposit of deposits) this.#deposits.set(deposit.index, deposit);
    for (const run of runs) {
      // A provider may show a log twice.
      const known = this.#finalRuns.some(({ last }) => last === run.last);
      if (!known) this.#finalRuns.push(run);
    }
    this.#scanned = final;
  }

  async #scanRecent(): Promise<void> {
    const latest = await this.#l1.blockNumber('latest');
    if (latest === undefined) return;
    this.#recentRuns = latest > this.#scanned ? await this.#l1.runs(this.#scanned + 1, latest) : [];
  }

  /** Final deposits from `next` on without a gap, at most `limit`; older ones are forgotten. */
  deposits(next: bigint, limit: number): QueuedDeposit[] {
    for (const index of this.#deposits.keys()) {
      if (index < next) this.#deposits.delete(index);
    }
    const found: QueuedDeposit[] = [];
    for (let index = next; found.length < limit; index++) {
      const deposit = this.#deposits.get(index);
      if (!deposit) break;
      found.push(deposit);
    }
    return found;
  }

  /** Final runs that end after `batch`, oldest first; the chain knows the older ones. */
  finalRuns(batch: bigint): readonly AcceptedRun[] {
    this.#finalRuns = this.#finalRuns.filter((run) => run.last > batch);
    return this.#finalRuns;
  }

  /** The accepted run that covers a batch in this node's view of L1, final or not. */
  runOf(batch: bigint): AcceptedRun | undefined {
    const covers = (run: AcceptedRun): boolean => run.first <= batch && batch <= run.last;
    return this.#recentRuns.find(covers) ?? this.#finalRuns.find(covers);
  }

  get isDown(): boolean {
    return this.#down;
  }
}

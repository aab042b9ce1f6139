/** Batches of pages kept in memory after they are stored: the newest of all stores, within a bound. */
import type { PageBatch } from './page-batch.ts';

/** The batches of one store by version. */
export type BatchesByVersion = Map<number, PageBatch>;

interface Kept {
  readonly home: BatchesByVersion;
  bytes: number;
}

export class RecentPages {
  readonly #bound: number;
  /** Oldest first. */
  readonly #kept = new Map<PageBatch, Kept>();
  #bytes = 0;

  constructor(bound: number) {
    this.#bound = bound;
  }

  /** About what all of them take in memory. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Into `home`, until there are too many newer ones. */
  keep(batch: PageBatch, home: BatchesByVersion): void {
    home.set(batch.version, batch);
    this.#kept.set(batch, { home, bytes: 0 });
    this.shrunk(batch);
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.#bound) break;
      this.#drop(oldest);
    }
  }

  /** Some of its pages have been forgotten. */
  shrunk(batch: PageBatch): void {
    const kept = this.#kept.get(batch);
    if (!kept) return;
    if (!batch.tidy()) {
      this.#drop(batch);
      return;
    }
    this.#bytes += batch.bytes - kept.bytes;
    kept.bytes = batch.bytes;
  }

  #drop(batch: PageBatch): void {
    const { home, bytes } = this.#kept.get(batch) as Kept;
    home.delete(batch.version);
    this.#kept.delete(batch);
    this.#bytes -= bytes;
  }
}

/**
 * Takes snapshots in the background. A version never changes once it is committed, so blocks go on meanwhile;
 * the version is held so that pruning leaves it alone. Each piece of work is followed by a longer rest.
 */
import { setTimeout as rest } from 'node:timers/promises';
import type { Bytes } from '../../base/bytes.ts';
import { BACKGROUND_REST } from '../../base/limits.ts';
import { Background } from '../background.ts';
import type { MultiStore } from '../multi-store.ts';
import { exportState } from './export.ts';
import type { SnapshotFolder } from './folder.ts';
import type { Snapshot } from './format.ts';
import type { PlainOwner } from './plain-owner.ts';

export interface SnapshotterOptions {
  readonly chainId: string;
  readonly owner: PlainOwner;
  /** Snapshots are kept until there are more than these; 0 keeps all. */
  readonly keepRecent: number;
  /** A snapshot that could not be taken harms nobody but those who wait for it. */
  readonly onProblem: (error: unknown) => void;
}

export class Snapshotter {
  readonly folder: SnapshotFolder;
  readonly #stores: MultiStore;
  readonly #options: SnapshotterOptions;
  readonly #work: Background;

  constructor(stores: MultiStore, folder: SnapshotFolder, options: SnapshotterOptions) {
    this.#stores = stores;
    this.folder = folder;
    this.#options = options;
    this.#work = new Background(options.onProblem);
  }

  /** Starts a snapshot of the newest version unless one is being taken. */
  begin(): void {
    this.#work.begin(() => this.#run(this.#stores.version));
  }

  /** Resolves when no snapshot is being taken. */
  idle(): Promise<void> {
    return this.#work.idle();
  }

  /** The snapshot that is being taken is given up. */
  stop(): Promise<void> {
    return this.#work.stop();
  }

  /** `restFactor`: how many times longer the rests are than the work. */
  async take(version: number, restFactor = BACKGROUND_REST): Promise<Snapshot> {
    const release = this.#stores.hold(version);
    try {
      const { chainId, owner } = this.#options;
      const pieces = exportState(this.#stores.source(version), chainId, owner);
      return await this.folder.write(version, this.#paced(pieces, restFactor));
    } finally {
      release();
    }
  }

  async #run(version: number): Promise<void> {
    await this.take(version);
    const { keepRecent } = this.#options;
    if (keepRecent > 0) await this.folder.keepNewest(keepRecent);
  }

  async *#paced(pieces: Iterable<Bytes>, restFactor: number): AsyncIterable<Bytes> {
    let began = performance.now();
    for (const piece of pieces) {
      yield piece;
      const worked = performance.now() - began;
      await rest(worked * restFactor);
      if (this.#work.isStopped) throw new Error('the node stops');
      began = performance.now();
    }
  }
}

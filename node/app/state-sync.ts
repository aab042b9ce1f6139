/** The application's side of state sync: its own snapshots, and starting from somebody else's. */
import type { Bytes } from '../base/bytes.ts';
import { assert } from '../base/errors.ts';
import type { MultiStore } from '../store/multi-store.ts';
import type { SnapshotFolder } from '../store/snapshot/folder.ts';
import { judgeOffer } from '../store/snapshot/format.ts';
import type { PlainOwner } from '../store/snapshot/plain-owner.ts';
import type { Restore } from '../store/snapshot/restore.ts';
import { Snapshotter } from '../store/snapshot/snapshotter.ts';
import type { ChunkVerdict, OfferVerdict, Snapshot } from './abci.ts';

/** Where and how often snapshots are taken. */
export interface SnapshotOptions {
  readonly folder: SnapshotFolder;
  /** Heights from one to the next; 0 takes none. */
  readonly interval: number;
  readonly keepRecent: number;
}

/** What a snapshot is made with, and checked. */
interface ChainPart {
  readonly chainId: string;
  readonly owner: PlainOwner;
  readonly onProblem: (error: unknown) => void;
}

export class StateSync {
  readonly #stores: MultiStore;
  readonly #chainId: string;
  readonly #owner: PlainOwner;
  readonly #interval: number;
  readonly #snapshotter: Snapshotter | undefined;
  #restore: { readonly running: Restore; readonly chunks: number } | undefined;

  constructor(stores: MultiStore, chain: ChainPart, snapshots: SnapshotOptions | undefined) {
    this.#stores = stores;
    this.#chainId = chain.chainId;
    this.#owner = chain.owner;
    this.#interval = snapshots?.interval ?? 0;
    this.#snapshotter =
      snapshots && new Snapshotter(stores, snapshots.folder, { ...chain, ...snapshots });
  }

  /** Every node takes its snapshots at the same heights, so that a peer finds the same at many. */
  committed(): void {
    if (this.#interval > 0 && this.#stores.version % this.#interval === 0)
      this.#snapshotter?.begin();
  }

  /** One of the newest version, at once: nobody else wants the machine. */
  async take(): Promise<Snapshot> {
    assert(this.#snapshotter, 'there is no folder for snapshots');
    return this.#snapshotter.take(this.#stores.version, 0);
  }

  list(): readonly Snapshot[] {
    return this.#snapshotter?.folder.list() ?? [];
  }

  async chunk(height: number, format: number, index: number): Promise<Bytes | undefined> {
    return this.#snapshotter?.folder.chunk(height, format, index);
  }

  offer(snapshot: Snapshot, appHash: Bytes): OfferVerdict {
    this.#restore = undefined;
    const verdict = this.#stores.version === 0 ? judgeOffer(snapshot) : 'reject';
    if (verdict !== 'accept') return verdict;
    const terms = { offer: snapshot, appHash, chainId: this.#chainId, owner: this.#owner };
    this.#restore = { running: this.#stores.restore(terms), chunks: snapshot.chunks };
    return 'accept';
  }

  /** `done`: the state is that of the snapshot now. */
  async apply(index: number, chunk: Bytes): Promise<{ verdict: ChunkVerdict; done: boolean }> {
    assert(this.#restore, 'no snapshot was offered');
    const { running, chunks } = this.#restore;
    const verdict = await running.apply(index, chunk);
    if (verdict === 'reject') this.#restore = undefined;
    const done = verdict === 'accept' && index === chunks - 1;
    if (done) {
      this.#restore = undefined;
      this.#stores.reopen();
    }
    return { verdict, done };
  }

  /** Snapshots that are being taken are given up. */
  async stop(): Promise<void> {
    await this.#snapshotter?.stop();
  }

  /** Resolves when no snapshot is being taken. */
  async idle(): Promise<void> {
    await this.#snapshotter?.idle();
  }
}

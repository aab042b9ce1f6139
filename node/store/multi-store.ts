/**
 * The state of the chain: named stores that are committed together, in one synced atomic batch that
 * also holds the tip. Reading and writing are synchronous; only commit and prune wait for the disk.
 */
import { uint64ToBytes, type Bytes } from '../base/bytes.ts';
import { assert, BitscaleError, InvariantError } from '../base/errors.ts';
import {
  CHECKED_VERSIONS,
  MAX_CACHED_PAGE_BYTES,
  MAX_CACHED_TREE_NODES,
  MAX_CACHED_VALUE_BYTES,
  MAX_PRUNED_VERSIONS_PER_CALL,
} from '../base/limits.ts';
import { checkDatabase, encodeTip, readBase, readCommit, readTip } from './boot-check.ts';
import { MultiStoreBranch, type StoreSet } from './branch.ts';
import { appHashOf, encodeCommitRecord, type CommitRecord } from './commit-record.ts';
import { compactSlowly } from './compaction.ts';
import type { CommittedStore } from './committed-store.ts';
import type { Db, DbOp } from './db.ts';
import { verifyState } from './deep-check.ts';
import { ErrVersion } from './errors.ts';
import { RecentPages } from './iavl/recent-pages.ts';
import type { KvReader, KvStore } from './kv.ts';
import {
  BASE_KEY,
  commitKey,
  EVERYTHING,
  extraKey,
  markerKey,
  RESTORED_KEY,
  TIP_KEY,
} from './layout.ts';
import { pruneVersions } from './pruning.ts';
import { queryStore, type StoreAnswer, type StoreQuestion } from './query.ts';
import { ReadView } from './read-view.ts';
import { empty as emptyDatabase } from './snapshot/clear.ts';
import type { ExportSource } from './snapshot/export.ts';
import { Restore, type RestoreTerms } from './snapshot/restore.ts';
import {
  copyRenamed,
  dropOps,
  openStores,
  wantedStores,
  type Renamed,
  type StoreNames,
  type StoreUpgrade,
} from './store-set.ts';

export interface MultiStoreOptions extends StoreNames {
  /** The number of the first commit; 1 unless given. */
  readonly initialVersion?: number;
  readonly upgrade?: StoreUpgrade;
  /** Tree nodes kept in memory after a commit, all stores together. */
  readonly cachedNodes?: number;
  /** Bytes of tree pages kept in memory after they are stored, all stores together. */
  readonly cachedPageBytes?: number;
  /** Bytes of committed values kept in memory, per store. */
  readonly cachedValueBytes?: number;
}

export class MultiStore implements StoreSet {
  readonly #db: Db;
  readonly #options: MultiStoreOptions;
  readonly #cachedNodes: number;
  /** Versions that somebody reads for long. */
  readonly #held: number[] = [];
  #stores = new Map<string, CommittedStore>();
  #initialVersion = 1;
  #dropped: readonly string[] = [];
  #renamed: readonly Renamed[] = [];
  #record: CommitRecord | undefined;
  #appHash: Bytes = appHashOf([]);
  #base = 1;
  #busy: 'no' | 'commit' | 'failed' = 'no';
  #pruning = false;
  #restored = false;

  private constructor(db: Db, options: MultiStoreOptions) {
    this.#db = db;
    this.#options = options;
    this.#cachedNodes = options.cachedNodes ?? MAX_CACHED_TREE_NODES;
    this.reopen();
  }

  /** Reads what is in the database: at the start, and when a restore has replaced everything. */
  reopen(): void {
    const db = this.#db;
    const options = this.#options;
    const tip = readTip(db);
    this.#initialVersion = tip?.initialVersion ?? options.initialVersion ?? 1;
    this.#base = tip ? readBase(db, tip) : this.#initialVersion;
    this.#record = tip && checkDatabase(db, tip, this.#base);
    this.#restored = db.get(RESTORED_KEY) !== undefined;
    const opened = openStores(db, wantedStores(options), {
      record: this.#record,
      upgrade: options.upgrade ?? {},
      nextVersion: this.#record ? this.#record.version + 1 : this.#initialVersion,
      valueCacheBytes: options.cachedValueBytes ?? MAX_CACHED_VALUE_BYTES,
      recentPages: new RecentPages(options.cachedPageBytes ?? MAX_CACHED_PAGE_BYTES),
    });
    this.#stores = opened.stores;
    this.#dropped = opened.dropped;
    this.#renamed = opened.renamed;
    this.#appHash = tip?.appHash ?? appHashOf([]);
  }

  /** Checks the database first: throws DamagedStoreError when it is not sound. */
  static open(db: Db, options: MultiStoreOptions): MultiStore {
    return new MultiStore(db, options);
  }

  /** The newest committed version; 0 before the first. */
  get version(): number {
    return this.#record?.version ?? 0;
  }

  /** The oldest version that can be read. */
  get base(): number {
    return this.#base;
  }

  /** App hash of the newest committed version. */
  get appHash(): Bytes {
    return this.#appHash;
  }

  get nextVersion(): number {
    return this.#record ? this.#record.version + 1 : this.#initialVersion;
  }

  /** The working state of one store: what is written goes into the next commit. */
  store(name: string): KvStore {
    return this.#store(name);
  }

  branch(): MultiStoreBranch {
    return new MultiStoreBranch(this);
  }

  /** The app hash that a commit of the working state would give. */
  workingHash(): Bytes {
    return appHashOf(
      this.#sorted()
        .filter((store) => store.kind === 'iavl')
        .map((store) => ({ name: store.name, hash: store.rootHash() })),
    );
  }

  /**
   * For what a chain begins with, before its first commit: what has been written so far is read as committed and
   * outlives every `rollback`. The first commit stores it.
   */
  retain(): void {
    assert(this.#record === undefined, 'only what is there before the first commit is retained');
    for (const store of this.#stores.values()) store.retain();
  }

  /** Forgets everything written since the last commit. */
  rollback(): void {
    for (const store of this.#stores.values()) store.rollback();
    copyRenamed(this.#renamed);
  }

  /**
   * Writes the working state as the next version and returns its app hash. `extra` goes into the
   * same batch, in a key space of its own that `readExtra` reads. After a failure the object is
   * unusable.
   */
  async commit(extra: readonly DbOp[] = []): Promise<Bytes> {
    assert(this.#busy === 'no', `commit called while the last one has not succeeded`);
    this.#busy = 'commit';
    const version = this.nextVersion;
    try {
      const { record, ops } = this.#prepare(version);
      const appHash = this.workingHash();
      const dropped = await Promise.all(this.#dropped.map((n) => dropOps(this.#db, n, version)));
      for (const op of [...dropped.flat(), ...extra.map(inExtraSpace)]) ops.push(op);
      for (const op of this.#bookkeeping(record, appHash)) ops.push(op);
      const written = this.#db.batch(ops, { sync: true });
      for (const store of this.#stores.values()) store.release();
      await written;
      this.#settle();
      this.#record = record;
      this.#appHash = appHash;
      this.#dropped = [];
      this.#renamed = [];
      this.#restored = false;
    } catch (error) {
      this.#busy = 'failed';
      throw error;
    }
    this.#busy = 'no';
    return this.#appHash;
  }

  readExtra(key: Bytes): Bytes | undefined {
    return this.#db.get(extraKey(key));
  }

  /** The committed state at a kept version. */
  at(version: number): ReadView {
    if (!this.#record || version > this.version || version < this.#base) {
      throw new BitscaleError(ErrVersion, `version ${version}`);
    }
    if (version < this.version) return new ReadView(this.#db, readCommit(this.#db, version));
    return new ReadView(this.#db, this.#record, (name) => {
      const store = this.#stores.get(name);
      return store && { source: store.nodes, node: store.savedRoot };
    });
  }

  /** Where a kept version lies in the database. Hold the version while reading there. */
  source(version: number): ExportSource {
    if (!this.#record || version > this.version || version < this.#base) {
      throw new BitscaleError(ErrVersion, `version ${version}`);
    }
    const record = readCommit(this.#db, version);
    return { db: this.#db, record, plain: (name) => this.committed(name) };
  }

  /** Pruning leaves this version alone until the answer is called. */
  hold(version: number): () => void {
    this.#held.push(version);
    return () => void this.#held.splice(this.#held.indexOf(version), 1);
  }

  /** True from a restore to the first commit after it. */
  get isRestored(): boolean {
    return this.#restored;
  }

  /** A restore into this empty store; `reopen` when its last chunk is accepted. */
  restore(terms: Omit<RestoreTerms, 'names'>): Restore {
    assert(this.#record === undefined, 'only an empty store is restored');
    return new Restore(this.#db, { ...terms, names: this.#options });
  }

  /** Takes a restore back that nothing has been built on. */
  async forgetRestored(): Promise<void> {
    assert(this.#restored, 'the state did not come from a snapshot');
    await emptyDatabase(this.#db);
    this.reopen();
  }

  /** As abci_query answers `/store/<name>/key`: see query.ts for heights and refusals. */
  query(question: StoreQuestion): StoreAnswer {
    return queryStore(this, question);
  }

  kindOf(name: string): 'iavl' | 'plain' | undefined {
    return this.#stores.get(name)?.kind;
  }

  /** One store of either kind as of the last commit, uncommitted changes left out. */
  committed(name: string): KvReader {
    const store = this.#store(name);
    return {
      get: (key) => store.committedValue(key),
      has: (key) => store.committedValue(key) !== undefined,
      iterate: (start, end, reverse) => store.iterateCommitted(start, end, reverse),
    };
  }

  /** A value of any store as of the last commit. */
  committedValue(name: string, key: Bytes): Bytes | undefined {
    return this.#store(name).committedValue(key);
  }

  /**
   * Deletes versions below `keepFrom`, a bounded number per call; the newest always stays. Returns
   * the oldest version that is left. May run while blocks are executed and committed.
   */
  async prune(keepFrom: number): Promise<number> {
    const held = Math.min(...this.#held, this.version);
    const last = Math.min(keepFrom, held, this.#base + MAX_PRUNED_VERSIONS_PER_CALL);
    if (this.#pruning || last <= this.#base) return this.#base;
    this.#pruning = true;
    const first = this.#base;
    this.#base = last;
    try {
      await pruneVersions(this.#db, first, last);
    } finally {
      this.#pruning = false;
    }
    return this.#base;
  }

  /** Gives the disk space of pruned versions back; slowly, until `isStopped`. */
  compact(isStopped: () => boolean): Promise<void> {
    return compactSlowly(this.#db, [EVERYTHING], isStopped);
  }

  /** Recomputes the newest version from its leaves: complete, and as slow as the state is large. */
  async verify(): Promise<void> {
    if (this.#record) await verifyState(this.#db, this.#record);
  }

  #store(name: string): CommittedStore {
    const store = this.#stores.get(name);
    if (!store) throw new InvariantError(`no such store: ${name}`);
    return store;
  }

  #sorted(): CommittedStore[] {
    return [...this.#stores.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  #prepare(version: number): { record: CommitRecord; ops: DbOp[] } {
    const ops: DbOp[] = [];
    const stores = this.#sorted().map((store) => {
      const prepared = store.prepare();
      for (const op of prepared.ops) ops.push(op);
      return { name: store.name, kind: store.kind, root: prepared.root };
    });
    return { record: { version, stores }, ops };
  }

  /** Lets every store go on, each with its share of the nodes that may stay in memory. */
  #settle(): void {
    for (const store of this.#stores.values()) store.committed();
    const stores = [...this.#stores.values()];
    const loaded = stores.reduce((sum, store) => sum + store.nodes.loaded, 0);
    const scale = this.#cachedNodes / Math.max(1, loaded);
    for (const store of stores) {
      store.nodes.trim(store.savedRoot, scale < 1 ? store.nodes.loaded * scale : Infinity);
    }
  }

  #bookkeeping(record: CommitRecord, appHash: Bytes): DbOp[] {
    const { version } = record;
    const initialVersion = this.#initialVersion;
    const tip = encodeTip({ version, initialVersion, appHash });
    const ops: DbOp[] = [
      { type: 'put', key: commitKey(version), value: encodeCommitRecord(record) },
      { type: 'put', key: markerKey(version), value: appHash },
      { type: 'put', key: TIP_KEY, value: tip },
    ];
    if (!this.#record) ops.push({ type: 'put', key: BASE_KEY, value: uint64ToBytes(version) });
    if (this.#restored) ops.push({ type: 'del', key: RESTORED_KEY });
    const old = version - CHECKED_VERSIONS;
    if (old >= initialVersion) ops.push({ type: 'del', key: markerKey(old) });
    return ops;
  }
}

function inExtraSpace(op: DbOp): DbOp {
  return { ...op, key: extraKey(op.key) };
}

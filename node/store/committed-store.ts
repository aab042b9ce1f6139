/**
 * One store of the multi-store: its tree, its newest values and what the next commit writes of
 * them. A hashed store keeps values in the leaves, for proofs and history. A plain store uses the
 * tree only as an ordered index of its keys; overwriting a value does not touch it.
 */
import { EMPTY, type Bytes } from '../base/bytes.ts';
import { assert, InvariantError } from '../base/errors.ts';
import { CacheStore } from './cache-store.ts';
import type { Db, DbOp } from './db.ts';
import { FlatValues } from './flat-values.ts';
import { encodePlaces } from './iavl/codec.ts';
import { stubOf, refOf, type NodeRef, type PagePlace, type TreeNode } from './iavl/node.ts';
import { NodeStore } from './iavl/node-store.ts';
import { fitsInPage } from './iavl/page-update.ts';
import type { RecentPages } from './iavl/recent-pages.ts';
import { Tree, type Fresh } from './iavl/tree.ts';
import { valueOf, walk } from './iavl/walk.ts';
import {
  checkKey,
  checkPair,
  keyBytes,
  keyText,
  type Changes,
  type Key,
  type KvPair,
  type TextKey,
  type WholeKvStore,
} from './kv.ts';
import { nodeKey, nodePrefix, orphansKey } from './layout.ts';

export type StoreKind = 'iavl' | 'plain';

export interface CommittedStoreOptions {
  readonly name: string;
  readonly kind: StoreKind;
  readonly root: NodeRef | undefined;
  readonly nextVersion: number;
  readonly valueCacheBytes: number;
  /** Where pages are kept after they are stored; shared by all stores. */
  readonly recentPages?: RecentPages;
}

export class CommittedStore implements WholeKvStore {
  readonly name: string;
  readonly kind: StoreKind;
  readonly nodes: NodeStore;
  readonly #tree: Tree;
  readonly #values: FlatValues;
  #savedRoot: TreeNode | undefined;
  #fresh: Fresh | undefined;
  /** Of a plain store during its commit: what is being written, taken back. */
  #before: CacheStore | undefined;
  #locked = false;
  #writes = 0;

  constructor(db: Db, options: CommittedStoreOptions) {
    this.name = options.name;
    this.kind = options.kind;
    this.nodes = new NodeStore(db, options.name, options.recentPages);
    this.#values = new FlatValues(db, options.name, options.valueCacheBytes);
    this.#savedRoot = options.root && stubOf(options.root);
    this.#tree = new Tree(this.nodes, this.#savedRoot, options.nextVersion);
  }

  get(key: Key): Bytes | undefined {
    return this.#values.get(key);
  }

  has(key: Key): boolean {
    return this.#values.has(key);
  }

  set(key: Key, value: Bytes): void {
    checkPair(key, value);
    this.#writing();
    this.#set(keyText(key), ownValue(value));
  }

  #set(text: TextKey, value: Bytes): void {
    if (this.kind === 'iavl') {
      this.#tree.set(text, value, this.#values.remembers(text) ?? false);
    } else if (!this.#values.has(text)) {
      this.#tree.set(text, EMPTY);
    }
    this.#values.set(text, value);
  }

  delete(key: Key): void {
    checkKey(key);
    this.#writing();
    const text = keyText(key);
    if (this.#tree.remove(text) !== undefined) this.#values.delete(text);
  }

  /** What is a new value of a known key goes into the tree at once, the rest key by key. */
  take(changes: Changes): void {
    this.#writing();
    const done = this.kind === 'iavl' ? this.#update(changes) : undefined;
    for (const [text, value] of changes) {
      if (done?.has(text)) continue;
      if (value === null) this.delete(text);
      else this.#set(text, ownValue(value));
    }
  }

  /** Returns the keys that it has dealt with. */
  #update(changes: Changes): Set<string> {
    const keys: TextKey[] = [];
    const values: Bytes[] = [];
    for (const [text, value] of changes) {
      if (value === null || !fitsInPage(text, value)) continue;
      if (this.#values.remembers(text) === false) continue;
      keys.push(text);
      values.push(ownValue(value));
    }
    const done = new Set<string>(keys);
    for (const index of this.#tree.update(keys, values)) done.delete(keys[index] as string);
    keys.forEach((text, index) => {
      if (done.has(text)) this.#values.set(text, values[index] as Bytes);
    });
    return done;
  }

  iterate(start?: Bytes, end?: Bytes, reverse = false): IterableIterator<KvPair> {
    this.#tree.freeze();
    const pairs = walk(this.nodes, this.#tree.root, { start, end, reverse });
    return this.kind === 'iavl' ? pairs : this.#withValues(pairs, this.#writes);
  }

  /** Number of keys, uncommitted changes included. */
  get size(): number {
    return this.#tree.size;
  }

  /** The root of the last commit. */
  get savedRoot(): TreeNode | undefined {
    return this.#savedRoot;
  }

  rootHash(): Bytes {
    return this.#tree.rootHash();
  }

  /** A value as of the last commit, uncommitted changes left out. */
  committedValue(key: Key): Bytes | undefined {
    if (this.#before) return this.#before.get(key);
    // The database shows a new value some time before it says that it is written.
    if (this.#locked && this.#values.isChanged(key)) {
      return valueOf(this.nodes, this.#savedRoot, keyBytes(key));
    }
    return this.#values.committed(key);
  }

  /** All pairs as of the last commit. */
  iterateCommitted(start?: Bytes, end?: Bytes, reverse = false): IterableIterator<KvPair> {
    if (this.#before) return this.#before.iterate(start, end, reverse);
    const pairs = walk(this.nodes, this.#savedRoot, { start, end, reverse });
    return this.kind === 'iavl' ? pairs : this.#withCommittedValues(pairs);
  }

  *#withCommittedValues(pairs: IterableIterator<KvPair>): IterableIterator<KvPair> {
    for (const [key] of pairs) {
      const value = this.committedValue(key);
      // Nothing when a commit has deleted the key meanwhile.
      if (value) yield [key, value];
    }
  }

  /** What has been written so far is read as committed and outlives `rollback`; the next commit stores it. */
  retain(): void {
    assert(!this.#locked, 'a commit is under way');
    this.#tree.freeze();
    this.#savedRoot = this.#tree.root;
    this.#values.retain();
  }

  rollback(): void {
    assert(!this.#locked, 'a commit is under way');
    this.#tree.reset(this.#savedRoot);
    this.#values.discard();
    this.#writes++;
  }

  /** What a commit must write. No write is allowed until `committed`. */
  prepare(): { readonly ops: DbOp[]; readonly root: NodeRef | undefined } {
    this.#locked = true;
    if (this.kind === 'plain') this.#before = this.#takenBack();
    this.#fresh = this.#tree.placeNodes();
    const ops = this.nodes.puts(this.#fresh);
    for (const op of this.#values.ops()) ops.push(op);
    for (const op of this.#orphanOps(this.#fresh.orphans)) ops.push(op);
    const root = this.#tree.root;
    return { ops, root: root && refOf(root) };
  }

  /** While what `prepare` returned is being written. */
  release(): void {
    if (this.#fresh) this.nodes.release(this.#fresh);
  }

  /** What `prepare` returned is in the database. */
  committed(): void {
    this.#savedRoot = this.#tree.root;
    this.#tree.saved();
    this.#values.settled();
    if (this.#fresh) this.nodes.stored(this.#fresh);
    this.#fresh = undefined;
    this.#before = undefined;
    this.#locked = false;
  }

  /** The state before the changes of this commit, which deletes pages and values of it at once. */
  #takenBack(): CacheStore {
    const before = new CacheStore(this);
    for (const text of this.#values.changed()) {
      const value = this.#values.committed(text);
      if (value) before.set(text, value);
      else before.delete(text);
    }
    return before;
  }

  /** History is kept for hashed stores; the pages of a plain store go at once. */
  #orphanOps(orphans: readonly PagePlace[]): DbOp[] {
    if (orphans.length === 0) return [];
    if (this.kind === 'iavl') {
      const key = orphansKey(this.#tree.nextVersion, this.name);
      return [{ type: 'put', key, value: encodePlaces(orphans) }];
    }
    const prefix = nodePrefix(this.name);
    return orphans.map((orphan) => ({
      type: 'del',
      key: nodeKey(prefix, orphan),
    }));
  }

  #writing(): void {
    assert(!this.#locked, `store ${this.name} is written to during its commit`);
    this.#writes++;
  }

  *#withValues(pairs: IterableIterator<KvPair>, writes: number): IterableIterator<KvPair> {
    for (const [key] of pairs) {
      if (this.#writes !== writes) {
        throw new InvariantError(`plain store ${this.name} was written to while it was iterated`);
      }
      const value = this.#values.get(key);
      assert(value, `plain store ${this.name} lacks the value of a key in its index`);
      yield [key, value];
    }
  }
}

/** A copy, for it is kept for long: the value may lie in a far larger array, and slice() of a Buffer shares that. */
const ownValue = (value: Bytes): Bytes => new Uint8Array(value);

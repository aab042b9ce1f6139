/**
 * Fills an empty database from the chunks of a snapshot. Nothing in a snapshot is believed: the trees must hash
 * to the app hash that the caller trusts, and what the app hash does not cover is built or checked by its
 * owner from what it does. Only then the tip is written; until then the next start finds an empty database.
 */
import { equal, uint64ToBytes, type Bytes } from '../../base/bytes.ts';
import { assert, BitscaleError } from '../../base/errors.ts';
import { sha256 } from '../../base/hash.ts';
import { RESTORE_BATCH_BYTES, SNAPSHOT_CHUNK_BYTES } from '../../base/limits.ts';
import { encodeTip } from '../boot-check.ts';
import { appHashOf, encodeCommitRecord, hashedStores, type StoreRoot } from '../commit-record.ts';
import type { Db, DbOp } from '../db.ts';
import type { NodeRef } from '../iavl/node.ts';
import { BASE_KEY, commitKey, markerKey, TIP_KEY } from '../layout.ts';
import { wantedStores, type StoreNames } from '../store-set.ts';
import { BadSnapshot } from './bad-snapshot.ts';
import { beginAfresh, empty, restoredOps } from './clear.ts';
import { HASH_BYTES, judgeOffer, listedHash, type ChunkVerdict, type Snapshot } from './format.ts';
import { ItemReader, type Item } from './items.ts';
import { PlainImport } from './plain-import.ts';
import type { PlainOwner } from './plain-owner.ts';
import { TreeImport } from './tree-import.ts';

export interface RestoreTerms {
  readonly offer: Snapshot;
  /** The trusted one after `offer.height`. */
  readonly appHash: Bytes;
  readonly chainId: string;
  readonly names: StoreNames;
  readonly owner: PlainOwner;
}

export class Restore {
  readonly #db: Db;
  readonly #terms: RestoreTerms;
  readonly #reader = new ItemReader();
  readonly #trees = new Map<string, NodeRef | undefined>();
  #next = 0;
  #begun = false;
  #ended = false;
  #tree: TreeImport | undefined;
  #plain: PlainImport | undefined;
  #ops: DbOp[] = [];
  #bytes = 0;

  constructor(db: Db, terms: RestoreTerms) {
    assert(judgeOffer(terms.offer) === 'accept', 'only a sound offer is restored');
    assert(terms.appHash.length === HASH_BYTES, 'an app hash has 32 bytes');
    this.#db = db;
    this.#terms = terms;
  }

  /** `accept` for the last chunk: the state is complete and durable. After `reject` the database is empty. */
  async apply(index: number, chunk: Bytes): Promise<ChunkVerdict> {
    assert(index === this.#next, `chunk ${index} is out of order`);
    const { offer } = this.#terms;
    if (!equal(sha256(chunk), listedHash(offer, index))) return 'retry';
    try {
      if (index === 0) await beginAfresh(this.#db);
      this.#checkLength(index, chunk.length);
      this.#reader.push(chunk);
      for (let item = this.#reader.next(); item; item = this.#reader.next()) {
        // The owner of the plain stores reads the trees from the database.
        if (item.kind === 'plain') {
          this.#endTree();
          await this.#flush();
        }
        this.#take(item);
        if (this.#bytes >= RESTORE_BATCH_BYTES) await this.#flush();
      }
      this.#next = index + 1;
      if (this.#next === offer.chunks) await this.#finish();
      return 'accept';
    } catch (error) {
      if (!(error instanceof BadSnapshot || error instanceof BitscaleError)) throw error;
      await empty(this.#db);
      return 'reject';
    }
  }

  #checkLength(index: number, length: number): void {
    const isLast = index === this.#terms.offer.chunks - 1;
    if (length > SNAPSHOT_CHUNK_BYTES || (!isLast && length < SNAPSHOT_CHUNK_BYTES)) {
      throw new BadSnapshot(`chunk ${index} has ${length} bytes`);
    }
  }

  #take(item: Item): void {
    const isHead = item.kind === 'head';
    if (this.#ended || isHead === this.#begun) throw new BadSnapshot('an item is out of place');
    if (item.kind === 'head') this.#begin(item);
    else if (item.kind === 'leaf')
      this.#add(this.#openTree().leaf(item.version, item.key, item.value));
    else if (item.kind === 'inner') this.#add(this.#openTree().inner(item.version));
    else if (item.kind === 'tree') this.#beginTree(item.name);
    else if (item.kind === 'plain') this.#plainPart().beginStore(item.name);
    else if (item.kind === 'pair') this.#addPair(item.key, item.value);
    else this.#end();
  }

  #begin({ height, chainId }: { readonly height: number; readonly chainId: string }): void {
    const { offer, ...terms } = this.#terms;
    if (height !== offer.height) throw new BadSnapshot(`it is of height ${height}`);
    if (chainId !== terms.chainId) throw new BadSnapshot(`it is of chain ${chainId}`);
    this.#begun = true;
  }

  #beginTree(name: string): void {
    this.#endTree();
    if (this.#plain) throw new BadSnapshot('a tree behind the plain stores');
    const expected = this.#wanted('iavl')[this.#trees.size];
    if (name !== expected) throw new BadSnapshot(`store ${name} instead of ${expected}`);
    this.#tree = new TreeImport(name, this.#terms.offer.height);
  }

  #endTree(): void {
    if (this.#tree) {
      const { root, ops } = this.#tree.end();
      this.#trees.set(this.#tree.name, root);
      this.#add(ops);
    }
    this.#tree = undefined;
  }

  #openTree(): TreeImport {
    if (!this.#tree) throw new BadSnapshot('a node outside of a tree');
    return this.#tree;
  }

  #addPair(key: Bytes, value: Bytes): void {
    this.#plainPart().pair(key, value);
    this.#bytes += key.length + value.length;
  }

  /** Plain stores come when all trees are there and known to be right. */
  #plainPart(): PlainImport {
    if (this.#plain) return this.#plain;
    this.#endTree();
    const { offer, appHash, owner } = this.#terms;
    const wanted = this.#wanted('iavl');
    if (this.#trees.size !== wanted.length) throw new BadSnapshot('a store is missing');
    const stores = wanted.map((name): StoreRoot => ({
      name,
      kind: 'iavl',
      root: this.#trees.get(name),
    }));
    const record = { version: offer.height, stores };
    if (!equal(appHashOf(hashedStores(record)), appHash)) throw new BadSnapshot('another app hash');
    this.#plain = new PlainImport(this.#db, record, { names: this.#wanted('plain'), owner });
    return this.#plain;
  }

  #end(): void {
    this.#plainPart().endPairs();
    this.#ended = true;
  }

  #wanted(kind: 'iavl' | 'plain'): string[] {
    return wantedStores(this.#terms.names)
      .filter((store) => store.kind === kind)
      .map(({ name }) => name);
  }

  #add(ops: readonly DbOp[]): void {
    for (const op of ops) {
      this.#ops.push(op);
      this.#bytes += op.key.length + (op.type === 'put' ? op.value.length : 0);
    }
  }

  /** Synced, because a sync at the end would not cover what LevelDB has moved to another file meanwhile. */
  async #flush(): Promise<void> {
    const ops = [...this.#ops, ...(this.#plain?.flush() ?? [])];
    this.#ops = [];
    this.#bytes = 0;
    await this.#db.batch(ops, { sync: true });
  }

  async #finish(): Promise<void> {
    if (!this.#ended || !this.#reader.isEmpty) throw new BadSnapshot('it is cut off');
    await this.#flush();
    const plain = this.#plainPart();
    for (const _ of plain.finish()) await this.#flush();
    const { offer, appHash } = this.#terms;
    const version = offer.height;
    const { record, ops: last } = plain.seal();
    const tip = encodeTip({ version, initialVersion: version, appHash });
    const ops: DbOp[] = [
      ...last,
      { type: 'put', key: commitKey(version), value: encodeCommitRecord(record) },
      { type: 'put', key: markerKey(version), value: appHash },
      { type: 'put', key: BASE_KEY, value: uint64ToBytes(version) },
      { type: 'put', key: TIP_KEY, value: tip },
      ...restoredOps(),
    ];
    await this.#db.batch(ops, { sync: true });
  }
}

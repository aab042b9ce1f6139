/**
 * Saved tree nodes of one store: reading them with a check of their hash, and forgetting cold pages.
 */
import type { Bytes } from '../../base/bytes.ts';
import type { Db, DbOp } from '../db.ts';
import { DamagedStoreError } from '../errors.ts';
import { nodeKey, nodePrefix } from '../layout.ts';
import { hashNode, type PagePlace, type TreeNode } from './node.ts';
import { decodeContent } from './page.ts';
import { PageBatch, type PageRecord } from './page-batch.ts';
import { RecentPages, type BatchesByVersion } from './recent-pages.ts';
import type { Fresh, TreePages } from './tree.ts';

/** Longest time, in commits, that a node nobody looks at stays in memory. */
const MAX_KEPT_ROUNDS = 8;

export class NodeStore implements TreePages {
  readonly #db: Db;
  readonly #name: string;
  readonly #prefix: Bytes;
  readonly #recent: RecentPages;
  readonly #batches: BatchesByVersion = new Map();
  #building: PageBatch | undefined;
  /** Number of commits so far: tells hot nodes from cold ones. */
  #round = 1;
  #loaded = 0;
  /** Rounds for which an unused node is kept. */
  #keep = MAX_KEPT_ROUNDS;

  /** `recent`: where the bytes of stored pages are kept; nowhere unless given. */
  constructor(db: Db, name: string, recent = new RecentPages(0)) {
    this.#db = db;
    this.#name = name;
    this.#prefix = nodePrefix(name);
    this.#recent = recent;
  }

  /** About how many saved nodes are in memory. */
  get loaded(): number {
    return this.#loaded;
  }

  load(node: TreeNode): void {
    node.used = this.#round;
    if (node.key !== undefined) return;
    if (node.record === undefined) this.#read(node);
    decodeContent(node);
    this.#loaded++;
    if (node.trusted || hashNode(node) === node.hash) return;
    unload(node);
    throw new DamagedStoreError(`${this.#placeOf(node)} does not have the hash its parent names`);
  }

  find(place: PagePlace): PageRecord {
    const building = place.page === this.#building?.version ? this.#building : undefined;
    const recent = (building ?? this.#batches.get(place.page))?.find(place.nonce);
    if (recent) return recent;
    const bytes = this.#db.get(nodeKey(this.#prefix, place));
    if (bytes) return { bytes, start: 0, end: bytes.length, trusted: false };
    const { page, nonce } = place;
    throw new DamagedStoreError(`page ${page}/${nonce} of store ${this.#name} is missing`);
  }

  building(version: number): PageBatch {
    if (this.#building?.version === version) return this.#building;
    return (this.#building = new PageBatch(this.#prefix, version));
  }

  discard(): void {
    // Numbers are not given again: an iterator over what is discarded must not meet other pages.
    const old = this.#building;
    if (old) this.#building = new PageBatch(this.#prefix, old.version, old.next);
  }

  #read(node: TreeNode): void {
    const { bytes, start, end, trusted } = this.find(node);
    // A copy of what lies among other pages, which must not stay because of this one.
    node.record = trusted ? new Uint8Array(bytes.subarray(start, end)) : bytes;
    node.at = 0;
    node.end = end - start;
    node.trusted = trusted;
  }

  #placeOf({ page, nonce, version }: TreeNode): string {
    return `node ${version} in page ${page}/${nonce} of store ${this.#name}`;
  }

  /** The operations that store new pages. */
  puts({ batch, pages }: Fresh): DbOp[] {
    for (const page of pages) batch.write(page);
    return batch.ops();
  }

  /** While the pages are being stored: those that they stand for need not stay in memory. */
  release({ orphans }: Fresh): void {
    const touched = new Set<PageBatch>();
    for (const { page, nonce } of orphans) {
      const home = this.#batches.get(page);
      if (!home) continue;
      home.forget(nonce);
      touched.add(home);
    }
    for (const home of touched) this.#recent.shrunk(home);
  }

  /** These are stored now and count as loaded. */
  stored({ batch, pages, loaded }: Fresh): void {
    this.#loaded += loaded;
    for (const page of pages) page.used ||= this.#round;
    this.#recent.keep(batch, this.#batches);
    this.#building = undefined;
  }

  /**
   * After a commit: now and then forgets the nodes not looked at for long, and when more than `bound` are in memory
   * those not looked at for longest until at most three quarters are left. A parent is always at least as hot as its
   * children, so the search stops at the first cold node.
   */
  trim(root: TreeNode | undefined, bound: number): void {
    if (this.#loaded <= bound || !root) this.#keep = Math.min(MAX_KEPT_ROUNDS, this.#keep + 1);
    if (root && this.#round % MAX_KEPT_ROUNDS === 0) this.#forget(root);
    while (this.#loaded > bound && root) {
      this.#forget(root);
      if (this.#loaded <= (bound * 3) / 4 || this.#keep === 0) break;
      this.#keep >>= 1;
    }
    if (this.#loaded > bound && root) {
      unload(root);
      this.#loaded = 0;
    }
    if (!root) this.#loaded = 0;
    this.#round++;
  }

  #forget(root: TreeNode): void {
    this.#loaded = unloadColder(root, this.#round - this.#keep);
  }
}

function unload(node: TreeNode): void {
  node.key = undefined;
  node.value = undefined;
  node.left = undefined;
  node.right = undefined;
  if (node.nonce > 0) node.record = undefined;
}

/** Makes stubs of all pages last used before `round`; returns how many loaded nodes are left. */
function unloadColder(node: TreeNode, round: number): number {
  if (node.key === undefined) return 0;
  if (node.used < round && node.nonce > 0) {
    unload(node);
    return 0;
  }
  if (node.height === 0) return 1;
  return (
    1 + unloadColder(node.left as TreeNode, round) + unloadColder(node.right as TreeNode, round)
  );
}

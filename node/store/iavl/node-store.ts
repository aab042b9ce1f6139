/**
 * Saved tree nodes of one store: reading them with a check of their hash, and forgetting cold pages.
 */
import type { Bytes } from '../../base/bytes.ts';
import type { Db, DbOp } from '../db.ts';
import { DamagedStoreError } from '../errors.ts';
import { nodeKey, nodePrefix } from '../layout.ts';
import { hashNode, type TreeNode } from './node.ts';
import { decodeContent, PageWriter } from './page.ts';
import type { Fresh, NodeSource } from './tree.ts';

/** Longest time, in commits, that an unused node stays in memory when there are too many. */
const MAX_KEPT_ROUNDS = 64;

export class NodeStore implements NodeSource {
  readonly #db: Db;
  readonly #name: string;
  readonly #prefix: Bytes;
  /** Number of commits so far: tells hot nodes from cold ones. */
  #round = 1;
  #loaded = 0;
  /** Rounds for which an unused node is kept when there are too many. */
  #keep = MAX_KEPT_ROUNDS;

  constructor(db: Db, name: string) {
    this.#db = db;
    this.#name = name;
    this.#prefix = nodePrefix(name);
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
    if (hashNode(node) === node.hash) return;
    unload(node);
    throw new DamagedStoreError(`${this.#placeOf(node)} does not have the hash its parent names`);
  }

  #read(node: TreeNode): void {
    const record = this.#db.get(nodeKey(this.#prefix, node));
    if (!record) throw new DamagedStoreError(`${this.#placeOf(node)} is missing`);
    node.record = record;
    node.at = 0;
    node.end = record.length;
  }

  #placeOf({ page, nonce, version }: TreeNode): string {
    return `node ${version} in page ${page}/${nonce} of store ${this.#name}`;
  }

  /** The operations that store new pages. */
  puts({ pages }: Fresh): DbOp[] {
    const writer = new PageWriter(this.#prefix);
    return pages.map((page) => writer.put(page));
  }

  /** These are stored now and count as loaded. */
  stored({ pages, loaded }: Fresh): void {
    this.#loaded += loaded;
    for (const page of pages) page.used = this.#round;
  }

  /**
   * After a commit: when more than `bound` nodes are in memory, forgets those not looked at for
   * longest until at most three quarters are left. A parent is always at least as hot as its
   * children, so the search stops at the first cold node.
   */
  trim(root: TreeNode | undefined, bound: number): void {
    if (this.#loaded <= bound || !root) this.#keep = Math.min(MAX_KEPT_ROUNDS, this.#keep + 1);
    while (this.#loaded > bound && root) {
      this.#loaded = unloadColder(root, this.#round - this.#keep);
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

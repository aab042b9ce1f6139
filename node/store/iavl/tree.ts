/**
 * The mutable IAVL tree: inserting, removing, rotating and hashing exactly as the reference does.
 * Nothing here knows a database; nodes that are not in memory come from a NodeSource.
 *
 * Every node on the path of a change is created anew with the version being built. Nodes that this
 * tree has created since the last `freeze` are changed in place instead of copied once more.
 */
import type { Bytes } from '../../base/bytes.ts';
import { assert } from '../../base/errors.ts';
import { fromText } from '../kv.ts';
import { EMPTY_ROOT, hashNode, leafNode, refOf, stubOf, TreeNode, type PagePlace } from './node.ts';
import type { PageBatch, PageRecord } from './page-batch.ts';
import { PageUpdate, type Updates } from './page-update.ts';
import { placeNodes } from './placing.ts';

export interface NodeSource {
  /** Fills a stub with its content; returns at once when it is loaded. Throws when it cannot. */
  load(node: TreeNode): void;
}

/** Where a tree that is being changed has its pages. */
export interface TreePages extends NodeSource {
  /** Throws when there is no such page. */
  find(place: PagePlace): PageRecord;
  /** The pages of the version that is being made. */
  building(version: number): PageBatch;
  /** Forgets those. */
  discard(): void;
}

/** What a commit has to store. */
export interface Fresh {
  readonly batch: PageBatch;
  /** The roots of those new pages that are still to be written into it. */
  readonly pages: readonly TreeNode[];
  /** Saved pages that this version no longer refers to. */
  readonly orphans: readonly PagePlace[];
  /** How many nodes more are in memory than at the last commit. */
  readonly loaded: number;
}

export class Tree {
  readonly #source: TreePages;
  #root: TreeNode | undefined;
  /** The version that new nodes get: one more than the newest saved. */
  #version: number;
  #epoch = 1;
  /** Saved pages that the tree no longer refers to. */
  #orphans: PagePlace[] = [];
  /** Loaded saved nodes that the tree no longer refers to. */
  #replaced = 0;
  /** Set by the recursion below: did the key exist? */
  #found = false;
  #removedValue: Bytes | undefined;
  /** The caller knows that the key exists: its leaf need not be read to be replaced. */
  #known = false;

  constructor(source: TreePages, root: TreeNode | undefined, nextVersion: number) {
    this.#source = source;
    this.#root = root;
    this.#version = nextVersion;
  }

  get root(): TreeNode | undefined {
    return this.#root;
  }

  get nextVersion(): number {
    return this.#version;
  }

  get size(): number {
    return this.#root?.size ?? 0;
  }

  /**
   * Returns whether the key was there already. Writing the same value again is a change too.
   * `known` is the caller's word that the key is there.
   */
  set(key: string, value: Bytes, known = false): boolean {
    this.#found = false;
    this.#known = known;
    this.#root = this.#root
      ? this.#insert(this.#root, key, value)
      : this.#owned(leafNode(key, value, this.#version));
    return this.#found;
  }

  /**
   * Sets keys that are there, ascending, to new values that fit in a page: the same as one `set` for each, at a
   * fraction of the cost. Returns which of them are not there; for those nothing is done.
   */
  update(keys: readonly string[], values: readonly Bytes[]): readonly number[] {
    if (!this.#root || keys.length === 0) return keys.map((_, index) => index);
    const updates: Updates = { keys, values, missing: [] };
    const target = {
      find: (place: PagePlace): PageRecord => this.#source.find(place),
      replaced: (place: PagePlace): void => this.#orphaned(place),
      fresh: this.#source.building(this.#version),
    };
    const inPages = new PageUpdate(updates, target);
    this.#root = this.#update(this.#root, [updates, inPages], 0, keys.length);
    return updates.missing;
  }

  /** Returns the removed value; undefined, and no change, when the key is not there. */
  remove(key: string): Bytes | undefined {
    this.#found = false;
    this.#removedValue = undefined;
    if (!this.#root) return undefined;
    const { node } = this.#remove(this.#root, key);
    if (this.#found) this.#root = node;
    return this.#removedValue;
  }

  /** What has been created so far stays as it is: later changes copy it. For open iterators. */
  freeze(): void {
    this.#epoch++;
  }

  /** Hashes what has changed; the root as it would be saved. */
  rootHash(): Bytes {
    if (!this.#root) return EMPTY_ROOT;
    return fromText(this.#hash(this.#root));
  }

  /**
   * Gives every new node its place: in a page of its own, or in that of its parent. Saved nodes whose page has
   * gone get a new one too. Call `saved` once the pages are stored.
   */
  placeNodes(): Fresh {
    this.rootHash();
    const batch = this.#source.building(this.#version);
    const { pages, count } = placeNodes(this.#root, batch);
    return { batch, pages, orphans: this.#orphans, loaded: count - this.#replaced };
  }

  /** The working state has become a saved version; go on with the next. */
  saved(): void {
    this.#version++;
    this.#epoch++;
    this.#orphans = [];
    this.#replaced = 0;
  }

  /** Goes back to a saved root: changes since then are forgotten. */
  reset(root: TreeNode | undefined): void {
    this.#root = root;
    this.#source.discard();
    this.#epoch++;
    this.#orphans = [];
    this.#replaced = 0;
  }

  #load(node: TreeNode): TreeNode {
    this.#source.load(node);
    return node;
  }

  #owned(node: TreeNode): TreeNode {
    node.owner = this.#epoch;
    return node;
  }

  #isOwn(node: TreeNode): boolean {
    return node.page === 0 && node.owner === this.#epoch;
  }

  #dropped(node: TreeNode): void {
    if (node.page > 0 && node.key !== undefined) this.#replaced++;
    if (node.nonce > 0) this.#orphaned(node);
  }

  #orphaned({ page, nonce }: PagePlace): void {
    if (page === this.#version) this.#source.building(page).forget(nonce);
    else this.#orphans.push({ page, nonce });
  }

  /** The node itself when it may be changed in place, else a copy with the version being built. */
  #writable(node: TreeNode): TreeNode {
    if (this.#isOwn(node)) {
      node.hash = undefined;
      return node;
    }
    return this.#copied(this.#load(node));
  }

  #copied(node: TreeNode): TreeNode {
    this.#dropped(node);
    const copy = new TreeNode(node.height, node.size, this.#version);
    copy.key = node.key;
    copy.value = node.value;
    copy.left = node.left;
    copy.right = node.right;
    copy.used = node.used;
    return this.#owned(copy);
  }

  /** Whole pages are changed as they lie; nodes only where they are in memory. */
  #update(node: TreeNode, how: [Updates, PageUpdate], low: number, high: number): TreeNode {
    if (low === high) return node;
    const [{ keys, values, missing }, inPages] = how;
    if (node.key === undefined) {
      if (node.nonce > 0) {
        const root = inPages.apply(refOf(node), { low, high });
        return root ? stubOf(root) : node;
      }
      this.#load(node);
    }
    const own = node.key as string;
    if (node.height === 0) {
      let leaf = node;
      for (let i = low; i < high; i++) {
        if (keys[i] === own) leaf = this.#owned(leafNode(own, values[i] as Bytes, this.#version));
        else missing.push(i);
      }
      if (leaf !== node) this.#dropped(node);
      return leaf;
    }
    const middle = split(keys, own, low, high);
    const left = this.#update(node.left as TreeNode, how, low, middle);
    const right = this.#update(node.right as TreeNode, how, middle, high);
    if (left === node.left && right === node.right) return node;
    const fresh = this.#isOwn(node) ? node : this.#copied(node);
    fresh.hash = undefined;
    fresh.left = left;
    fresh.right = right;
    return fresh;
  }

  #insert(node: TreeNode, key: string, value: Bytes): TreeNode {
    if (node.height === 0 && this.#known) {
      return this.#insertAtLeaf(node, 0, leafNode(key, value, this.#version));
    }
    this.#load(node);
    const order = orderOf(key, node.key as string);
    if (node.height === 0)
      return this.#insertAtLeaf(node, order, leafNode(key, value, this.#version));
    const own = this.#writable(node);
    if (order < 0) own.left = this.#insert(own.left as TreeNode, key, value);
    else own.right = this.#insert(own.right as TreeNode, key, value);
    if (this.#found) return own;
    measure(own);
    return this.#balance(own);
  }

  #insertAtLeaf(old: TreeNode, order: number, fresh: TreeNode): TreeNode {
    this.#owned(fresh);
    if (order === 0) {
      this.#found = true;
      this.#dropped(old);
      return fresh;
    }
    const parent = this.#owned(new TreeNode(1, 2, this.#version));
    parent.left = order < 0 ? fresh : old;
    parent.right = order < 0 ? old : fresh;
    parent.key = parent.right.key;
    return parent;
  }

  /**
   * `node`: what stands in its place (undefined when nothing is left); `key`: its new smallest key.
   */
  #remove(node: TreeNode, key: string): { node: TreeNode | undefined; key?: string | undefined } {
    this.#load(node);
    const order = orderOf(key, node.key as string);
    if (node.height === 0) {
      if (order !== 0) return { node };
      this.#found = true;
      this.#removedValue = node.value;
      this.#dropped(node);
      return { node: undefined };
    }
    const child = (order < 0 ? node.left : node.right) as TreeNode;
    const below = this.#remove(child, key);
    if (!this.#found) return { node };
    if (!below.node) {
      this.#dropped(node);
      return order < 0 ? { node: node.right, key: node.key } : { node: node.left };
    }
    const own = this.#writable(node);
    if (order < 0) {
      own.left = below.node;
    } else {
      own.right = below.node;
      if (below.key !== undefined) own.key = below.key;
    }
    measure(own);
    return { node: this.#balance(own), key: order < 0 ? below.key : undefined };
  }

  #balance(node: TreeNode): TreeNode {
    const lean = leanOf(node);
    if (lean > 1) {
      const left = this.#load(node.left as TreeNode);
      if (leanOf(left) < 0) node.left = this.#rotateLeft(this.#writable(left));
      return this.#rotateRight(node);
    }
    if (lean < -1) {
      const right = this.#load(node.right as TreeNode);
      if (leanOf(right) > 0) node.right = this.#rotateRight(this.#writable(right));
      return this.#rotateLeft(node);
    }
    return node;
  }

  #rotateRight(node: TreeNode): TreeNode {
    const top = this.#writable(node.left as TreeNode);
    node.left = top.right;
    top.right = node;
    measure(node);
    measure(top);
    return top;
  }

  #rotateLeft(node: TreeNode): TreeNode {
    const top = this.#writable(node.right as TreeNode);
    node.right = top.left;
    top.left = node;
    measure(node);
    measure(top);
    return top;
  }

  #hash(node: TreeNode): string {
    if (node.hash) return node.hash;
    if (node.height > 0) {
      assert(node.left && node.right, 'an unsaved inner node has both children');
      this.#hash(node.left);
      this.#hash(node.right);
    }
    return (node.hash = hashNode(node));
  }
}

function orderOf(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The first of the ascending keys from `low` to `high` - 1 that is not below `key`. */
function split(keys: readonly string[], key: string, low: number, high: number): number {
  let [from, to] = [low, high];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((keys[middle] as string) < key) from = middle + 1;
    else to = middle;
  }
  return from;
}

function measure(node: TreeNode): void {
  const left = node.left as TreeNode;
  const right = node.right as TreeNode;
  node.height = Math.max(left.height, right.height) + 1;
  node.size = left.size + right.size;
}

/** How much higher the left side is. */
function leanOf(node: TreeNode): number {
  return (node.left as TreeNode).height - (node.right as TreeNode).height;
}

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
import { EMPTY_ROOT, hashNode, leafNode, TreeNode, type PagePlace } from './node.ts';
import { beginsPage } from './page.ts';

export interface NodeSource {
  /** Fills a stub with its content; returns at once when it is loaded. Throws when it cannot. */
  load(node: TreeNode): void;
}

/** What a commit has to store. */
export interface Fresh {
  /** The roots of the new pages. */
  readonly pages: readonly TreeNode[];
  /** How many nodes more are in memory than at the last commit. */
  readonly loaded: number;
}

export class Tree {
  readonly #source: NodeSource;
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

  constructor(source: NodeSource, root: TreeNode | undefined, nextVersion: number) {
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

  get orphans(): readonly PagePlace[] {
    return this.#orphans;
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
    const pages: TreeNode[] = [];
    let count = 0;
    const place = (node: TreeNode, parent: TreeNode | undefined): void => {
      if (node.nonce > 0) return;
      const isNew = node.page === 0;
      if (isNew) {
        count++;
        node.page = this.#version;
      }
      if (beginsPage(node, parent)) {
        pages.push(node);
        node.page = this.#version;
        node.nonce = pages.length;
      }
      if (!isNew || node.height === 0) return;
      place(node.left as TreeNode, node);
      place(node.right as TreeNode, node);
    };
    if (this.#root) place(this.#root, undefined);
    return { pages, loaded: count - this.#replaced };
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

  #dropped(node: TreeNode): void {
    if (node.page > 0 && node.key !== undefined) this.#replaced++;
    if (node.nonce > 0) this.#orphans.push({ page: node.page, nonce: node.nonce });
  }

  /** The node itself when it may be changed in place, else a copy with the version being built. */
  #writable(node: TreeNode): TreeNode {
    if (node.page === 0 && node.owner === this.#epoch) {
      node.hash = undefined;
      return node;
    }
    this.#load(node);
    this.#dropped(node);
    const copy = new TreeNode(node.height, node.size, this.#version);
    copy.key = node.key;
    copy.value = node.value;
    copy.left = node.left;
    copy.right = node.right;
    copy.used = node.used;
    return this.#owned(copy);
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

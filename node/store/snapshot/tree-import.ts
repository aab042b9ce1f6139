/**
 * Builds one tree from its nodes in post-order. Pages are stored as they are complete, under new places: neither
 * a node's place nor the database it lies in counts in its hash, but key, value, version and shape all do.
 */
import { MAX_PROOF_DEPTH } from '../../base/limits.ts';
import { concat, type Bytes } from '../../base/bytes.ts';
import type { DbOp } from '../db.ts';
import { hashNode, leafNode, refOf, stubOf, TreeNode, type NodeRef } from '../iavl/node.ts';
import { beginsPage, PageWriter } from '../iavl/page.ts';
import { toText } from '../kv.ts';
import { nodePrefix, valuePrefix } from '../layout.ts';
import { BadSnapshot } from './bad-snapshot.ts';

interface Subtree {
  readonly root: TreeNode;
  readonly smallest: string;
  readonly largest: string;
}

export class TreeImport {
  readonly name: string;
  readonly #height: number;
  readonly #writer: PageWriter;
  readonly #values: Bytes;
  readonly #stack: Subtree[] = [];
  #count = 0;

  /** `height`: the version that is restored; no node is newer. */
  constructor(name: string, height: number) {
    this.name = name;
    this.#height = height;
    this.#writer = new PageWriter(nodePrefix(name));
    this.#values = valuePrefix(name);
  }

  leaf(version: number, key: Bytes, value: Bytes): DbOp[] {
    const text = toText(key);
    const before = this.#stack.at(-1);
    if (before && before.largest >= text) this.#bad('the keys are unordered');
    if (this.#stack.length >= MAX_PROOF_DEPTH) this.#bad('the tree is too deep');
    this.#add(leafNode(text, value, version), text, text);
    return [{ type: 'put', key: concat(this.#values, key), value }];
  }

  inner(version: number): DbOp[] {
    const right = this.#stack.pop();
    const left = this.#stack.pop();
    if (!left || !right) return this.#bad('an inner node lacks a child');
    const [low, high] = [left.root, right.root];
    if (Math.abs(low.height - high.height) > 1) this.#bad('the tree is out of balance');
    if (version < low.version || version < high.version) this.#bad('a node is older than a child');
    const height = Math.max(low.height, high.height) + 1;
    const node = new TreeNode(height, low.size + high.size, version);
    node.key = right.smallest;
    const ops: DbOp[] = [];
    node.left = this.#below(node, low, ops);
    node.right = this.#below(node, high, ops);
    this.#add(node, left.smallest, right.largest);
    return ops;
  }

  /** Without a root: the store is empty. */
  end(): { readonly root: NodeRef | undefined; readonly ops: readonly DbOp[] } {
    if (this.#stack.length > 1) this.#bad('the tree has no root');
    const top = this.#stack[0]?.root;
    if (!top) return { root: undefined, ops: [] };
    const ops = [this.#put(top)];
    return { root: refOf(top), ops };
  }

  /** The child as its parent holds it: stored and forgotten when it is the root of a page. */
  #below(parent: TreeNode, child: TreeNode, ops: DbOp[]): TreeNode {
    if (!beginsPage(child, parent)) return child;
    ops.push(this.#put(child));
    return stubOf(refOf(child));
  }

  #put(root: TreeNode): DbOp {
    root.page = root.version;
    root.nonce = ++this.#count;
    return this.#writer.put(root);
  }

  #add(node: TreeNode, smallest: string, largest: string): void {
    if (node.version < 1 || node.version > this.#height) this.#bad('a node is of another version');
    node.hash = hashNode(node);
    this.#stack.push({ root: node, smallest, largest });
  }

  #bad(why: string): never {
    throw new BadSnapshot(`store ${this.name}: ${why}`);
  }
}

/**
 * Builds one tree from its nodes in post-order. Nodes are stored as they come, under new places: neither a
 * node's place nor the database it lies in counts in its hash, but key, value, version and shape all do.
 */
import { MAX_PROOF_DEPTH } from '../../base/limits.ts';
import { concat, type Bytes } from '../../base/bytes.ts';
import type { DbOp } from '../db.ts';
import { NodeWriter } from '../iavl/codec.ts';
import { hashNode, leafNode, refOf, stubOf, TreeNode, type NodeRef } from '../iavl/node.ts';
import { toText } from '../kv.ts';
import { nodePrefix, valuePrefix } from '../layout.ts';
import { BadSnapshot } from './bad-snapshot.ts';

interface Subtree {
  readonly root: NodeRef;
  readonly smallest: string;
  readonly largest: string;
}

export class TreeImport {
  readonly name: string;
  readonly #height: number;
  readonly #writer: NodeWriter;
  readonly #values: Bytes;
  readonly #stack: Subtree[] = [];
  #count = 0;

  /** `height`: the version that is restored; no node is newer. */
  constructor(name: string, height: number) {
    this.name = name;
    this.#height = height;
    this.#writer = new NodeWriter(nodePrefix(name));
    this.#values = valuePrefix(name);
  }

  leaf(version: number, key: Bytes, value: Bytes): DbOp[] {
    const text = toText(key);
    const before = this.#stack.at(-1);
    if (before && before.largest >= text) this.#bad('the keys are unordered');
    if (this.#stack.length >= MAX_PROOF_DEPTH) this.#bad('the tree is too deep');
    const put = this.#add(leafNode(text, value, version), text, text);
    return [put, { type: 'put', key: concat(this.#values, key), value }];
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
    node.left = stubOf(low);
    node.right = stubOf(high);
    return [this.#add(node, left.smallest, right.largest)];
  }

  /** Undefined: the store is empty. */
  end(): NodeRef | undefined {
    if (this.#stack.length > 1) this.#bad('the tree has no root');
    return this.#stack[0]?.root;
  }

  #add(node: TreeNode, smallest: string, largest: string): DbOp {
    if (node.version < 1 || node.version > this.#height) this.#bad('a node is of another version');
    node.nonce = ++this.#count;
    node.hash = hashNode(node);
    const put = this.#writer.put(node);
    const { version, nonce, height, size, hash } = refOf(node);
    this.#stack.push({ root: { version, nonce, height, size, hash }, smallest, largest });
    return put;
  }

  #bad(why: string): never {
    throw new BadSnapshot(`store ${this.name}: ${why}`);
  }
}

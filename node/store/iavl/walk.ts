/** Reading a tree: single keys, ranges, the paths that proofs are made of. */
import type { Bytes } from '../../base/bytes.ts';
import { fromText, toText, type KvPair } from '../kv.ts';
import type { TreeNode } from './node.ts';
import type { NodeSource } from './tree.ts';

/** From the root down to a leaf. */
export type Path = readonly TreeNode[];

/** The path to the leaf where the key is or would be. */
export function pathTo(source: NodeSource, root: TreeNode, key: string): Path {
  const path: TreeNode[] = [];
  let node: TreeNode | undefined = root;
  while (node) {
    source.load(node);
    path.push(node);
    node = key < (node.key as string) ? node.left : node.right;
  }
  return path;
}

export function valueOf(
  source: NodeSource,
  root: TreeNode | undefined,
  key: Bytes,
): Bytes | undefined {
  if (!root) return undefined;
  const text = toText(key);
  const leaf = pathTo(source, root, text).at(-1) as TreeNode;
  return leaf.key === text ? leaf.value : undefined;
}

/** The path to the leaf directly before (or after) the one at the end of `path`. */
export function neighbourPath(
  source: NodeSource,
  path: Path,
  side: 'left' | 'right',
): Path | undefined {
  const other = side === 'left' ? 'right' : 'left';
  for (let depth = path.length - 2; depth >= 0; depth--) {
    const turn = path[depth] as TreeNode;
    if (turn[other] !== path[depth + 1]) continue;
    const found = path.slice(0, depth + 1);
    let node = turn[side];
    while (node) {
      source.load(node);
      found.push(node);
      node = node[other];
    }
    return found;
  }
  return undefined;
}

export interface WalkRange {
  readonly start?: Bytes | undefined;
  readonly end?: Bytes | undefined;
  readonly reverse?: boolean;
}

/** Pairs in key order (or against it). The tree must be frozen while this is in use. */
export function* walk(
  source: NodeSource,
  root: TreeNode | undefined,
  range: WalkRange,
): IterableIterator<KvPair> {
  const start = range.start && toText(range.start);
  const end = range.end && toText(range.end);
  const stack: TreeNode[] = root ? [root] : [];
  for (let node = stack.pop(); node; node = stack.pop()) {
    source.load(node);
    const key = node.key as string;
    if (node.height === 0) {
      if (start !== undefined && key < start) continue;
      if (end !== undefined && key >= end) continue;
      yield [fromText(key), (node.value as Bytes).slice()];
      continue;
    }
    // All keys on the left are smaller than `key`, all on the right are not.
    const left = start === undefined || start < key ? node.left : undefined;
    const right = end === undefined || end > key ? node.right : undefined;
    const [first, second] = range.reverse ? [right, left] : [left, right];
    if (second) stack.push(second);
    if (first) stack.push(first);
  }
}

/**
 * Recomputes a committed version from its leaves: every node's hash, the order of the keys, and the
 * index of newest values against the leaves. Memory stays small whatever the size of the state.
 */
import { equal, toHex, type Bytes } from '../base/bytes.ts';
import { damaged } from './boot-check.ts';
import type { CommitRecord, StoreRoot } from './commit-record.ts';
import type { Db } from './db.ts';
import { stubOf, type TreeNode } from './iavl/node.ts';
import { NodeStore } from './iavl/node-store.ts';
import { fromText, prefixEnd, type KvPair } from './kv.ts';
import { valuePrefix } from './layout.ts';

export async function verifyState(db: Db, record: CommitRecord): Promise<void> {
  for (const store of record.stores) await verifyStore(db, store);
}

async function verifyStore(db: Db, store: StoreRoot): Promise<void> {
  const start = valuePrefix(store.name);
  const end = prefixEnd(start) as Bytes;
  const values = db.iterate({ start, end });
  const source = new NodeStore(db, store.name);
  for (const [key, value] of leaves(source, store)) {
    const place = `key ${toHex(key)} of store ${store.name}`;
    const next = await values.next();
    if (next.done) damaged(`${place} has no entry in the index of values`);
    const [indexKey, indexValue] = next.value;
    if (!equal(indexKey.subarray(start.length), key)) damaged(`${place} is not in the index`);
    if (store.kind === 'iavl' && !equal(indexValue, value)) damaged(`${place} has two values`);
  }
  if (!(await values.next()).done) damaged(`store ${store.name} has values that no leaf names`);
}

/** Loads every node (which checks its hash), forgets it again, and checks order and shape. */
function* leaves(source: NodeStore, store: StoreRoot): IterableIterator<KvPair> {
  if (!store.root) return;
  let last: string | undefined;
  /** Split keys whose right subtree comes next. */
  const stack: { node: TreeNode; split?: string }[] = [{ node: stubOf(store.root) }];
  for (let top = stack.pop(); top; top = stack.pop()) {
    const { node, split } = top;
    source.load(node);
    const key = node.key as string;
    if (node.height > 0) {
      const { left, right } = checkShape(node, store.name);
      stack.push(
        { node: right, split: key },
        split !== undefined ? { node: left, split } : { node: left },
      );
      continue;
    }
    if (split !== undefined && split !== key)
      damaged(`a split key of store ${store.name} is wrong`);
    if (last !== undefined && last >= key) damaged(`the keys of store ${store.name} are unordered`);
    last = key;
    yield [fromText(key), node.value as Bytes];
  }
}

function checkShape(node: TreeNode, name: string): { left: TreeNode; right: TreeNode } {
  const left = node.left as TreeNode;
  const right = node.right as TreeNode;
  const height = Math.max(left.height, right.height) + 1;
  const sizesFit = node.size === left.size + right.size && node.height === height;
  if (!sizesFit || Math.abs(left.height - right.height) > 1) {
    damaged(`node ${node.version}/${node.nonce} of store ${name} is out of balance`);
  }
  return { left, right };
}

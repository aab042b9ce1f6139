/** Writes one committed version as a row of items: the same bytes on every node that has the version. */
import type { Bytes } from '../../base/bytes.ts';
import { SNAPSHOT_PIECE_BYTES } from '../../base/limits.ts';
import type { CommitRecord, StoreRoot } from '../commit-record.ts';
import type { Db } from '../db.ts';
import { stubOf, type TreeNode } from '../iavl/node.ts';
import { NodeStore } from '../iavl/node-store.ts';
import { fromText, type KvReader } from '../kv.ts';
import { ReadView } from '../read-view.ts';
import { ItemWriter, type Item } from './items.ts';
import type { PlainOwner } from './plain-owner.ts';

export interface ExportSource {
  readonly db: Db;
  readonly record: CommitRecord;
  /** Plain stores as they are now. */
  readonly plain: (name: string) => KvReader;
}

/** Pieces of about SNAPSHOT_PIECE_BYTES; nothing is read ahead, so the caller may rest between them. */
export function* exportState(
  source: ExportSource,
  chainId: string,
  owner: PlainOwner,
): IterableIterator<Bytes> {
  const writer = new ItemWriter(SNAPSHOT_PIECE_BYTES);
  for (const item of items(source, chainId, owner)) {
    const piece = writer.write(item);
    if (piece) yield piece;
  }
  yield writer.rest();
}

function* items(
  { db, record, plain }: ExportSource,
  chainId: string,
  owner: PlainOwner,
): IterableIterator<Item> {
  yield { kind: 'head', height: record.version, chainId };
  for (const store of record.stores) {
    if (store.kind !== 'iavl') continue;
    yield { kind: 'tree', name: store.name };
    yield* nodesOf(db, store);
  }
  const tree = (name: string): KvReader => new ReadView(db, record).store(name);
  const state = { height: record.version, tree, plain };
  for (const { name, kind } of record.stores) {
    if (kind !== 'plain') continue;
    yield { kind: 'plain', name };
    for (const [key, value] of owner.carried(state, name)) yield { kind: 'pair', key, value };
  }
  yield { kind: 'end' };
}

/** Both subtrees before their parent. Holds no more than the way from the root in memory. */
function* nodesOf(db: Db, { name, root }: StoreRoot): IterableIterator<Item> {
  if (!root) return;
  const source = new NodeStore(db, name);
  /** A number: the version of an inner node whose subtrees are written. */
  const stack: (TreeNode | number)[] = [stubOf(root)];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    if (typeof top === 'number') {
      yield { kind: 'inner', version: top };
      continue;
    }
    source.load(top);
    const { version, key, value, left, right } = top;
    if (top.height > 0) stack.push(version, right as TreeNode, left as TreeNode);
    else yield { kind: 'leaf', version, key: fromText(key as string), value: value as Bytes };
  }
}

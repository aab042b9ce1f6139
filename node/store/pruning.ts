/** Forgetting old versions: what each version stopped using was noted when it was committed. */
import { uint64ToBytes } from '../base/bytes.ts';
import type { Db, DbOp } from './db.ts';
import { decodePlaces } from './iavl/codec.ts';
import {
  BASE_KEY,
  commitKey,
  droppedFrom,
  labelOf,
  nodeKey,
  nodePrefix,
  orphansFrom,
} from './layout.ts';

/** Pages deleted in one batch, so that pruning never holds much in memory. */
const BATCH_OPS = 20_000;

/**
 * Deletes the versions from `base` to `keepFrom` - 1. Every batch ends with a whole version and
 * moves the base, so an interruption loses nothing.
 */
export async function pruneVersions(db: Db, base: number, keepFrom: number): Promise<void> {
  let ops: DbOp[] = [];
  for (let version = base; version < keepFrom; version++) {
    // What version + 1 no longer refers to was last in use at `version`.
    await collectOrphans(db, version + 1, ops);
    await collectDropped(db, version + 1, ops);
    ops.push({ type: 'del', key: commitKey(version) });
    if (ops.length < BATCH_OPS && version + 1 < keepFrom) continue;
    ops.push({ type: 'put', key: BASE_KEY, value: uint64ToBytes(version + 1) });
    await db.batch(ops);
    ops = [];
  }
}

async function collectOrphans(db: Db, version: number, ops: DbOp[]): Promise<void> {
  const range = { start: orphansFrom(version), end: orphansFrom(version + 1) };
  for await (const [key, value] of db.iterate(range)) {
    const prefix = nodePrefix(labelOf(key));
    for (const place of decodePlaces(value)) {
      ops.push({ type: 'del', key: nodeKey(prefix, place) });
    }
    ops.push({ type: 'del', key });
  }
}

/** Stores that `version` no longer has: the nodes from before it are of no use to anybody. */
async function collectDropped(db: Db, version: number, ops: DbOp[]): Promise<void> {
  const range = { start: droppedFrom(version), end: droppedFrom(version + 1) };
  for await (const [key] of db.iterate(range)) {
    const prefix = nodePrefix(labelOf(key));
    const nodes = {
      start: nodeKey(prefix, { page: 0, nonce: 0 }),
      end: nodeKey(prefix, { page: version, nonce: 0 }),
    };
    for await (const [node] of db.iterate(nodes)) ops.push({ type: 'del', key: node });
    ops.push({ type: 'del', key });
  }
}

/** Emptying a state database before and after a restore. */
import type { Bytes } from '../../base/bytes.ts';
import type { Db, DbOp } from '../db.ts';
import { BASE_KEY, RESTORED_KEY, RESTORING_KEY, TIP_KEY } from '../layout.ts';

const BATCH_OPS = 20_000;
const MARKER = Uint8Array.of(1);

const put = (key: Bytes): DbOp => ({ type: 'put', key, value: MARKER });

/**
 * Deletes everything but the marker of an unfinished restore, which is set first and together with the loss of
 * the tip: a crash in between leaves a database that the next start empties.
 */
export async function beginAfresh(db: Db): Promise<void> {
  const first: DbOp[] = [
    put(RESTORING_KEY),
    { type: 'del', key: TIP_KEY },
    { type: 'del', key: BASE_KEY },
  ];
  await db.batch(first, { sync: true });
  let ops: DbOp[] = [];
  for await (const [key] of db.iterate()) {
    if (key.length === RESTORING_KEY.length && key[0] === RESTORING_KEY[0]) continue;
    ops.push({ type: 'del', key });
    if (ops.length < BATCH_OPS) continue;
    await db.batch(ops);
    ops = [];
  }
  await db.batch(ops, { sync: true });
}

/** Makes an empty database of one whose restore did not end. Call before the stores are opened. */
export async function discardUnfinished(db: Db): Promise<void> {
  if (db.get(RESTORING_KEY)) await empty(db);
}

export async function empty(db: Db): Promise<void> {
  await beginAfresh(db);
  await db.batch([{ type: 'del', key: RESTORING_KEY }], { sync: true });
}

/** Ends a restore in the batch that writes its tip. */
export function restoredOps(): DbOp[] {
  return [put(RESTORED_KEY), { type: 'del', key: RESTORING_KEY }];
}

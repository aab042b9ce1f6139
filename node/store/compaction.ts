/**
 * Gives the disk space of deleted keys back. LevelDB does so by itself only when it rewrites the files around
 * them. A range is rewritten in slices, each followed by a longer rest, so that blocks are not held up.
 */
import { setTimeout as rest } from 'node:timers/promises';
import type { Bytes } from '../base/bytes.ts';
import { BACKGROUND_REST, COMPACTION_SLICE_BYTES } from '../base/limits.ts';
import type { Db } from './db.ts';

export interface KeyRange {
  readonly start: Bytes;
  /** Behind the last key. */
  readonly end: Bytes;
}

/** Bytes of a key that count when a range is halved. */
const COUNTED_BYTES = 24;

/** Does nothing for a database that needs no compaction. `isStopped` is asked between slices. */
export async function compactSlowly(
  db: Db,
  ranges: readonly KeyRange[],
  isStopped: () => boolean,
): Promise<void> {
  if (!db.disk) return;
  for (const range of ranges) {
    for await (const slice of slicesOf(db.disk, range)) {
      if (isStopped()) return;
      const began = performance.now();
      await db.disk.compact(slice.start, slice.end);
      await rest((performance.now() - began) * BACKGROUND_REST);
    }
  }
}

/** Halves a range until each part is small enough on disk. */
async function* slicesOf(
  disk: NonNullable<Db['disk']>,
  range: KeyRange,
): AsyncIterableIterator<KeyRange> {
  const middle = middleOf(range);
  const size = await disk.sizeOf(range.start, range.end);
  if (size <= COMPACTION_SLICE_BYTES || middle === undefined) {
    yield range;
    return;
  }
  yield* slicesOf(disk, { start: range.start, end: middle });
  yield* slicesOf(disk, { start: middle, end: range.end });
}

/** Keys as fractions: undefined when there is nothing between the two. */
function middleOf({ start, end }: KeyRange): Bytes | undefined {
  const [low, high] = [numberOf(start), numberOf(end)];
  if (high - low < 2n) return undefined;
  const hex = ((low + high) / 2n).toString(16).padStart(2 * COUNTED_BYTES, '0');
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

function numberOf(key: Bytes): bigint {
  const counted = Buffer.alloc(COUNTED_BYTES);
  counted.set(key.subarray(0, COUNTED_BYTES));
  return BigInt(`0x${counted.toString('hex')}`);
}

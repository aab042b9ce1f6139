/** Reads what the index holds for a condition, in portions: the condition with the fewest entries is found so. */
import type { Deadline } from '../../base/deadline.ts';
import { concat, EMPTY, type Bytes } from '../../base/bytes.ts';
import { INDEX_SCAN_PORTION, MAX_INDEX_SCAN } from '../../base/limits.ts';
import type { Db } from '../../store/db.ts';
import type { Condition } from '../query/query.ts';
import type { HeightRange } from './height-range.ts';
import * as keys from './keys.ts';
import { Stretch } from '../stretch.ts';

/** Can the index find the value as it is written? Then it is compared as text, as CometBFT does. */
export function isLiteral({ op, valueKind }: Condition): boolean {
  return op === '=' && valueKind !== 'timestamp';
}

const NO_PLACES = new keys.Places(EMPTY);

/** Where one condition holds. */
export interface Entries {
  readonly condition: Condition;
  /** Ascending for a condition that the index looks up; a place comes once for each of its events. */
  readonly ordinals: readonly number[];
  /** The event at each place. */
  readonly events: readonly number[];
}

interface Table {
  readonly deadline?: Deadline | undefined;
  readonly db: Db;
  /** keys.TX_EVENTS or keys.BLOCK_EVENTS. */
  readonly table: Bytes;
}

class Scan implements Entries {
  readonly condition: Condition;
  readonly ordinals: number[] = [];
  readonly events: number[] = [];
  readonly #prefix: Bytes;
  readonly #range: HeightRange;
  readonly #records: AsyncIterator<[Bytes, Bytes]>;
  #height = 0;
  #places = NO_PLACES;
  #next = 0;
  isDone = false;

  constructor({ db, table }: Table, condition: Condition, range: HeightRange) {
    const { tag, value } = condition;
    const literal = isLiteral(condition);
    this.condition = condition;
    this.#range = range;
    this.#prefix = literal ? keys.valuePrefix(table, tag, value) : keys.tagPrefix(table, tag);
    const bounds = literal ? heightBounds(this.#prefix, range) : {};
    const all = { start: this.#prefix, end: keys.prefixEnd(this.#prefix), ...bounds };
    this.#records = db.iterate(all);
  }

  /** Reads up to so many entries; answers how many it has read. A record that does not fit counts as one. */
  async read(most: number, stretch: Stretch): Promise<number> {
    for (let count = 0; count < most; count++) {
      if (stretch.isOver) await stretch.rest();
      if (this.#next === this.#places.length) {
        const { done, value } = await this.#records.next();
        if (done === true) {
          this.isDone = true;
          return count;
        }
        if (!this.#begin(value)) continue;
      }
      const { position, event } = keys.splitPlace(this.#places.at(this.#next++));
      this.ordinals.push(keys.ordinalOf({ height: this.#height, position }));
      this.events.push(event);
    }
    return most;
  }

  /** False when no place in the record is wanted. */
  #begin([key, places]: readonly [Bytes, Bytes]): boolean {
    const height = keys.heightOf(key);
    if (height < this.#range.low || height > this.#range.high) return false;
    const { condition } = this;
    if (!isLiteral(condition) && !condition.matches(keys.valueOf(key, this.#prefix))) return false;
    this.#height = height;
    this.#places = new keys.Places(places);
    this.#next = 0;
    return true;
  }

  async close(): Promise<void> {
    await this.#records.return?.();
  }
}

function heightBounds(prefix: Bytes, { low, high }: HeightRange): { start: Bytes; end: Bytes } {
  return { start: concat(prefix, keys.u64(low)), end: concat(prefix, keys.u64(high + 1)) };
}

/**
 * All that the index holds for the one of `conditions` that has the fewest entries. Undefined when more than
 * MAX_INDEX_SCAN entries would have to be read to find that out.
 */
export async function rarest(
  table: Table,
  conditions: readonly Condition[],
  range: HeightRange,
): Promise<Entries | undefined> {
  const scans: Scan[] = [];
  const stretch = new Stretch(table.deadline);
  // One more tells that there is nothing behind the last that may be read.
  let left = MAX_INDEX_SCAN + 1;
  try {
    for (;;) {
      for (const [i, condition] of conditions.entries()) {
        const scan = (scans[i] ??= new Scan(table, condition, range));
        left -= await scan.read(Math.min(INDEX_SCAN_PORTION, left), stretch);
        if (scan.isDone) return scan;
        if (left === 0) return undefined;
      }
    }
  } finally {
    await Promise.all(scans.map((scan) => scan.close()));
  }
}

/**
 * Searches by event attributes. Conditions on one event type must hold in one and the same event, as in
 * CometBFT's index. The equality with the fewest entries gives the candidates, the other conditions are then
 * looked up or read for each. What a search may read is bounded, and it lets other work run in between.
 */
import type { Deadline } from '../../base/deadline.ts';
import type { Event } from '../../app/abci.ts';
import { concat, EMPTY, type Bytes } from '../../base/bytes.ts';
import {
  MAX_INDEX_SCAN,
  MAX_SEARCH_BLOCKS,
  MAX_SEARCH_READS,
  SEARCH_READS_AT_ONCE,
} from '../../base/limits.ts';
import type { Db } from '../../store/db.ts';
import { refused } from '../errors.ts';
import type { Condition } from '../query/query.ts';
import type { HeightRange } from './height-range.ts';
import * as keys from './keys.ts';
import { isLiteral, rarest, type Entries } from './scan.ts';
import { Stretch } from '../stretch.ts';

export interface BlockOfPlaces {
  readonly height: number;
  readonly count: number;
}

export interface EventSource {
  readonly deadline?: Deadline | undefined;
  readonly db: Db;
  /** keys.TX_EVENTS or keys.BLOCK_EVENTS. */
  readonly table: Bytes;
  /** How many places there are in a range of heights. */
  count(range: HeightRange): number;
  /** The blocks in a range of heights that have places, ascending. */
  blocks(range: HeightRange): Iterable<BlockOfPlaces>;
  /** The events at places of one height, for what the index cannot look up. Empty when they are gone. */
  events(height: number, positions: readonly number[]): readonly (readonly Event[])[];
}

const TOO_BROAD =
  `the query would read more than ${MAX_INDEX_SCAN} index entries, the events of more than ` +
  `${MAX_SEARCH_READS} transactions or ${MAX_SEARCH_BLOCKS} blocks; narrow it, for example by height`;

/** Ordinals of the places whose events satisfy all conditions, ascending and without duplicates. */
export async function searchEvents(
  source: EventSource,
  conditions: readonly Condition[],
  range: HeightRange,
): Promise<ArrayLike<number>> {
  const literals = conditions.filter(isLiteral);
  const isGuided = literals.length > 0;
  const all = isGuided ? undefined : await everyPlace(source, range);
  if (all) return judged(source, conditions, all);
  const seed = await rarest(source, isGuided ? literals : conditions, range);
  if (!seed) {
    const few = isGuided ? await everyPlace(source, range) : undefined;
    if (few) return judged(source, conditions, few);
    throw refused(TOO_BROAD);
  }
  const rest = conditions.filter((condition) => condition !== seed.condition);
  const together = isLiteral(seed.condition)
    ? rest.filter((other) => isLiteral(other) && groupOf(other) === groupOf(seed.condition))
    : [];
  const places = distinct(together.length > 0 ? await lookedUp(source, together, seed) : seed);
  return together.length === rest.length ? places : judged(source, conditions, places);
}

/** "transfer" of "transfer.sender". */
function groupOf({ tag }: Condition): string {
  return tag.slice(0, Math.max(tag.lastIndexOf('.'), 0));
}

/** Undefined when there are more than may be read. */
async function everyPlace(source: EventSource, range: HeightRange): Promise<number[] | undefined> {
  if (source.count(range) > MAX_SEARCH_READS) return undefined;
  const stretch = new Stretch(source.deadline);
  const all: number[] = [];
  let blocks = 0;
  for (const { height, count } of source.blocks(range)) {
    blocks += 1;
    if (blocks > MAX_SEARCH_BLOCKS) return undefined;
    for (let position = 0; position < count; position++) {
      all.push(keys.ordinalOf({ height, position }));
    }
    if (stretch.isOver) await stretch.rest();
  }
  return all;
}

/** Sorted as numbers, in place and without a comparison of our own. */
function distinct({ ordinals }: Pick<Entries, 'ordinals'>): Float64Array {
  const sorted = Float64Array.from(ordinals).sort();
  let size = 0;
  for (const ordinal of sorted) {
    if (size === 0 || sorted[size - 1] !== ordinal) sorted[size++] = ordinal;
  }
  return sorted.subarray(0, size);
}

/** Keeps the places whose event also has the exact values of `rest`. */
async function lookedUp(
  { db, table, deadline }: EventSource,
  rest: readonly Condition[],
  { ordinals, events }: Entries,
): Promise<{ ordinals: number[] }> {
  const values = rest.map(
    ({ tag, value }) => new PlacesOf(db, keys.valuePrefix(table, tag, value)),
  );
  const stretch = new Stretch(deadline);
  const found: number[] = [];
  for (const [i, ordinal] of ordinals.entries()) {
    if (stretch.isOver) await stretch.rest();
    const { height, position } = keys.placeAt(ordinal);
    const place = keys.placeInBlock(position, events[i] ?? 0);
    if (values.every((value) => value.at(height).has(place))) found.push(ordinal);
  }
  return { ordinals: found };
}

/** The places of one value, block by block; neighbours are mostly asked for together. */
class PlacesOf {
  readonly #db: Db;
  readonly #prefix: Bytes;
  #known: { readonly height: number; readonly places: keys.Places } | undefined;

  constructor(db: Db, prefix: Bytes) {
    this.#db = db;
    this.#prefix = prefix;
  }

  at(height: number): keys.Places {
    if (this.#known?.height !== height) {
      const record = this.#db.get(concat(this.#prefix, keys.u64(height)));
      this.#known = { height, places: new keys.Places(record ?? EMPTY) };
    }
    return this.#known.places;
  }
}

/** Reads the events of every place and judges the whole query on them. */
async function judged(
  source: EventSource,
  conditions: readonly Condition[],
  places: ArrayLike<number>,
): Promise<number[]> {
  if (places.length > MAX_SEARCH_READS) throw refused(TOO_BROAD);
  const groups = grouped(conditions);
  const stretch = new Stretch(source.deadline);
  const found: number[] = [];
  let [blocks, last] = [0, 0];
  for (let at = 0; at < places.length;) {
    const { height } = keys.placeAt(places[at] as number);
    if (height !== last) blocks += 1;
    last = height;
    if (blocks > MAX_SEARCH_BLOCKS) throw refused(TOO_BROAD);
    const some = ofOneBlock(places, at);
    at += some.length;
    for (const [i, events] of source.events(height, some).entries()) {
      const holds = groups.every((group) =>
        events.some((event) => group.every((condition) => holdsIn(condition, event))),
      );
      if (holds) found.push(keys.ordinalOf({ height, position: some[i] as number }));
    }
    if (stretch.isOver) await stretch.rest();
  }
  return found;
}

/** Positions from place `at` on that lie in the same block, not too many at once. */
function ofOneBlock(places: ArrayLike<number>, at: number): number[] {
  const first = keys.placeAt(places[at] as number);
  const positions = [first.position];
  while (at + positions.length < places.length && positions.length < SEARCH_READS_AT_ONCE) {
    const { height, position } = keys.placeAt(places[at + positions.length] as number);
    if (height !== first.height) break;
    positions.push(position);
  }
  return positions;
}

/** Conditions that one event must satisfy together. */
function grouped(conditions: readonly Condition[]): Condition[][] {
  const groups = new Map<string, Condition[]>();
  for (const condition of conditions) {
    const group = groups.get(groupOf(condition));
    if (group) group.push(condition);
    else groups.set(groupOf(condition), [condition]);
  }
  return [...groups.values()];
}

function holdsIn(condition: Condition, event: Event): boolean {
  if (event.type === '') return false;
  return event.attributes.some(
    ({ key, value, index }) =>
      index &&
      key !== '' &&
      `${event.type}.${key}` === condition.tag &&
      holdsFor(condition, keys.indexedText(value)),
  );
}

function holdsFor(condition: Condition, text: string): boolean {
  return isLiteral(condition) ? text === condition.value : condition.matches(text);
}

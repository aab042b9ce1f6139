/**
 * Searches by event attributes. Conditions on one event type must hold in one and the same event, as in
 * CometBFT's index. The rarest equality gives the candidates, the other conditions are then looked up for
 * each; what a search may read is bounded, and it lets other work run in between.
 */
import type { Event } from '../../app/abci.ts';
import { concat, type Bytes } from '../../base/bytes.ts';
import { MAX_INDEX_SCAN, MAX_SEARCH_BLOCKS } from '../../base/limits.ts';
import type { Db } from '../../store/db.ts';
import { refused } from '../errors.ts';
import type { Condition } from '../query/query.ts';
import type { HeightRange } from './height-range.ts';
import * as keys from './keys.ts';
import type { Place } from './keys.ts';

export interface EventSource {
  readonly db: Db;
  /** keys.TX_EVENTS or keys.BLOCK_EVENTS. */
  readonly table: Bytes;
  /** The events at a place, for conditions that the index cannot look up. */
  events(height: number, position: number): readonly Event[];
}

const TOO_BROAD =
  `the query would read more than ${MAX_INDEX_SCAN} index entries or ${MAX_SEARCH_BLOCKS} blocks; ` +
  'narrow it, for example by height';

/** Places (without duplicates, in the order of the chain) whose events satisfy all conditions. */
export async function searchEvents(
  source: EventSource,
  conditions: readonly Condition[],
  range: HeightRange,
): Promise<Omit<Place, 'event'>[]> {
  const { seed, places } = await candidates(source, conditions, range);
  const rest = conditions.filter((condition) => condition !== seed);
  const group = groupOf(seed);
  const found = rest.every((condition) => isLiteral(condition) && groupOf(condition) === group)
    ? await lookedUp(source, rest, places)
    : await readThrough(source, conditions, places);
  return distinct(found);
}

/** Can the index find the value as it is written? */
function isLiteral({ op, valueKind }: Condition): boolean {
  return op === '=' && valueKind !== 'timestamp';
}

/** "transfer" of "transfer.sender". */
function groupOf({ tag }: Condition): string {
  return tag.slice(0, Math.max(tag.lastIndexOf('.'), 0));
}

async function candidates(
  source: EventSource,
  conditions: readonly Condition[],
  range: HeightRange,
): Promise<{ seed: Condition; places: Place[] }> {
  const equalities = conditions.filter(({ op }) => op === '=');
  const choices = equalities.length > 0 ? equalities : conditions;
  for (let budget = MAX_INDEX_SCAN / 100; budget <= MAX_INDEX_SCAN; budget *= 10) {
    for (const seed of choices) {
      const places = await scan(source, seed, range, budget);
      if (places) return { seed, places };
    }
  }
  throw refused(TOO_BROAD);
}

/** Everything the index holds for one condition; undefined when that is more than `budget` entries. */
async function scan(
  source: EventSource,
  condition: Condition,
  range: HeightRange,
  budget: number,
): Promise<Place[] | undefined> {
  const literal = isLiteral(condition);
  const prefix = literal
    ? keys.valuePrefix(source.table, condition.tag, condition.value)
    : keys.tagPrefix(source.table, condition.tag);
  const bounds = literal ? heightBounds(prefix, range) : {};
  const places: Place[] = [];
  let read = 0;
  const all = { start: prefix, end: keys.prefixEnd(prefix), ...bounds };
  for await (const [key] of source.db.iterate(all)) {
    read++;
    if (read > budget) return undefined;
    const place = keys.placeOf(key);
    if (place.height < range.low || place.height > range.high) continue;
    if (literal || condition.matches(keys.valueOf(key, prefix))) places.push(place);
  }
  return literal ? places : places.sort(byPlace);
}

function heightBounds(prefix: Bytes, { low, high }: HeightRange): { start: Bytes; end?: Bytes } {
  const start = concat(prefix, keys.u64(Math.max(low, 0)));
  if (high >= Number.MAX_SAFE_INTEGER) return { start };
  return { start, end: concat(prefix, keys.u64(Math.max(high, 0) + 1)) };
}

function byPlace(a: Place, b: Place): number {
  return a.height - b.height || a.position - b.position || a.event - b.event;
}

const PAUSE_EVERY = 500;

function pause(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Keeps the places whose event also has the exact values of `rest`. */
async function lookedUp(
  { db, table }: EventSource,
  rest: readonly Condition[],
  places: readonly Place[],
): Promise<Place[]> {
  if (rest.length === 0) return [...places];
  const prefixes = rest.map(({ tag, value }) => keys.valuePrefix(table, tag, value));
  const found: Place[] = [];
  for (const [i, place] of places.entries()) {
    if (i % PAUSE_EVERY === PAUSE_EVERY - 1) await pause();
    const tail = keys.placeBytes(place);
    if (prefixes.every((prefix) => db.get(concat(prefix, tail)) !== undefined)) found.push(place);
  }
  return found;
}

/** Reads the events of every candidate and judges the whole query on them. */
async function readThrough(
  source: EventSource,
  conditions: readonly Condition[],
  places: readonly Place[],
): Promise<Place[]> {
  const groups = grouped(conditions);
  const found: Place[] = [];
  let blocks = 0;
  let height = 0;
  let last: Place | undefined;
  for (const place of places) {
    if (last?.height === place.height && last.position === place.position) continue;
    last = place;
    if (place.height !== height) {
      height = place.height;
      blocks++;
      if (blocks > MAX_SEARCH_BLOCKS) throw refused(TOO_BROAD);
      await pause();
    }
    const events = source.events(place.height, place.position);
    const holds = groups.every((group) =>
      events.some((event) => group.every((condition) => holdsIn(condition, event))),
    );
    if (holds) found.push(place);
  }
  return found;
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
  return event.attributes.some(
    ({ key, value, index }) =>
      index && `${event.type}.${key}` === condition.tag && condition.matches(value),
  );
}

function distinct(places: readonly Place[]): Omit<Place, 'event'>[] {
  return places.filter((place, i) => {
    const before = places[i - 1];
    return before?.height !== place.height || before.position !== place.position;
  });
}

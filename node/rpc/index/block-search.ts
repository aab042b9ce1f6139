/** block_search: heights whose block events satisfy a query. */
import type { BlockReader } from '../expected.ts';
import { heightRange, type HeightRange } from './height-range.ts';
import type { Indexer } from './indexer.ts';
import { BLOCK_EVENTS, placeAt } from './keys.ts';
import { searchEvents, type BlockOfPlaces } from './search.ts';
import type { Search } from './turns.ts';
import { foundList, foundStretch, type Found } from './found.ts';

/** Finds blocks up to height `tip`. */
export async function searchBlocks(
  indexer: Indexer,
  reader: BlockReader,
  query: Search,
  tip: number,
): Promise<Found<number>> {
  const whole = { low: Math.max(reader.base(), 1), high: tip };
  const { range, rest } = heightRange(query.conditions, 'block.height', whole);
  const { low, high } = range;
  if (low > high) return foundList<number>([]);
  if (rest.length === 0) return foundStretch(high - low + 1, (position) => low + position);
  const source = {
    deadline: query.deadline,
    db: indexer.db,
    table: BLOCK_EVENTS,
    count: (within: HeightRange) => within.high - within.low + 1,
    blocks: everyHeight,
    events: (at: number) => [reader.blockEvents(at) ?? []],
  };
  const search = (): Promise<ArrayLike<number>> => searchEvents(source, rest, range);
  const ordinals = await indexer.searches.run(search, query.deadline);
  return foundStretch(ordinals.length, (at) => placeAt(ordinals[at] as number).height);
}

/** A block is one place. */
function* everyHeight({ low, high }: HeightRange): Generator<BlockOfPlaces> {
  for (let height = low; height <= high; height += 1) yield { height, count: 1 };
}

/** tx_search: a page of transactions that satisfy a query, and how many there are in all. */
import { fromHex } from '../../base/bytes.ts';
import { invalidParams } from '../errors.ts';
import type { BlockReader } from '../expected.ts';
import { foundList, foundPlaces, foundStretch, type Found } from './found.ts';
import { heightRange, type HeightRange } from './height-range.ts';
import type { Indexer, TxPlace } from './indexer.ts';
import { TX_EVENTS } from './keys.ts';
import { searchEvents, type BlockOfPlaces } from './search.ts';
import type { Search } from './turns.ts';

/** Finds transactions up to height `tip`. */
export async function searchTxs(
  indexer: Indexer,
  reader: BlockReader,
  query: Search,
  tip: number,
): Promise<Found<TxPlace>> {
  const byHash = query.conditions.find(({ tag, op }) => tag === 'tx.hash' && op === '=');
  if (byHash) return foundByHash(indexer, byHash.value, tip);
  const whole = { low: indexer.lowest(Math.max(reader.base(), 1)), high: tip };
  const { range, rest } = heightRange(query.conditions, 'tx.height', whole);
  if (range.low > range.high) return foundList<TxPlace>([]);
  if (rest.length === 0) return foundByHeight(indexer, range);
  const source = {
    deadline: query.deadline,
    db: indexer.db,
    table: TX_EVENTS,
    count: ({ low, high }: HeightRange) => indexer.txCount(high) - indexer.txsBefore(low),
    blocks: (within: HeightRange) => blocksOf(indexer, within),
    events: (height: number, positions: readonly number[]) =>
      (reader.txResults(height, positions) ?? []).map(({ events }) => events),
  };
  const search = (): Promise<ArrayLike<number>> => searchEvents(source, rest, range);
  return foundPlaces(await indexer.searches.run(search, query.deadline));
}

function foundByHash(indexer: Indexer, text: string, tip: number): Found<TxPlace> {
  try {
    const place = indexer.txByHash(fromHex(text));
    return foundList(place && place.height <= tip ? [place] : []);
  } catch (error) {
    if (error instanceof RangeError) throw invalidParams(`tx.hash: ${error.message}`);
    throw error;
  }
}

/** All transactions of a range of blocks, found by the running totals: no scan, whatever its length. */
function foundByHeight(indexer: Indexer, range: HeightRange): Found<TxPlace> {
  const before = indexer.txsBefore(range.low);
  let block = { height: 0, first: 0, count: 0 };
  return foundStretch(indexer.txCount(range.high) - before, (position) => {
    const target = before + position;
    // Neighbours are mostly asked for together.
    if (target < block.first || target >= block.first + block.count) {
      block = blockOf(indexer, range, target);
    }
    return { height: block.height, position: target - block.first };
  });
}

/** The block that holds the transaction with this number, counted over all blocks. */
function blockOf(indexer: Indexer, range: HeightRange, target: number) {
  let { low, high } = range;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (indexer.txCount(middle) > target) high = middle;
    else low = middle + 1;
  }
  return { height: low, first: indexer.txsBefore(low), count: indexer.txsIn(low) };
}

/** Blocks with transactions; most of a quiet chain have none, and those are not looked at. */
function* blocksOf(indexer: Indexer, { low, high }: HeightRange): Generator<BlockOfPlaces> {
  const end = indexer.txCount(high);
  let next = indexer.txsBefore(low);
  for (let from = low; next < end;) {
    const block = blockOf(indexer, { low: from, high }, next);
    yield block;
    next = block.first + block.count;
    from = block.height + 1;
  }
}

/**
 * Parts of stored blocks and results, without decoding the rest: a search shows single transactions of blocks
 * that hold thousands. What is passed over is not looked at.
 */
import type { Event, TxResult } from '../app/abci.ts';
import type { Bytes } from '../base/bytes.ts';
import { ProtoReader } from '../base/proto-reader.ts';
import { readHeader } from '../consensus/decoding.ts';
import type { Header } from '../consensus/types.ts';
import { EVENT_OPTIONS, PORTIONS_FIELD, readEvent } from './results-codec.ts';
import { readTexts, readTxResult, TX_RESULT_OPTIONS } from './results-codec.ts';

/** Fields of tendermint.abci.ResponseFinalizeBlock. */
const [EVENTS, TX_RESULTS] = [1, 2] as const;
const RESULTS = { repeated: [EVENTS, TX_RESULTS, 3], allowUnknown: true } as const;
/** Fields of tendermint.types.Block and of its Data. */
const [HEADER, DATA, TXS] = [1, 2, 1] as const;
const BLOCK = { allowUnknown: true } as const;
const BLOCK_DATA = { repeated: [TXS], allowUnknown: true } as const;

/** The events of the block itself. */
export function readBlockEvents(results: Bytes): Event[] {
  const reader = new ProtoReader(results, RESULTS);
  const events: Event[] = [];
  while (reader.next() && reader.field === EVENTS) {
    events.push(reader.message(readEvent, EVENT_OPTIONS));
  }
  return events;
}

/** How many records with further results follow this one. */
export function readPortions(results: Bytes): number {
  const reader = new ProtoReader(results, RESULTS);
  while (reader.next()) {
    if (reader.field === PORTIONS_FIELD) return reader.uint32();
    reader.unknown();
  }
  return 0;
}

/** Results of the transactions at `positions`, which ascend; those the block does not have are left out. */
export function readTxResults(results: Bytes, positions: readonly number[]): TxResult[] {
  const reader = new ProtoReader(results, RESULTS);
  const texts = readTexts(results);
  return pick(reader, [TX_RESULTS, positions], () =>
    reader.message((result) => readTxResult(result, texts), TX_RESULT_OPTIONS),
  );
}

export interface BlockPart {
  readonly header: Header;
  readonly txs: readonly Bytes[];
}

/** The header, and the transactions at `positions`, which ascend. */
export function readBlockPart(block: Bytes, positions: readonly number[]): BlockPart | undefined {
  const reader = new ProtoReader(block, BLOCK);
  let header: Header | undefined;
  let txs: Bytes[] = [];
  while (reader.next() && reader.field <= DATA) {
    if (reader.field === HEADER) header = reader.message(readHeader);
    else txs = reader.message((data) => pickAll(data, positions), BLOCK_DATA);
  }
  return header && { header, txs };
}

function pickAll(data: ProtoReader, positions: readonly number[]): Bytes[] {
  const txs = pick(data, [TXS, positions], () => data.bytes());
  // An embedded message is read to its end.
  while (data.next()) data.unknown();
  return txs;
}

/** Reads those occurrences of a repeated field, and stops behind the last. */
function pick<T>(
  reader: ProtoReader,
  [field, positions]: readonly [number, readonly number[]],
  read: () => T,
): T[] {
  const found: T[] = [];
  let at = 0;
  while (found.length < positions.length && reader.next()) {
    if (reader.field === field && at++ === positions[found.length]) found.push(read());
    else reader.unknown();
  }
  return found;
}

/**
 * Results of blocks in the block database: one record with all but the transactions beyond the first few, whose results
 * follow in portions, so that one of them can be read without the rest. A block of few transactions is one record, and
 * so are all blocks that older versions of this program wrote. Each record has a checksum.
 */
import { EMPTY, type Bytes } from '../base/bytes.ts';
import { RESULTS_PER_PORTION } from '../base/limits.ts';
import type { Event, FinalizeBlockResponse, TxResult } from '../app/abci.ts';
import type { Db, DbOp } from '../store/db.ts';
import { resultsKey, resultsPortionKey } from './block-keys.ts';
import { readBlockEvents, readPortions, readTxResults } from './partial-reads.ts';
import { decodeResults, encodeResults } from './results-codec.ts';
import { sealed, unsealed } from './state-codec.ts';

export class ResultsStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** What stores the results of a block. */
  puts(height: number, results: FinalizeBlockResponse): DbOp[] {
    const { txResults } = results;
    const portions = Math.max(Math.ceil(txResults.length / RESULTS_PER_PORTION) - 1, 0);
    const portion = (index: number): readonly TxResult[] =>
      txResults.slice(index * RESULTS_PER_PORTION, (index + 1) * RESULTS_PER_PORTION);
    const first = encodeResults({ ...results, txResults: portion(0) }, portions);
    const ops: DbOp[] = [{ type: 'put', key: resultsKey(height), value: sealed(first) }];
    for (let index = 1; index <= portions; index++) {
      const more = { events: [], txResults: portion(index), validatorUpdates: [], appHash: EMPTY };
      const key = resultsPortionKey(height, index);
      ops.push({ type: 'put', key, value: sealed(encodeResults(more)) });
    }
    return ops;
  }

  /** What removes them again. */
  dels(height: number): DbOp[] {
    const first = this.#record(resultsKey(height));
    const portions = first === undefined ? 0 : readPortions(first);
    return [
      { type: 'del', key: resultsKey(height) },
      ...Array.from({ length: portions }, (_, i): DbOp => {
        return { type: 'del', key: resultsPortionKey(height, i + 1) };
      }),
    ];
  }

  /** Undefined when they are not there, or not whole. */
  all(height: number): FinalizeBlockResponse | undefined {
    const first = this.#record(resultsKey(height));
    if (first === undefined) return undefined;
    const results = decodeResults(first);
    const portions = readPortions(first);
    if (portions === 0) return results;
    const txResults = [...results.txResults];
    for (let index = 1; index <= portions; index++) {
      const more = this.#record(resultsPortionKey(height, index));
      if (more === undefined) return undefined;
      for (const result of decodeResults(more).txResults) txResults.push(result);
    }
    return { ...results, txResults };
  }

  /** Those of the transactions at `positions`, which ascend; those the block does not have are left out. */
  some(height: number, positions: readonly number[]): readonly TxResult[] | undefined {
    const found: TxResult[] = [];
    for (let at = 0; at < positions.length;) {
      const index = Math.floor((positions[at] as number) / RESULTS_PER_PORTION);
      const end = (index + 1) * RESULTS_PER_PORTION;
      const own = positions.slice(at).filter((position) => position < end);
      const record = this.#portion(height, index);
      if (record === undefined) return undefined;
      const { bytes, first } = record;
      for (const result of readTxResults(
        bytes,
        own.map((position) => position - first),
      )) {
        found.push(result);
      }
      at += own.length;
    }
    return found;
  }

  /** Those of the block itself. */
  events(height: number): readonly Event[] | undefined {
    const first = this.#record(resultsKey(height));
    return first && readBlockEvents(first);
  }

  /** The record that holds a portion, and the position of its first transaction. */
  #portion(height: number, index: number): { bytes: Bytes; first: number } | undefined {
    if (index > 0) {
      const bytes = this.#record(resultsPortionKey(height, index));
      if (bytes !== undefined) return { bytes, first: index * RESULTS_PER_PORTION };
    }
    // The first one, or a block whose results are in one record.
    const bytes = this.#record(resultsKey(height));
    return bytes && { bytes, first: 0 };
  }

  #record(key: Bytes): Bytes | undefined {
    const bytes = this.#db.get(key);
    return bytes && unsealed(bytes);
  }
}

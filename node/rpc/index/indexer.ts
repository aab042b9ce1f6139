/**
 * The index of transactions and block events. The commit path awaits `index` before the height is shown
 * to anybody, so a client that sees height H finds everything of H. One atomic batch per block.
 */
import type { FinalizeBlockResponse } from '../../app/abci.ts';
import type { Bytes } from '../../base/bytes.ts';
import { txHash } from '../../base/tx-hash.ts';
import { COMPACT_ALL_AFTER } from '../../base/limits.ts';
import type { Block } from '../../consensus/types.ts';
import { compactSlowly } from '../../store/compaction.ts';
import type { Db, DbOp } from '../../store/db.ts';
import { concat } from '../../base/bytes.ts';
import type { BlockReader } from '../expected.ts';
import * as keys from './keys.ts';
import { BlockPostings } from './postings.ts';
import { RecordWriter } from './record-writer.ts';
import { SearchTurns } from './turns.ts';

export type TxPlace = keys.TxPlace;

/** Was the index written by a version that laid it out otherwise? Then it can only be made anew. */
export function isFormerIndex(db: Db): boolean {
  return db.get(keys.FORMER_TIP_KEY) !== undefined;
}

export class Indexer {
  readonly db: Db;
  readonly searches = new SearchTurns();
  readonly #txEvents = new BlockPostings(keys.TX_EVENTS);
  readonly #blockEvents = new BlockPostings(keys.BLOCK_EVENTS);
  #height: number;
  /** Called when another height is indexed. */
  #waiting: (() => void)[] = [];
  /** Blocks taken back since the disk was tidied up. */
  #forgotten = 0;
  #stopped = false;

  constructor(db: Db) {
    this.db = db;
    const tip = db.get(keys.TIP_KEY);
    this.#height = tip ? keys.readU64(tip) : 0;
  }

  /** The last block that is indexed; 0 before the first. */
  height(): number {
    return this.#height;
  }

  /** Indexes a block; one that is already indexed changes nothing. */
  async index(block: Block, results: FinalizeBlockResponse): Promise<void> {
    const { height } = block.header;
    if (height <= this.#height) return;
    const writer = new RecordWriter();
    const ops = this.#postings(height, results, writer);
    const put = (key: Bytes, value: Bytes): number => ops.push({ type: 'put', key, value });
    const record = (hash: Bytes, position: number, succeeded: 0 | 1): void => {
      writer.begin(keys.TX_RECORD_BYTES);
      const key = writer.bytes(keys.TX).bytes(hash).cut();
      put(key, writer.u64(height).number(position, 4).number(succeeded, 1).cut());
    };
    const succeeds = (position: number): boolean => results.txResults[position]?.code === 0;
    // Like CometBFT: a failed repetition does not hide the success, and of one block the last record counts.
    block.txs.forEach((tx, position) => {
      const hash = txHash(tx);
      if (!succeeds(position) && !this.#succeededBefore(hash)) record(hash, position, 0);
    });
    block.txs.forEach((tx, position) => {
      if (succeeds(position)) record(txHash(tx), position, 1);
    });
    const total = this.txCount(height - 1) + block.txs.length;
    put(keys.countKey(height), concat(keys.u64(total), keys.u32(block.txs.length)));
    put(keys.TIP_KEY, keys.u64(height));
    // Not synced: after a loss of power `catchUp` indexes the missing blocks again.
    await this.db.batch(ops);
    this.#height = height;
    this.#wake();
  }

  /** Resolves when a height that is committed is indexed, too, or the node stops. */
  async reached(height: number): Promise<void> {
    while (this.#height < height && !this.#stopped) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** What the index says of the events of a block. */
  #postings(height: number, results: FinalizeBlockResponse, writer: RecordWriter): DbOp[] {
    results.txResults.forEach(({ events }, position) => this.#txEvents.add(events, position));
    this.#blockEvents.add(results.events, 0);
    return [...this.#txEvents.take(height, writer), ...this.#blockEvents.take(height, writer)];
  }

  /** Takes back what `index` wrote of a block that is about to go. Idempotent. */
  async forget(block: Block, results: FinalizeBlockResponse | undefined): Promise<void> {
    const { height } = block.header;
    const entries = results ? this.#postings(height, results, new RecordWriter()) : [];
    const gone = entries.map(({ key }) => key);
    for (const tx of block.txs) {
      const hash = txHash(tx);
      // The same transaction may stand in a later block, too.
      if (this.txByHash(hash)?.height === height) gone.push(keys.txKey(hash));
    }
    gone.push(keys.countKey(height));
    await this.db.batch(gone.map((key) => ({ type: 'del', key })));
    await this.#tidyUp();
  }

  /** Entries of one block lie all over the index, so it is rewritten as a whole, seldom and slowly. */
  async #tidyUp(): Promise<void> {
    this.#forgotten += 1;
    if (this.#forgotten < COMPACT_ALL_AFTER) return;
    this.#forgotten = 0;
    await compactSlowly(this.db, [keys.WHOLE_INDEX], () => this.#stopped);
  }

  /** The database may be closed once this has resolved. */
  stop(): void {
    this.#stopped = true;
    this.#wake();
  }

  /** Indexes what the store has and the index has not; run before the node shows its height. */
  async catchUp(reader: BlockReader): Promise<void> {
    const start = Math.max(this.#height + 1, reader.base());
    for (let height = start; height <= reader.height(); height++) {
      const stored = reader.block(height);
      const results = reader.results(height);
      if (stored && results) await this.index(stored.block, results);
    }
  }

  txByHash(hash: Bytes): TxPlace | undefined {
    const value = this.db.get(keys.txKey(hash));
    return value && { height: keys.readU64(value), position: keys.readU32(value, 8) };
  }

  /** The lowest of the heights from `from` on that was not taken back. Its block may go a little later. */
  lowest(from: number): number {
    let height = from;
    while (height < this.#height && this.db.get(keys.countKey(height)) === undefined) height += 1;
    return height;
  }

  /** Transactions in all indexed blocks below `height`, of which nobody may know any more. */
  txsBefore(height: number): number {
    return this.txCount(height) - this.txsIn(height);
  }

  /** Transactions in all indexed blocks up to `height`. */
  txCount(height: number): number {
    const value = this.db.get(keys.countKey(height));
    return value ? keys.readU64(value) : 0;
  }

  /** Transactions in one indexed block. */
  txsIn(height: number): number {
    const value = this.db.get(keys.countKey(height));
    return value ? keys.readU32(value, keys.HEIGHT_BYTES) : 0;
  }

  #succeededBefore(hash: Bytes): boolean {
    return this.db.get(keys.txKey(hash))?.at(-1) === 1;
  }
}

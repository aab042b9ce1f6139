/** What a database must offer: reads at once, writes as one atomic batch. */
import type { Bytes } from '../base/bytes.ts';

export type DbOp =
  | { readonly type: 'put'; readonly key: Bytes; readonly value: Bytes }
  | { readonly type: 'del'; readonly key: Bytes };

export interface DbRange {
  /** First key. */
  readonly start?: Bytes;
  /** Behind the last key. */
  readonly end?: Bytes;
  readonly reverse?: boolean;
}

/** The files behind a database. */
export interface DbDisk {
  /** About how many bytes a range of keys takes. */
  sizeOf(start: Bytes, end: Bytes): Promise<number>;
  /** Rewrites the files of a range without what has been deleted. */
  compact(start: Bytes, end: Bytes): Promise<void>;
}

export interface Db {
  /** Absent for a database in memory. */
  readonly disk?: DbDisk;
  get(key: Bytes): Bytes | undefined;
  /** A consistent view: what is written after the call is not seen. */
  iterate(range?: DbRange): AsyncIterableIterator<[Bytes, Bytes]>;
  /**
   * All of the operations or none. With `sync` the promise resolves when they will survive a loss
   * of power.
   */
  batch(ops: readonly DbOp[], options?: { readonly sync?: boolean }): Promise<void>;
  close(): Promise<void>;
}

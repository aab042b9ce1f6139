/** What the kit needs of the state store. The multi-store of node/store fits these shapes. */
import type { Bytes } from '../base/bytes.ts';

export interface KvReader {
  get(key: Bytes): Bytes | undefined;
  has(key: Bytes): boolean;
  /** Entries with start <= key < end in byte order, or backwards. */
  iterate(start?: Bytes, end?: Bytes, reverse?: boolean): IterableIterator<[Bytes, Bytes]>;
}

export interface KvStore extends KvReader {
  /** Empty values are refused: their absence could not be proved. */
  set(key: Bytes, value: Bytes): void;
  delete(key: Bytes): void;
}

/** A layer over all stores: reads fall through to what is below, writes stay here until `write`. */
export interface StateBranch {
  store(name: string): KvStore;
  branch(): StateBranch;
  write(): void;
}

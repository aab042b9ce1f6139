/** Single facts of a database whose stores are not open yet: what decides which stores there are to be. */
import { concat, type Bytes } from '../base/bytes.ts';
import { readTip } from './boot-check.ts';
import type { Db } from './db.ts';
import { valuePrefix } from './layout.ts';

export interface Peek {
  /** The newest committed version; 0 before the first. */
  readonly version: number;
  /** The newest committed value of a key. */
  value(store: string, key: Bytes): Bytes | undefined;
}

/** Throws DamagedStoreError when the database does not say which version it holds. */
export function peek(db: Db): Peek {
  return {
    version: readTip(db)?.version ?? 0,
    value: (store, key) => db.get(concat(valuePrefix(store), key)),
  };
}

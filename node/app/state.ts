/** What the kit needs of the state below it. The multi-store of node/store fits this shape. */
import type { KvStore } from '../store/kv.ts';

/** A layer over all stores: reads fall through to what is below, writes stay here until `write`. */
export interface StateBranch {
  store(name: string): KvStore;
  branch(): StateBranch;
  write(): void;
}

/** A layer that transactions run in: what one of them wrote can be taken back. */
export interface TxState extends StateBranch {
  branch(): TxState;
  /** Notes what is written from now on until `keep`, for `undo`. */
  mark(): number;
  /** Takes back what was written since `mark` answered this. */
  undo(mark: number): void;
  /** All that was written since the first mark stays. */
  keep(): void;
}

/** What the kit needs of the state below it. The multi-store of node/store fits this shape. */
import type { KvStore } from '../store/kv.ts';

/** A layer over all stores: reads fall through to what is below, writes stay here until `write`. */
export interface StateBranch {
  store(name: string): KvStore;
  branch(): StateBranch;
  write(): void;
}

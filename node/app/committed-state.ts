/**
 * Branches over the committed state, untouched by a block that has been executed but not committed.
 * CheckTx, proposals and queries run on them.
 */
import type { Bytes } from '../base/bytes.ts';
import { BitscaleError, InvariantError } from '../base/errors.ts';
import { INVALID_HEIGHT } from '../base/sdk-errors.ts';
import { MultiStoreBranch } from '../store/branch.ts';
import type { Key, KvPair, KvReader, KvStore } from '../store/kv.ts';
import type { MultiStore } from '../store/multi-store.ts';
import type { TxState } from './state.ts';

/** Reads of one store; the layer above keeps all writes. */
class ReadOnlyStore implements KvStore {
  readonly #reader: KvReader;

  constructor(reader: KvReader) {
    this.#reader = reader;
  }

  get(key: Key): Bytes | undefined {
    return this.#reader.get(key);
  }

  has(key: Key): boolean {
    return this.#reader.has(key);
  }

  iterate(start?: Bytes, end?: Bytes, reverse?: boolean): IterableIterator<KvPair> {
    return this.#reader.iterate(start, end, reverse);
  }

  set(): never {
    throw new InvariantError('the committed state is read-only');
  }

  delete(): never {
    throw new InvariantError('the committed state is read-only');
  }
}

/** The newest committed state; before the first commit what the chain begins with. */
export function newestState(stores: MultiStore): TxState {
  return new MultiStoreBranch({ store: (name) => new ReadOnlyStore(stores.committed(name)) });
}

/** The state after block `height`. Throws sdk/26 when it is not there. */
export function stateAt(stores: MultiStore, height: number): TxState {
  if (height === 0 || height === stores.version) return newestState(stores);
  if (height > stores.version) {
    const text = 'cannot query with height in the future; please provide a valid height';
    throw new BitscaleError(INVALID_HEIGHT, text);
  }
  if (!Number.isSafeInteger(height) || height < stores.base) {
    const detail = `height ${height} is not available, only ${stores.base} to ${stores.version}; older ones are pruned`;
    throw new BitscaleError(INVALID_HEIGHT, detail);
  }
  const view = stores.at(height);
  const reader = (name: string): KvReader =>
    stores.kindOf(name) === 'plain' ? stores.committed(name) : view.store(name);
  return new MultiStoreBranch({ store: (name) => new ReadOnlyStore(reader(name)) });
}

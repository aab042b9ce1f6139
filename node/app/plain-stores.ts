/** The plain stores of the modules, in snapshots and after a restore. */
import { BitscaleError, InvariantError } from '../base/errors.ts';
import { INVALID_REQUEST } from '../base/sdk-errors.ts';
import { ZERO_TIME } from '../base/time.ts';
import { MultiStoreBranch } from '../store/branch.ts';
import type { KvPair, KvReader, KvStore } from '../store/kv.ts';
import type { ExportedState, PlainOwner, RestoredState } from '../store/snapshot/plain-owner.ts';
import { PARAMS_STORE, readConsensusParams } from './chain-record.ts';
import { Context } from './context.ts';
import type { PlainRecovery, StoreSpec } from './module.ts';
import type { StateBranch } from './state.ts';

export class ModulePlainStores implements PlainOwner {
  readonly #chainId: string;
  readonly #recoveries: ReadonlyMap<string, PlainRecovery>;

  constructor(chainId: string, specs: readonly StoreSpec[]) {
    this.#chainId = chainId;
    this.#recoveries = new Map(
      specs.flatMap((spec) => (spec.kind === 'plain' ? [[spec.name, spec.recovery] as const] : [])),
    );
  }

  carried(state: ExportedState, store: string): Iterable<KvPair> {
    return this.#recoveries.get(store)?.carried?.(this.#context(state)) ?? [];
  }

  accept(state: RestoredState, store: string, pair: KvPair): void {
    const recovery = this.#recoveries.get(store);
    if (!recovery?.accept)
      throw new BitscaleError(INVALID_REQUEST, `store ${store} is not carried`);
    recovery.accept(this.#context(state), pair);
  }

  *finish(state: RestoredState): Iterable<void> {
    for (const recovery of this.#recoveries.values()) {
      yield* recovery.finish?.(this.#context(state)) ?? [];
    }
  }

  #context(state: ExportedState): Context {
    const block = {
      chainId: this.#chainId,
      height: state.height,
      time: ZERO_TIME,
      proposer: new Uint8Array(0),
      lastCommit: [],
      misbehavior: [],
      consensusParams: readConsensusParams(state.tree(PARAMS_STORE)),
    };
    return new Context({ block, mode: 'query', state: this.#layer(state) });
  }

  #layer(state: ExportedState): StateBranch {
    const names = this.#recoveries;
    return {
      store: (name) =>
        names.has(name) ? plainStore(state, name) : readOnly(() => state.tree(name)),
      branch: () => new MultiStoreBranch({ store: (name) => this.#layer(state).store(name) }),
      write: () => undefined,
    };
  }
}

function plainStore(state: ExportedState, name: string): KvStore {
  const store = state.plain(name);
  return 'set' in store ? (store as KvStore) : readOnly(() => store);
}

/** `fresh` is asked each time, so that what one look loads into memory is forgotten before the next. */
function readOnly(fresh: () => KvReader): KvStore {
  const refuse = (): never => {
    throw new InvariantError('the state of a snapshot is read-only');
  };
  return {
    get: (key) => fresh().get(key),
    has: (key) => fresh().has(key),
    iterate: (...range) => fresh().iterate(...range),
    set: refuse,
    delete: refuse,
  };
}

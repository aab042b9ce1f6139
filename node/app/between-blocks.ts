/**
 * What is seen between two blocks: by transactions that are only checked, what the pending ones before them have left
 * of the newest state; by queries, the state after a block. The height and time are those of the newest block unless
 * another is asked for.
 */
import { BitscaleError } from '../base/errors.ts';
import { INVALID_REQUEST } from '../base/sdk-errors.ts';
import { ZERO_TIME, type Time } from '../base/time.ts';
import type { MultiStore } from '../store/multi-store.ts';
import {
  PARAMS_STORE,
  RECORD_STORE,
  readBlockRecord,
  readConsensusParams,
} from './chain-record.ts';
import { newestState, stateAt } from './committed-state.ts';
import { Context, type BlockFacts, type ExecMode } from './context.ts';
import type { TxPlace } from './run-tx.ts';
import type { StateBranch, TxState } from './state.ts';

export class BetweenBlocks {
  readonly #chainId: string;
  readonly #stores: MultiStore;
  #pending: TxState | undefined;
  #newestFacts: BlockFacts | undefined;
  /** Of a chain that has no block yet. */
  #genesisTime: Time | undefined;
  /** Where old states find the time of their block; the newest one's stands for what is not known. */
  timeOf: (height: number) => Time | undefined = () => undefined;

  constructor(chainId: string, stores: MultiStore) {
    this.#chainId = chainId;
    this.#stores = stores;
  }

  /** The chain has its first state, and no block. */
  begin(time: Time): void {
    this.#genesisTime = time;
    this.forget();
    this.#pending = newestState(this.#stores);
  }

  /** There is a new state, on which nothing is pending. */
  forget(): void {
    this.#pending = undefined;
    this.#newestFacts = undefined;
  }

  get hasBegun(): boolean {
    return this.#pending !== undefined || this.#stores.version > 0;
  }

  /** What pending transactions have left of the newest state. Throws sdk/18 before the chain has begun. */
  get pending(): TxState {
    if (this.#pending) return this.#pending;
    if (this.#stores.version === 0) {
      throw new BitscaleError(INVALID_REQUEST, 'the chain has not begun');
    }
    this.#pending = newestState(this.#stores);
    return this.#pending;
  }

  /** Where a transaction is run that no block holds. */
  place(state: TxState, mode: ExecMode): TxPlace {
    this.#newestFacts ??= this.#factsOf(state, this.#stores.version);
    return { block: this.#newestFacts, mode, state };
  }

  /** Reads what is pending, and changes nothing of it. */
  pendingContext(): Context {
    return new Context(this.place(this.pending.branch(), 'query'));
  }

  /** The state after a block; 0: after the newest. Throws sdk/26 when it is not there. */
  queryContext(height: number): Context {
    if (this.#stores.version === 0) return this.pendingContext();
    const state = stateAt(this.#stores, height);
    if (height === 0) return new Context(this.place(state, 'query'));
    return new Context({ block: this.#factsOf(state, height), mode: 'query', state });
  }

  #factsOf(state: StateBranch, height: number): BlockFacts {
    const record = readBlockRecord(state.store(RECORD_STORE));
    const past = height === this.#stores.version ? undefined : this.timeOf(height);
    return {
      chainId: this.#chainId,
      height,
      time: past ?? record?.time ?? this.#genesisTime ?? ZERO_TIME,
      proposer: new Uint8Array(0),
      lastCommit: [],
      misbehavior: [],
      consensusParams: readConsensusParams(state.store(PARAMS_STORE)),
    };
  }
}

/** What a handler may know and touch: the block it runs in, its stores, its gas and its events. */
import type { Bytes } from '../base/bytes.ts';
import type { Time } from '../base/time.ts';
import type { CommitVote, ConsensusParams, Misbehavior } from './abci.ts';
import { EventLog } from './events.ts';
import { GasMeter, GasStore } from './gas.ts';
import type { StateBranch } from './state.ts';
import type { KvStore } from '../store/kv.ts';

/**
 * Why code runs. Only `genesis` and `finalize` can reach the committed state. `replace` is a check of a
 * transaction that takes the place of a pending one with its sequence.
 */
export type ExecMode =
  'genesis' | 'check' | 'replace' | 'recheck' | 'simulate' | 'finalize' | 'query';

export interface BlockFacts {
  readonly chainId: string;
  readonly height: number;
  readonly time: Time;
  /** Consensus address of the proposer; empty outside a block. */
  readonly proposer: Bytes;
  readonly lastCommit: readonly CommitVote[];
  readonly misbehavior: readonly Misbehavior[];
  readonly consensusParams: ConsensusParams;
}

interface ContextParts {
  readonly block: BlockFacts;
  readonly mode: ExecMode;
  readonly state: StateBranch;
  readonly gas?: GasMeter;
  /** False: nobody will ask for the events. */
  readonly keepsEvents?: boolean;
}

/** The stores that were asked for, the newest first: most contexts see two or three. */
interface OpenStore {
  readonly name: string;
  readonly store: KvStore;
  readonly next: OpenStore | undefined;
}

export class Context {
  readonly block: BlockFacts;
  readonly mode: ExecMode;
  readonly gas: GasMeter;
  readonly events: EventLog;
  readonly #state: StateBranch;
  #stores: OpenStore | undefined;

  constructor(parts: ContextParts) {
    this.block = parts.block;
    this.mode = parts.mode;
    this.gas = parts.gas ?? new GasMeter();
    this.#state = parts.state;
    this.events = new EventLog(parts.keepsEvents);
  }

  get chainId(): string {
    return this.block.chainId;
  }

  get height(): number {
    return this.block.height;
  }

  get time(): Time {
    return this.block.time;
  }

  get isSimulate(): boolean {
    return this.mode === 'simulate';
  }

  get isCheckTx(): boolean {
    return this.mode === 'check' || this.mode === 'replace' || this.mode === 'recheck';
  }

  /** The named store; each access is charged to `gas`. */
  store(name: string): KvStore {
    for (let open = this.#stores; open; open = open.next) if (open.name === name) return open.store;
    const store = new GasStore(this.#state.store(name), this.gas);
    this.#stores = { name, store, next: this.#stores };
    return store;
  }

  /**
   * A context whose writes and events count only if `write` is called. Gas goes to the same meter and is spent
   * whatever happens.
   */
  branch(): BranchedContext {
    return new BranchedContext(this, this.#state.branch());
  }
}

class BranchedContext extends Context {
  readonly #parent: Context;
  readonly #layer: StateBranch;

  constructor(parent: Context, layer: StateBranch) {
    const { block, mode, gas, events } = parent;
    super({ block, mode, state: layer, gas, keepsEvents: events.isKept });
    this.#parent = parent;
    this.#layer = layer;
  }

  /** Passes the writes and events on to the parent. Call at most once, at the end. */
  write(): void {
    this.writeState();
    this.#parent.events.append(this.events.list());
  }

  /** Passes the writes on and leaves the events to the caller. */
  writeState(): void {
    this.#layer.write();
  }
}

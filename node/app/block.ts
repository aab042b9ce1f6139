/** One block: modules begin it, its transactions run in order, modules end it. */
import type { BlockRequest, ConsensusParams, Event, TxResult, ValidatorUpdate } from './abci.ts';
import type { Bytes } from '../base/bytes.ts';
import { PARAMS_STORE, RECORD_STORE, changedParams, writeBlockRecord } from './chain-record.ts';
import { Context, type BlockFacts } from './context.ts';
import { withAttribute } from './events.ts';
import { mergeUpdates } from './genesis.ts';
import { runTx, type RunnerDeps, type TxPlace } from './run-tx.ts';
import type { TxState } from './state.ts';

export interface BlockOutcome {
  readonly events: readonly Event[];
  readonly txResults: readonly TxResult[];
  readonly validatorUpdates: readonly ValidatorUpdate[];
  /** Present when the block changed them. */
  readonly consensusParamUpdates?: ConsensusParams;
}

export function blockFacts(
  request: BlockRequest,
  chain: { readonly chainId: string; readonly consensusParams: ConsensusParams },
): BlockFacts {
  return {
    ...chain,
    height: request.height,
    time: request.time,
    proposer: request.proposerAddress,
    lastCommit: request.lastCommit.votes,
    misbehavior: request.misbehavior,
  };
}

/** A block while it is executed: begun when it is made, then its transactions one by one, then ended. */
export class BlockRun {
  readonly block: BlockFacts;
  readonly #state: TxState;
  readonly #place: TxPlace;
  readonly #deps: RunnerDeps;
  readonly #events: Event[] = [];
  readonly #results: TxResult[] = [];

  constructor(block: BlockFacts, state: TxState, deps: RunnerDeps) {
    this.block = block;
    this.#state = state;
    this.#place = { block, mode: 'finalize', state };
    this.#deps = deps;
    for (const module of deps.registry.modules) {
      const begin = this.#context();
      module.beginBlock?.(begin);
      this.#events.push(...withAttribute(begin.events.list(), 'mode', 'BeginBlock'));
    }
  }

  #context(): Context {
    return new Context(this.#place);
  }

  /** The next transaction of the block. */
  add(tx: Bytes): void {
    this.#results.push(runTx(this.#place, tx, this.#deps).result);
  }

  /**
   * As `add`, if it passes the rules of all transactions; else nothing of it stays. After an error that is no
   * refusal something may, and the run must be given up, unless it was `apart`.
   */
  addIfGood(tx: Bytes, apart = false): boolean {
    const place = apart ? { ...this.#place, state: this.#state.branch() } : this.#place;
    const { result, passed } = runTx(place, tx, this.#deps);
    if (!passed) return false;
    if (apart) place.state.write();
    this.#results.push(result);
    return true;
  }

  /** Most gas that the transaction may use; undefined when its bytes are none. */
  gasWanted(tx: Bytes): bigint | undefined {
    return this.#deps.decoder.tryDecode(tx)?.fee.gasLimit;
  }

  end(): BlockOutcome {
    const { block } = this;
    const updates = this.#deps.registry.modules.map((module) => {
      const end = this.#context();
      const own = module.endBlock?.(end) ?? [];
      this.#events.push(...withAttribute(end.events.list(), 'mode', 'EndBlock'));
      return own;
    });
    writeBlockRecord(this.#state.store(RECORD_STORE), block);
    const changed = changedParams(this.#state.store(PARAMS_STORE), block.consensusParams);
    return {
      events: this.#events,
      txResults: this.#results,
      validatorUpdates: mergeUpdates(updates),
      ...(changed && { consensusParamUpdates: changed }),
    };
  }
}

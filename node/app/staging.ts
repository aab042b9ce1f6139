/**
 * Executes blocks in the working state of the stores, one at a time: a proposal when it is made or judged, so that
 * the same block is not executed again when it is decided, and any other block when it is. What is staged becomes
 * the committed state by a commit alone.
 */
import { equal, type Bytes } from '../base/bytes.ts';
import { assert } from '../base/errors.ts';
import { compareTime } from '../base/time.ts';
import { DamagedStoreError } from '../store/errors.ts';
import type { MultiStore } from '../store/multi-store.ts';
import type * as abci from './abci.ts';
import { BlockRun, blockFacts } from './block.ts';
import { PARAMS_STORE, readConsensusParams } from './chain-record.ts';
import { runGenesis } from './genesis.ts';
import { acceptsTxs, chooseTxs } from './proposal.ts';
import type { RunnerDeps } from './run-tx.ts';
import type { StateBranch } from './state.ts';

interface Staged {
  readonly request: abci.BlockRequest;
  readonly response: abci.FinalizeBlockResponse;
  /** False while it is only a proposal. */
  readonly decided: boolean;
}

export interface StagingDeps {
  readonly chainId: string;
  readonly stores: MultiStore;
  readonly runner: RunnerDeps;
}

export class Staging {
  readonly #deps: StagingDeps;
  #staged: Staged | undefined;

  constructor(deps: StagingDeps) {
    this.#deps = deps;
  }

  /** The first state of the chain: every proposal of the first block is executed on it. Returns the validators. */
  begin(request: abci.InitChainRequest): readonly abci.ValidatorUpdate[] {
    const { stores, runner } = this.#deps;
    const state = stores.branch();
    const validators = runGenesis(state, request, runner.registry.modules);
    state.write();
    stores.retain();
    return validators;
  }

  /** Those of the offered transactions that the block takes, in order. */
  prepare(request: abci.BlockRequest, maxTxBytes: number): readonly Bytes[] {
    try {
      return this.#choose(request, maxTxBytes, false);
    } catch (error) {
      if (error instanceof DamagedStoreError) throw error;
      return this.#choose(request, maxTxBytes, true);
    }
  }

  #choose(request: abci.BlockRequest, maxBytes: number, careful: boolean): readonly Bytes[] {
    const [run, state] = this.#begin(request);
    const txs = chooseTxs(run, { txs: request.txs, maxBytes, careful });
    this.#end({ ...request, txs }, run, state);
    return txs;
  }

  /** May the block be voted for? Not when its execution meets a bug of this program: that would stop every node. */
  judge(request: abci.BlockRequest): boolean {
    if (this.#isStaged(request)) return true;
    try {
      const [run, state] = this.#begin(request);
      if (!acceptsTxs(run, request.txs)) return false;
      this.#end(request, run, state);
      return true;
    } catch (error) {
      if (error instanceof DamagedStoreError) throw error;
      return false;
    }
  }

  finalize(request: abci.BlockRequest): abci.FinalizeBlockResponse {
    if (!this.#isStaged(request)) {
      const [run, state] = this.#begin(request);
      for (const tx of request.txs) run.add(tx);
      this.#end(request, run, state);
    }
    const staged = this.#staged as Staged;
    this.#staged = { ...staged, decided: true };
    return staged.response;
  }

  /** Only a block that is decided may be committed. */
  requireDecided(): void {
    assert(this.#staged?.decided === true, 'commit without a finalized block');
  }

  /** The committed state stands on its own. */
  forget(): void {
    this.#staged = undefined;
  }

  #begin(request: abci.BlockRequest): [BlockRun, ReturnType<MultiStore['branch']>] {
    const { chainId, stores, runner } = this.#deps;
    assert(
      request.height === stores.nextVersion,
      `block ${request.height} does not follow the state`,
    );
    this.#staged = undefined;
    stores.rollback();
    const state = stores.branch();
    const consensusParams = readConsensusParams(state.store(PARAMS_STORE));
    const block = blockFacts(request, { chainId, consensusParams });
    return [new BlockRun(block, state, runner), state];
  }

  #end(request: abci.BlockRequest, run: BlockRun, state: StateBranch): void {
    const outcome = run.end();
    state.write();
    const response = { ...outcome, appHash: this.#deps.stores.workingHash() };
    this.#staged = { request, response, decided: false };
  }

  #isStaged(request: abci.BlockRequest): boolean {
    return this.#staged !== undefined && sameContent(this.#staged.request, request);
  }
}

/** All that execution sees of a block; its hash, which a proposal has not got yet, is not part of that. */
function sameContent(a: abci.BlockRequest, b: abci.BlockRequest): boolean {
  return (
    a.height === b.height &&
    compareTime(a.time, b.time) === 0 &&
    equal(a.proposerAddress, b.proposerAddress) &&
    equal(a.nextValidatorsHash, b.nextValidatorsHash) &&
    a.lastCommit.round === b.lastCommit.round &&
    sameList(a.lastCommit.votes, b.lastCommit.votes, sameVote) &&
    sameList(a.misbehavior, b.misbehavior, sameMisbehavior) &&
    sameList(a.txs, b.txs, (one, other) => one === other || equal(one, other))
  );
}

function sameList<T>(a: readonly T[], b: readonly T[], same: (a: T, b: T) => boolean): boolean {
  return a.length === b.length && a.every((one, i) => same(one, b[i] as T));
}

function sameVote(a: abci.CommitVote, b: abci.CommitVote): boolean {
  return a.flag === b.flag && a.power === b.power && equal(a.address, b.address);
}

function sameMisbehavior(a: abci.Misbehavior, b: abci.Misbehavior): boolean {
  return (
    a.kind === b.kind &&
    equal(a.address, b.address) &&
    a.power === b.power &&
    a.height === b.height &&
    compareTime(a.time, b.time) === 0 &&
    a.totalVotingPower === b.totalVotingPower
  );
}

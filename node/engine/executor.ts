/** Makes, checks and executes blocks: the only place where consensus meets the application. */
import { EMPTY, equal, toHex, type Bytes } from '../base/bytes.ts';
import { assert } from '../base/errors.ts';
import { MAX_BLOCK_BYTES } from '../base/limits.ts';
import type { Abci, BlockRequest, FinalizeBlockResponse } from '../app/abci.ts';
import { encodeBlock, encodeEvidence } from '../consensus/encoding.ts';
import { blockIdOf } from '../consensus/hashing.ts';
import type { Block, BlockId, Commit, DuplicateVoteEvidence } from '../consensus/types.ts';
import { EMPTY_COMMIT, verifyCommit } from '../consensus/verify-commit.ts';
import { commitVotes, type ChainState } from './chain-state.ts';
import { misbehaviorOf, type EvidencePool } from './evidence-pool.ts';
import type { BlockBudget } from './block-budget.ts';
import type { TxSource } from './expected.ts';
import { headerProblem, makeBlock, proposalTime, type BlockContent } from './header.ts';
import type { SignatureChecks } from './signature-checks.ts';

/** Room for everything in a block but transactions and evidence, as CometBFT reckons it. */
const BLOCK_OVERHEAD_BYTES = 11;
const MAX_HEADER_BYTES = 626;
const MAX_COMMIT_OVERHEAD_BYTES = 94;
const MAX_COMMIT_SIG_BYTES = 109;
/** Tag and length of one transaction. */
const TX_OVERHEAD_BYTES = 5;

export interface MadeBlock {
  readonly block: Block;
  readonly bytes: Bytes;
  readonly blockId: BlockId;
}

export interface ExecutorDeps {
  readonly app: Abci;
  readonly txs: TxSource;
  readonly evidence: EvidencePool;
  /** Most of a last commit was verified already, as votes of the height before. */
  readonly signatures: SignatureChecks;
  readonly budget: BlockBudget;
}

export class Executor {
  readonly #deps: ExecutorDeps;
  /** The block the application has executed last but not committed. */
  #executed: { readonly hash: string; readonly response: FinalizeBlockResponse } | undefined;
  /** The bytes of the newest block that was made or judged. The application does not execute it twice. */
  #judged: Bytes | undefined;

  constructor(deps: ExecutorDeps) {
    this.#deps = deps;
  }

  /** A new block on top of `state`, full of what the mempool offers. */
  make(
    state: ChainState,
    lastCommit: Commit | undefined,
    proposer: Bytes,
    nowMs: number,
  ): MadeBlock {
    const evidence = this.#deps.evidence.forBlock(state);
    const content = {
      time: proposalTime(state, nowMs),
      txs: [],
      evidence,
      lastCommit: lastCommit ?? EMPTY_COMMIT,
      proposerAddress: proposer,
    };
    // The application executes what it is offered.
    this.#executed = undefined;
    const txs = this.#chooseTxs(state, content, maxTxBytes(state, evidence));
    const block = makeBlock(state, { ...content, txs });
    const bytes = encodeBlock(block);
    this.#judged = bytes;
    return { block, bytes, blockId: blockIdOf(block, bytes) };
  }

  /** Why this block must not be voted for; undefined when it is valid. The same on every honest node. */
  problem(state: ChainState, block: Block, bytes: Bytes): string | undefined {
    if (bytes.length > maxBlockBytes(state)) return 'block too large';
    const wrong = headerProblem(state, block);
    if (wrong !== undefined) return `header: ${wrong}`;
    try {
      this.#checkLastCommit(state, block.lastCommit);
      this.#deps.evidence.checkBlock(state, block.evidence);
    } catch (error) {
      return String(error);
    }
    this.#executed = undefined;
    const { app, budget } = this.#deps;
    const request = this.#request(state, block, EMPTY);
    const judge = (): boolean => app.processProposal(request);
    const isKnown = this.#judged === bytes;
    this.#judged = bytes;
    // Neither an answer from memory nor a refusal at some transaction says how long a whole block takes.
    const accepted = budget.measured(block.txs.length, judge, (good) => good && !isKnown);
    return accepted ? undefined : 'the application refuses the block';
  }

  /** Runs the block in the application, or answers from the run before if that was this very block. */
  execute(state: ChainState, block: Block, blockId: BlockId): FinalizeBlockResponse {
    assert(block.header.height === state.height + 1, 'blocks are executed in order');
    const hash = toHex(blockId.hash);
    if (this.#executed?.hash === hash) return this.#executed.response;
    this.#executed = undefined;
    const request = this.#request(state, block, blockId.hash);
    const response = this.#deps.app.finalizeBlock(request);
    assert(response.txResults.length === block.txs.length, 'one result for each transaction');
    this.#executed = { hash, response };
    return response;
  }

  /** Runs a block that is not decided yet; what it throws is thrown again if it is decided. */
  tryExecute(state: ChainState, block: Block, blockId: BlockId): void {
    if (block.header.height !== state.height + 1) return;
    try {
      this.execute(state, block, blockId);
    } catch {
      this.#executed = undefined;
    }
  }

  /** Makes the last executed block's effects durable in the application. */
  async commit(): Promise<{ readonly retainHeight: number }> {
    assert(this.#executed !== undefined, 'commit without an executed block');
    const done = await this.#deps.app.commit();
    this.#executed = undefined;
    return done;
  }

  #chooseTxs(state: ChainState, content: BlockContent, maxBytes: number): readonly Bytes[] {
    const { txs, budget, app } = this.#deps;
    const request = this.#request(state, makeBlock(state, content), EMPTY);
    const choose = (): { readonly chosen: readonly Bytes[]; readonly offered: number } => {
      const offered = txs.reap(maxBytes, state.params.block.maxGas, budget.txs);
      const prepare = (): readonly Bytes[] =>
        app.prepareProposal({ ...request, txs: offered }, maxBytes);
      return { chosen: budget.measured(offered.length, prepare), offered: offered.length };
    };
    const first = choose();
    // What is refused has taken the place of others, and whoever made it so could do that at each proposer.
    const again = first.chosen.length < first.offered && txs.recount?.() === true;
    const { chosen } = again ? choose() : first;
    let size = 0;
    const tooMany = chosen.findIndex((tx) => {
      size += tx.length + TX_OVERHEAD_BYTES;
      return size > maxBytes;
    });
    return tooMany < 0 ? chosen : chosen.slice(0, tooMany);
  }

  #checkLastCommit(state: ChainState, commit: Commit): void {
    const { chainId, lastValidators, height, blockId } = state;
    if (lastValidators === undefined) {
      const { signatures, height: at, round } = commit;
      const isEmpty = signatures.length === 0 && at === 0 && round === 0;
      if (!isEmpty || !equal(commit.blockId.hash, EMPTY)) throw new Error('first commit not empty');
      return;
    }
    const check = { chainId, validators: lastValidators, height, blockId, commit };
    verifyCommit(check, (one) => this.#deps.signatures.verifyOne(one));
  }

  #request(state: ChainState, block: Block, hash: Bytes): BlockRequest {
    const { header, txs, evidence, lastCommit } = block;
    return {
      txs,
      height: header.height,
      time: header.time,
      hash,
      proposerAddress: header.proposerAddress,
      nextValidatorsHash: header.nextValidatorsHash,
      lastCommit: {
        round: lastCommit.round,
        votes: commitVotes(lastCommit, state.lastValidators),
      },
      misbehavior: evidence.map(misbehaviorOf),
    };
  }
}

function maxBlockBytes(state: ChainState): number {
  const { maxBytes } = state.params.block;
  return maxBytes < 0n ? MAX_BLOCK_BYTES : Math.min(Number(maxBytes), MAX_BLOCK_BYTES);
}

function maxTxBytes(state: ChainState, evidence: readonly DuplicateVoteEvidence[]): number {
  const commit = MAX_COMMIT_OVERHEAD_BYTES + MAX_COMMIT_SIG_BYTES * state.validators.size;
  const taken = evidence.reduce(
    (sum, one) => sum + encodeEvidence(one).length + TX_OVERHEAD_BYTES,
    0,
  );
  const overhead = BLOCK_OVERHEAD_BYTES + MAX_HEADER_BYTES + commit + taken;
  return Math.max(0, maxBlockBytes(state) - overhead);
}

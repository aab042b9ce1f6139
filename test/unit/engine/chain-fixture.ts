/** A chain in memory, decided by signing for all its validators. */
import { SignatureChecks } from '../../../node/engine/signature-checks.ts';
import { EMPTY, toHex, utf8, type Bytes } from '../../../node/base/bytes.ts';
import { ed25519PublicKey, signEd25519 } from '../../../node/base/ed25519.ts';
import { sha256 } from '../../../node/base/hash.ts';
import { noMetrics, silentLogger } from '../../../node/base/service.ts';
import { parseTime, timeToNanos, type Time } from '../../../node/base/time.ts';
import type { ConsensusParams } from '../../../node/app/abci.ts';
import { voteSignBytes } from '../../../node/consensus/sign-bytes.ts';
import {
  PRECOMMIT,
  type BlockId,
  type Commit,
  type Vote,
  type VoteType,
} from '../../../node/consensus/types.ts';
import { BlockBudget } from '../../../node/engine/block-budget.ts';
import { BlockStore } from '../../../node/engine/block-store.ts';
import { damaged } from '../../../node/engine/block-store-check.ts';
import { genesisChainState, type ChainState } from '../../../node/engine/chain-state.ts';
import { Committer } from '../../../node/engine/committer.ts';
import { EvidencePool } from '../../../node/engine/evidence-pool.ts';
import { Executor, type MadeBlock } from '../../../node/engine/executor.ts';
import { KEEP_ALL, Pruner } from '../../../node/engine/pruner.ts';
import { MemoryDb } from '../../../node/store/memory-db.ts';
import { ToyApp } from '../../integration/toy/toy-app.ts';

export const CHAIN_ID = 'unit-1';
export const GENESIS_TIME = parseTime('2026-01-01T00:00:00Z');
/** More than any test needs; a chain has the first four unless told otherwise. */
const ALL_SEEDS = Array.from({ length: 64 }, (_, at) => sha256(utf8(`unit validator ${at}`)));
export const SEEDS = ALL_SEEDS.slice(0, 4);

const BY_KEY = new Map(ALL_SEEDS.map((seed) => [toHex(ed25519PublicKey(seed)), seed]));
/** Those who may join later. */
export const MORE_SEEDS = ALL_SEEDS.slice(SEEDS.length, 16);

export const PARAMS: ConsensusParams = {
  block: { maxBytes: 100_000n, maxGas: -1n },
  evidence: { maxAgeNumBlocks: 10n, maxAgeDurationNanos: 10_000_000_000n, maxBytes: 10_000n },
  validator: { pubKeyTypes: ['ed25519'] },
  version: { app: 3n },
};

export function genesisState(size = SEEDS.length, params = PARAMS): ChainState {
  return genesisChainState({
    chainId: CHAIN_ID,
    initialHeight: 1,
    time: GENESIS_TIME,
    params,
    validators: ALL_SEEDS.slice(0, size).map((seed) => ({
      pubKey: ed25519PublicKey(seed),
      power: 10n,
    })),
    appHash: EMPTY,
  });
}

export function seedOf(pubKey: Bytes): Bytes {
  return BY_KEY.get(toHex(pubKey))!;
}

export interface VotePlace {
  readonly type: VoteType;
  readonly height: number;
  readonly round: number;
  readonly blockId: BlockId;
  readonly time: Time;
}

/** A vote of the validator at `index` of the set. */
export function signedVote(set: ChainState['validators'], index: number, place: VotePlace): Vote {
  const validator = set.validators[index]!;
  const signature = signEd25519(seedOf(validator.pubKey), voteSignBytes(CHAIN_ID, place));
  return { ...place, address: validator.address, index, signature };
}

/** The commit of a block by all validators. */
export function fullCommit(state: ChainState, blockId: BlockId, time: Time, round = 0): Commit {
  const height = state.height + 1;
  const signatures = state.validators.validators.map((_, index) => {
    const place: VotePlace = { type: PRECOMMIT, height, round, blockId, time };
    const { address, signature } = signedVote(state.validators, index, place);
    return { flag: 2 as const, address, time, signature };
  });
  return { height, round, blockId, signatures };
}

export interface TestChain {
  readonly blockDb: MemoryDb;
  readonly appDb: MemoryDb;
  readonly store: BlockStore;
  readonly app: ToyApp;
  readonly executor: Executor;
  readonly committer: Committer;
  readonly evidence: EvidencePool;
  /** Transactions for the next block. */
  txs: Bytes[];
  state(): ChainState;
  make(): MadeBlock;
  /** Decides `count` more blocks. */
  grow(count: number): Promise<void>;
}

/** A clock that stands still measures nothing. */
export const NO_BUDGET = new BlockBudget({ now: () => 0, monotonic: () => 0 }, 0);

export async function testChain(
  blockDb = new MemoryDb(),
  appDb = new MemoryDb(),
  genesis = genesisState(),
): Promise<TestChain> {
  const store = BlockStore.open(blockDb, damaged);
  if (store.state() === undefined) await store.begin(genesis);
  const app = new ToyApp(appDb);
  const evidence = await EvidencePool.open(store);
  const txs = { reap: () => chain.txs, update: () => (chain.txs = []) };
  const signatures = new SignatureChecks();
  const executor = new Executor({ app, txs, evidence, signatures, budget: NO_BUDGET });
  const services = { logger: silentLogger, metrics: noMetrics };
  const pruner = new Pruner(store, KEEP_ALL, services);
  const committer = new Committer({ store, executor, evidence, txs, pruner, ...services });
  const chain: TestChain = {
    blockDb,
    appDb,
    store,
    app,
    executor,
    committer,
    evidence,
    txs: [],
    state: () => committer.state(),
    make: () => {
      const state = committer.state();
      const lastCommit = state.lastValidators && store.seenCommit(state.height);
      const nowMs = Number(timeToNanos(state.time) / 1_000_000n) + 1_000;
      return executor.make(state, lastCommit, state.validators.proposer.address, nowMs);
    },
    grow: async (count) => {
      for (let i = 0; i < count; i += 1) {
        const made = chain.make();
        const commit = fullCommit(committer.state(), made.blockId, made.block.header.time);
        await committer.apply(made, commit);
      }
    },
  };
  return chain;
}

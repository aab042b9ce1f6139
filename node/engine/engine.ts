/** The engine as the composition root sees it: opens what is on disk, then decides blocks. */
import type { Bytes } from '../base/bytes.ts';
import { assert, BitscaleError, defineError } from '../base/errors.ts';
import { EXIT_DATA, ExitError } from '../base/exit.ts';
import type { Clock, Logger, Metrics } from '../base/service.ts';
import type { Abci } from '../app/abci.ts';
import { decodeBlock, decodeCommit } from '../consensus/decoding.ts';
import { blockIdOf } from '../consensus/hashing.ts';
import type { Block } from '../consensus/types.ts';
import { verifyCommit, type CommitCheck, type SignatureCheck } from '../consensus/verify-commit.ts';
import type { Db } from '../store/db.ts';
import { BlockBudget } from './block-budget.ts';
import { BlockStore } from './block-store.ts';
import { checkBlockStore, damaged } from './block-store-check.ts';
import { Committer, type CommitListener } from './committer.ts';
import { Driver } from './driver.ts';
import type { DriverOptions, StepListener } from './driver-deps.ts';
import { EvidencePool } from './evidence-pool.ts';
import { Executor } from './executor.ts';
import type { BlockSource, BulkChecks, ConsensusNetwork, TxSource } from './expected.ts';
import { NEVER_HALT, requireNoHalt, type HaltOptions } from './halt.ts';
import { KEEP_ALL, Pruner, type PruningPolicy } from './pruner.ts';
import { handshake, type Genesis } from './replay.ts';
import { beginAfterRestore, type Bootstrap } from './bootstrap.ts';
import { RoundMetrics } from './round-metrics.ts';
import { SignatureChecks } from './signature-checks.ts';
import { StallReport } from './stall-report.ts';
import type { Signer } from './signer.ts';
import { checkLastSigned } from './signing-guard.ts';
import { Wal } from './wal.ts';

export const ErrSyncedBlock = defineError('engine', 2, 'synced block refused');

/** A proposal may take such a part of a round: leader, validators and votes share it. */
const EXECUTION_SHARE = 4;

export interface EngineOptions {
  readonly consensus: DriverOptions;
  /** Where to stop for good; never by default. */
  readonly halt?: HaltOptions;
  readonly genesis: Genesis;
  readonly walDirectory: string;
  /** All blocks are kept unless it says otherwise. */
  readonly pruning?: PruningPolicy;
}

/** What must be there to open the engine. */
export interface EngineDeps {
  readonly db: Db;
  readonly app: Abci;
  readonly txs: TxSource;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly onFatal: (error: unknown) => void;
  readonly bulk?: BulkChecks | undefined;
}

/** What connects it to the world; known only after it is open. */
export interface EngineWorld {
  readonly signer: Signer | undefined;
  readonly network: ConsensusNetwork;
  readonly blocks: BlockSource;
  readonly onBehind: (height: number) => void;
}

interface Opened {
  readonly store: BlockStore;
  readonly evidence: EvidencePool;
  readonly wal: Wal;
}

export class Engine {
  readonly store: BlockStore;
  readonly evidence: EvidencePool;
  /** Must be stopped before what its listeners write to. */
  readonly pruner: Pruner;
  readonly #options: EngineOptions;
  readonly #deps: EngineDeps;
  readonly #wal: Wal;
  readonly #executor: Executor;
  readonly #committer: Committer;
  readonly #signatures: SignatureChecks;
  #driver: Driver | undefined;
  #stalls: StallReport | undefined;
  #onStep: StepListener = () => undefined;
  #heightSinceMs: number;

  private constructor(options: EngineOptions, deps: EngineDeps, opened: Opened) {
    this.#options = options;
    this.#deps = deps;
    this.#heightSinceMs = deps.clock.now();
    this.store = opened.store;
    this.evidence = opened.evidence;
    this.#wal = opened.wal;
    const { app, txs } = deps;
    const { evidence } = opened;
    this.#signatures = new SignatureChecks(deps.bulk);
    const { roundMs } = options.consensus.timeouts;
    const budget = new BlockBudget(deps.clock, roundMs / EXECUTION_SHARE);
    this.#executor = new Executor({ app, txs, evidence, signatures: this.#signatures, budget });
    this.pruner = new Pruner(opened.store, options.pruning ?? KEEP_ALL, deps);
    const parts = { executor: this.#executor, pruner: this.pruner };
    this.#committer = new Committer({ ...deps, ...opened, ...parts });
  }

  /** Checks the disk and brings the application to the newest block. Throws ExitError when it cannot. */
  static async open(options: EngineOptions, deps: EngineDeps): Promise<Engine> {
    const store = BlockStore.open(deps.db, damaged);
    checkBlockStore(store);
    await handshake(store, deps.app, options.genesis, deps.logger);
    const state = store.state();
    if (state) requireNoHalt(options.halt ?? NEVER_HALT, state, deps.app);
    const evidence = await EvidencePool.open(store);
    const wal = await Wal.open(options.walDirectory);
    return new Engine(options, deps, { store, evidence, wal });
  }

  /** Has this node taken part already? Then a missing signer state means that it was lost. */
  async isPastGenesis(): Promise<boolean> {
    return this.store.height() > 0 || (await this.#wal.heights()).length > 0;
  }

  /** Throws ExitError when the last-signed file is older than what is on disk, or the log is lost. */
  async guard({ last, address }: Signer): Promise<void> {
    if (last === undefined) return;
    await checkLastSigned(last, address, { store: this.store, wal: this.#wal });
    if (last.height <= this.height() + 1) return;
    const [signed, newest] = [last.height, this.height()];
    this.#deps.logger.warn(
      'the key signed later heights than there are blocks here: it signs again above',
      {
        signed,
        newest,
      },
    );
  }

  onCommit(listener: CommitListener): void {
    this.#committer.onCommit(listener);
  }

  /** The one who wants to know how consensus moves; must not throw. */
  onStep(listener: StepListener): void {
    this.#onStep = listener;
  }

  /** Connects the engine; it is paused until `resume`. */
  connect(world: EngineWorld): void {
    const { store, evidence } = this;
    const { clock, logger, metrics, onFatal } = this.#deps;
    const shared = { clock, logger, metrics, store, evidence, wal: this.#wal };
    const parts = {
      executor: this.#executor,
      committer: this.#committer,
      signatures: this.#signatures,
    };
    const options = this.#options.consensus;
    const rounds = new RoundMetrics(metrics, clock);
    const stalls = (this.#stalls = new StallReport(logger, clock));
    const onStep: StepListener = (before, after) => {
      if (before.context?.height !== after.context?.height) this.#heightSinceMs = clock.now();
      rounds.onStep(before, after);
      stalls.onStep(before, after);
      this.#onStep(before, after);
    };
    if (world.signer !== undefined) this.#committer.metrics.follow(world.signer.address);
    const requireGoing = (): void => this.#requireGoing();
    const deps = { ...shared, ...parts, ...world, options, onStep, requireGoing };
    this.#driver = new Driver(deps, onFatal);
  }

  /** Throws HaltError when the newest block is the last one for this node. */
  #requireGoing(): void {
    const { halt = NEVER_HALT } = this.#options;
    requireNoHalt(halt, this.#committer.state(), this.#deps.app);
  }

  get driver(): Driver {
    if (this.#driver === undefined) throw new Error('the engine is not connected');
    return this.#driver;
  }

  /** Wall clock at which this node began the height at hand. */
  heightSinceMs(): number {
    return this.#heightSinceMs;
  }

  /** Height of the newest block. */
  height(): number {
    return this.store.height();
  }

  /** After a restored snapshot: the next block is that after `state`. Only before the first `resume`. */
  bootstrap(start: Bootstrap): Promise<void> {
    return this.driver.task(async () => {
      assert(this.driver.isPaused, 'consensus does not run yet');
      await beginAfterRestore(this.store, this.#deps.app.info(), start);
      this.#deps.logger.info('the chain goes on after a restored state', {
        height: start.state.height,
      });
    });
  }

  /** Would applySynced take it? Consensus may run. Throws engine/2 when not. */
  checkSynced(blockBytes: Bytes, commitBytes: Bytes): Promise<void> {
    return this.driver.task(async () => void (await this.#checkSynced(blockBytes, commitBytes)));
  }

  /** The next block from sync, with the commit that proves it. Throws engine/2 when it does not hold. */
  applySynced(blockBytes: Bytes, commitBytes: Bytes): Promise<{ txs: number; bytes: number }> {
    return this.driver.task(async () => {
      const { block, bytes, blockId, commit } = await this.#checkSynced(blockBytes, commitBytes);
      await this.#committer.apply({ block, bytes, blockId }, commit);
      this.#requireGoing();
      return { txs: block.txs.length, bytes: bytes.length };
    });
  }

  /** What is much of it is verified beside the main thread. */
  async #prepare(check: CommitCheck, txs: readonly Bytes[]): Promise<void> {
    if (this.#signatures.isLarge(check.validators.size)) {
      const checks: SignatureCheck[] = [];
      verifyCommit(check, (one) => checks.push(one) > 0);
      await this.#signatures.prepare(checks);
    }
    await this.#signatures.prepareTxs(txs);
  }

  async #checkSynced(bytes: Bytes, commitBytes: Bytes) {
    const state = this.#committer.state();
    const { chainId, validators, height } = state;
    let block: Block;
    try {
      block = decodeBlock(bytes);
      const commit = decodeCommit(commitBytes);
      const blockId = blockIdOf(block, bytes);
      const check = { chainId, validators, height: height + 1, blockId, commit };
      await this.#prepare(check, block.txs);
      verifyCommit(check, (one) => this.#signatures.verifyOne(one));
      const problem = this.#executor.problem(state, block, bytes);
      if (problem !== undefined) {
        const why = `more than 2/3 committed block ${height + 1}, invalid here: ${problem}`;
        throw new ExitError(EXIT_DATA, why);
      }
      return { block, bytes, blockId, commit };
    } catch (error) {
      if (!(error instanceof BitscaleError)) throw error;
      throw new BitscaleError(ErrSyncedBlock, error.message, { cause: error });
    }
  }

  /** A block by its hash, decided or only proposed; for peers that miss it. */
  blockBytes(height: number, hash: Bytes): Bytes | undefined {
    const proposed = this.#driver?.pool.byHash(hash);
    if (proposed !== undefined) return proposed.bytes;
    return this.store.heightByHash(hash) === height ? this.store.blockBytes(height) : undefined;
  }

  async stop(): Promise<void> {
    this.#stalls?.stop();
    await this.#driver?.stop();
    await this.pruner.stop();
    await this.#wal.close();
  }
}

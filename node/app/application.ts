/**
 * The application behind the ABCI wall. Executed blocks are staged in the multi-store's working state and
 * become the committed state by `commit` alone; CheckTx, proposals and queries see committed state only.
 */
import type { Bytes } from '../base/bytes.ts';
import type { DecCoins } from '../base/dec-coin.ts';
import { assert } from '../base/errors.ts';
import type { Time } from '../base/time.ts';
import type { MultiStore } from '../store/multi-store.ts';
import { StatePruner } from '../store/state-pruner.ts';
import type * as abci from './abci.ts';
import type { AddressText } from './address-text.ts';
import { BetweenBlocks } from './between-blocks.ts';
import { KIT_STORES } from './chain-record.ts';
import { TxChecks } from './check-tx.ts';
import type { AccountKeeper, FeeAllowances, FeeKeeper } from './expected.ts';
import { exportGenesis } from './genesis.ts';
import type { AnyQueryHandler, Module } from './module.ts';
import { answerQuery } from './query-router.ts';
import { ModulePlainStores } from './plain-stores.ts';
import { Registry } from './registry.ts';
import type { RunnerDeps, TxOutcome } from './run-tx.ts';
import { kitQueries } from './services.ts';
import { SignatureCache, type SignatureCheck } from './signature-cache.ts';
import { Staging } from './staging.ts';
import { StateSync, type SnapshotOptions } from './state-sync.ts';
import { TxDecoder } from './tx.ts';
import { KnownFacts, type TxFacts } from './tx-facts.ts';

export interface ApplicationOptions {
  readonly chainId: string;
  /** What `/app/version` answers. */
  readonly version: string;
  readonly feeDenom: string;
  /** This node's own lowest prices; no rule of the chain. */
  readonly minGasPrices: DecCoins;
  /** Most gas of a trial run; 0 or nothing: as much as a block may hold. */
  readonly simulationGasLimit?: bigint;
  /** Versions of the state to keep; 0 keeps all. */
  readonly keepRecent: number;
  /** What the node says of itself: where it was told to stop; 0: nowhere. */
  readonly haltHeight?: number;
  readonly snapshots?: SnapshotOptions;
  /** Told what goes wrong in the background. */
  readonly onProblem?: (error: unknown) => void;
}

export interface ApplicationDeps {
  readonly stores: MultiStore;
  /** In the order of genesis, begin and end of block. */
  readonly modules: readonly Module[];
  readonly extraQueries?: readonly AnyQueryHandler[];
  readonly accounts: AccountKeeper;
  readonly fees: FeeKeeper;
  /** Without it a fee granter is refused. */
  readonly allowances?: FeeAllowances;
  readonly addresses: AddressText;
}

export class Application implements abci.Abci {
  readonly #options: ApplicationOptions;
  readonly #stores: MultiStore;
  readonly #runner: RunnerDeps;
  readonly #stateSync: StateSync;
  readonly #pruner: StatePruner;
  readonly #staging: Staging;
  readonly #between: BetweenBlocks;
  readonly #checks: TxChecks;

  constructor(options: ApplicationOptions, deps: ApplicationDeps) {
    this.#options = options;
    this.#stores = deps.stores;
    this.#between = new BetweenBlocks(options.chainId, deps.stores);
    const extra = [...kitQueries(this.#serviceDeps()), ...(deps.extraQueries ?? [])];
    const registry = new Registry(deps.modules, extra);
    this.#runner = {
      registry,
      decoder: new TxDecoder(registry, deps.addresses),
      accounts: deps.accounts,
      fees: deps.fees,
      ...(deps.allowances && { allowances: deps.allowances }),
      addresses: deps.addresses,
      signatures: new SignatureCache(),
      minGasPrices: options.minGasPrices,
      simulationGasLimit: options.simulationGasLimit ?? 0n,
    };
    const facts = new KnownFacts(deps, options.feeDenom);
    this.#checks = new TxChecks(this.#runner, this.#between, facts);
    const { chainId } = options;
    this.#staging = new Staging({ chainId, stores: deps.stores, runner: this.#runner });
    const owner = new ModulePlainStores(chainId, [...KIT_STORES, ...registry.stores]);
    const onProblem = options.onProblem ?? (() => undefined);
    this.#stateSync = new StateSync(deps.stores, { chainId, owner, onProblem }, options.snapshots);
    this.#pruner = new StatePruner(deps.stores, onProblem);
  }

  info(): { readonly height: number; readonly appHash: Bytes } {
    return { height: this.#stores.version, appHash: this.#stores.appHash };
  }

  /** What messages and queries there are. */
  get registry(): Registry {
    return this.#runner.registry;
  }

  initChain(request: abci.InitChainRequest): abci.InitChainResponse {
    assert(!this.#between.hasBegun, 'the chain has begun already');
    assert(request.chainId === this.#options.chainId, 'the genesis file is of another chain');
    const validators = this.#staging.begin(request);
    this.#between.begin(request.time);
    return { validators, appHash: this.#stores.appHash };
  }

  checkTx(
    tx: Bytes,
    kind: 'new' | 'replace' | 'recheck',
    isShown = kind !== 'recheck',
  ): abci.CheckTxResult {
    return this.#checks.check(tx, kind, isShown);
  }

  /** As checkTx, without counting the transaction as pending. */
  tryTx(tx: Bytes): abci.CheckTxResult {
    return this.#checks.try(tx);
  }

  /** What a transaction would do, whoever signed it. */
  simulate(tx: Bytes): TxOutcome {
    return this.#checks.simulate(tx);
  }

  /** `refresh` has the pending transactions checked again on which an answer about this one is built. */
  followPending(refresh: (tx: Bytes) => void): void {
    this.#checks.refresh = refresh;
  }

  /** What it says of itself, unchecked; undefined when the bytes are no transaction. */
  inspectTx(bytes: Bytes): TxFacts | undefined {
    return this.#checks.inspect(bytes);
  }

  /** What CheckTx would verify of these transactions and does not know yet; nothing changes by asking. */
  signatureChecks(txs: readonly Bytes[]): readonly SignatureCheck[] {
    return this.#checks.openSignatures(txs);
  }

  /**
   * Do the signatures hold, whatever the accounts' sequences are by now? Undefined when that cannot be said:
   * of multisigs, unknown accounts, and what is no transaction.
   */
  signaturesHold(bytes: Bytes): boolean | undefined {
    return this.#checks.signaturesHold(bytes);
  }

  /** The answers to `signatureChecks`, found elsewhere. */
  learnSignatures(checks: readonly SignatureCheck[], good: readonly boolean[]): void {
    this.#checks.learnSignatures(checks, good);
  }

  prepareProposal(request: abci.BlockRequest, maxTxBytes: number): readonly Bytes[] {
    return this.#staging.prepare(request, maxTxBytes);
  }

  processProposal(request: abci.BlockRequest): boolean {
    return this.#staging.judge(request);
  }

  finalizeBlock(request: abci.BlockRequest): abci.FinalizeBlockResponse {
    return this.#staging.finalize(request);
  }

  async commit(): Promise<{ readonly retainHeight: number }> {
    this.#staging.requireDecided();
    await this.#stores.commit();
    this.#standAlone();
    this.#stateSync.committed();
    const { keepRecent } = this.#options;
    if (keepRecent > 0) this.#pruner.wake(this.#stores.version - keepRecent + 1);
    return { retainHeight: this.#retainHeight() };
  }

  haltReason(): string | undefined {
    const asked = this.#runner.registry.modules.filter((module) => module.haltReason);
    if (asked.length === 0 || this.#stores.version === 0) return undefined;
    const context = this.#between.queryContext(0);
    return asked.map((module) => module.haltReason?.(context)).find((why) => why !== undefined);
  }

  query(request: abci.QueryRequest): abci.QueryResponse {
    return answerQuery(request, {
      registry: this.#runner.registry,
      stores: this.#stores,
      version: this.#options.version,
      context: (height) => this.#between.queryContext(height),
    });
  }

  listSnapshots(): readonly abci.Snapshot[] {
    return this.#stateSync.list();
  }

  loadSnapshotChunk(height: number, format: number, index: number): Promise<Bytes | undefined> {
    return this.#stateSync.chunk(height, format, index);
  }

  offerSnapshot(snapshot: abci.Snapshot, appHash: Bytes): abci.OfferVerdict {
    return this.#stateSync.offer(snapshot, appHash);
  }

  async applySnapshotChunk(index: number, chunk: Bytes): Promise<abci.ChunkVerdict> {
    const { verdict, done } = await this.#stateSync.apply(index, chunk);
    if (done) this.#standAlone();
    return verdict;
  }

  async forgetSnapshot(): Promise<boolean> {
    if (!this.#stores.isRestored) return false;
    await this.#stores.forgetRestored();
    this.#between.forget();
    return true;
  }

  takeSnapshot(): Promise<abci.Snapshot> {
    return this.#stateSync.take();
  }

  /** Resolves when no snapshot is being taken and nothing is being pruned. */
  async idle(): Promise<void> {
    await this.#stateSync.idle();
    await this.#pruner.idle();
  }

  /** Gives up what runs in the background. Call before the database is closed. */
  async stop(): Promise<void> {
    await this.#stateSync.stop();
    await this.#pruner.stop();
  }

  /** The committed state as the `app_state` of a genesis file. */
  exportGenesis(): Record<string, unknown> {
    return exportGenesis(this.#between.queryContext(0), this.#runner.registry.modules);
  }

  /** Names the rules of the modules that do not hold for the committed state; empty when all is well. */
  brokenInvariants(): readonly string[] {
    const context = this.#between.queryContext(0);
    return this.#runner.registry.modules.flatMap((module) =>
      (module.invariants ?? []).flatMap(({ name, check }) => {
        const why = check(context);
        return why === undefined ? [] : [`${module.name}/${name}: ${why}`];
      }),
    );
  }

  /** The lowest block that modules need, or a peer that starts from a snapshot of this node. */
  #retainHeight(): number {
    const context = this.#between.queryContext(0);
    const needed = this.#runner.registry.modules.map((module) => module.retainHeight?.(context));
    const snapshots = this.#stateSync.list().map(({ height }) => height);
    return needed.reduce<number>(
      (lowest, height) => Math.min(lowest, height ?? lowest),
      Math.min(this.#stores.version, ...snapshots),
    );
  }

  /** The state stands on its own now. */
  #standAlone(): void {
    this.#staging.forget();
    this.#between.forget();
  }

  #serviceDeps() {
    const { minGasPrices, keepRecent, haltHeight = 0 } = this.#options;
    return {
      minGasPrices,
      keepRecent,
      haltHeight,
      appHash: () => this.#stores.appHash,
      base: () => this.#stores.base,
      simulate: (tx: Bytes) => this.simulate(tx),
    };
  }

  /** Where queries of old states find the time of their block; the newest one's stands for what is not known. */
  useBlockTimes(timeOf: (height: number) => Time | undefined): void {
    this.#between.timeOf = timeOf;
  }
}

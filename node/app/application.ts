/**
 * The application behind the ABCI wall. Executed blocks are staged in the multi-store's working state and
 * become the committed state by `commit` alone; CheckTx, proposals and queries see committed state only.
 */
import type { Bytes } from '../base/bytes.ts';
import type { DecCoins } from '../base/dec-coin.ts';
import { BitscaleError, assert } from '../base/errors.ts';
import { INVALID_REQUEST } from '../base/sdk-errors.ts';
import { verifySecp256k1 } from '../base/secp256k1.ts';
import { ZERO_TIME, type Time } from '../base/time.ts';
import type { MultiStore } from '../store/multi-store.ts';
import { StatePruner } from '../store/state-pruner.ts';
import type * as abci from './abci.ts';
import type { AddressText } from './address-text.ts';
import { knownSignatures, openSignatures } from './ante-signatures.ts';
import {
  KIT_STORES,
  PARAMS_STORE,
  RECORD_STORE,
  readBlockRecord,
  readConsensusParams,
} from './chain-record.ts';
import { newestState, stateAt } from './committed-state.ts';
import { Context, type BlockFacts, type ExecMode } from './context.ts';
import type { AccountKeeper, FeeAllowances, FeeKeeper } from './expected.ts';
import { exportGenesis } from './genesis.ts';
import type { AnyQueryHandler, Module } from './module.ts';
import { answerQuery } from './query-router.ts';
import { ModulePlainStores } from './plain-stores.ts';
import { Registry } from './registry.ts';
import { runTx, type RunnerDeps, type TxOutcome, type TxPlace } from './run-tx.ts';
import { kitQueries } from './services.ts';
import { SignatureCache, type SignatureCheck } from './signature-cache.ts';
import { Staging } from './staging.ts';
import { StateSync, type SnapshotOptions } from './state-sync.ts';
import type { StateBranch, TxState } from './state.ts';
import { TxDecoder } from './tx.ts';
import { KnownFacts, type TxFacts } from './tx-facts.ts';

export interface ApplicationOptions {
  readonly chainId: string;
  /** What `/app/version` answers. */
  readonly version: string;
  readonly feeDenom: string;
  /** This node's own lowest prices; no rule of the chain. */
  readonly minGasPrices: DecCoins;
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
  #check: TxState | undefined;
  #timeOf: (height: number) => Time | undefined = () => undefined;
  readonly #facts: KnownFacts;
  #refresh: (tx: Bytes) => void = () => undefined;
  /** What a transaction that is only checked sees as its block. */
  #newestFacts: BlockFacts | undefined;
  /** Of a chain that has no block yet. */
  #genesisTime: Time | undefined;

  constructor(options: ApplicationOptions, deps: ApplicationDeps) {
    this.#options = options;
    this.#facts = new KnownFacts(deps, options.feeDenom);
    this.#stores = deps.stores;
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
    };
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
    assert(this.#stores.version === 0, 'the chain has begun already');
    assert(request.chainId === this.#options.chainId, 'the genesis file is of another chain');
    assert(this.#genesisTime === undefined, 'a chain begins once');
    const validators = this.#staging.begin(request);
    this.#genesisTime = request.time;
    this.#newestFacts = undefined;
    this.#check = newestState(this.#stores);
    return { validators, appHash: this.#stores.appHash };
  }

  checkTx(
    tx: Bytes,
    kind: 'new' | 'replace' | 'recheck',
    isShown = kind !== 'recheck',
  ): abci.CheckTxResult {
    const mode = kind === 'new' ? 'check' : kind;
    const place = { ...this.#place(this.#checkState(), mode), keepsEvents: isShown };
    return this.#checkResult(runTx(place, tx, this.#runner));
  }

  /** As checkTx, without counting the transaction as pending. */
  tryTx(tx: Bytes): abci.CheckTxResult {
    this.#refresh(tx);
    const place = this.#place(this.#checkState().branch(), 'check');
    return this.#checkResult(runTx(place, tx, this.#runner));
  }

  /** `refresh` has the pending transactions checked again on which an answer about this one is built. */
  followPending(refresh: (tx: Bytes) => void): void {
    this.#refresh = refresh;
  }

  /** What it says of itself, unchecked; undefined when the bytes are no transaction. */
  inspectTx(bytes: Bytes): TxFacts | undefined {
    try {
      return this.#facts.of(this.#runner.decoder.decode(bytes));
    } catch (error) {
      if (error instanceof BitscaleError) return undefined;
      throw error;
    }
  }

  /** What CheckTx would verify of these transactions and does not know yet; nothing changes by asking. */
  signatureChecks(txs: readonly Bytes[]): readonly SignatureCheck[] {
    if (this.#check === undefined && this.#stores.version === 0) return [];
    const context = this.#context(this.#checkState().branch(), 'query');
    return txs.flatMap((bytes) => {
      try {
        return openSignatures(context, this.#runner.decoder.decode(bytes), this.#runner);
      } catch {
        // CheckTx says what is wrong with it.
        return [];
      }
    });
  }

  /**
   * Do the signatures hold, whatever the accounts' sequences are by now? Undefined when that cannot be said:
   * of multisigs, unknown accounts, and what is no transaction.
   */
  signaturesHold(bytes: Bytes): boolean | undefined {
    const checks = this.signatureChecks([bytes]);
    const good = checks.map(({ pubKey, message, signature }) =>
      verifySecp256k1(pubKey, message, signature),
    );
    this.learnSignatures(checks, good);
    if (good.includes(false)) return false;
    const context = this.#context(this.#checkState().branch(), 'query');
    try {
      return knownSignatures(context, this.#runner.decoder.decode(bytes), this.#runner);
    } catch {
      return undefined;
    }
  }

  /** The answers to `signatureChecks`, found elsewhere. */
  learnSignatures(checks: readonly SignatureCheck[], good: readonly boolean[]): void {
    const { signatures } = this.#runner;
    checks.forEach(({ name }, index) => {
      if (good[index] === true) signatures.add(name);
      else signatures.addBad(name);
    });
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
    const context = this.#queryContext(0);
    return asked.map((module) => module.haltReason?.(context)).find((why) => why !== undefined);
  }

  query(request: abci.QueryRequest): abci.QueryResponse {
    return answerQuery(request, {
      registry: this.#runner.registry,
      stores: this.#stores,
      version: this.#options.version,
      context: (height) => this.#queryContext(height),
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
    this.#newestFacts = undefined;
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
    return exportGenesis(this.#queryContext(0), this.#runner.registry.modules);
  }

  /** Names the rules of the modules that do not hold for the committed state; empty when all is well. */
  brokenInvariants(): readonly string[] {
    const context = this.#queryContext(0);
    return this.#runner.registry.modules.flatMap((module) =>
      (module.invariants ?? []).flatMap(({ name, check }) => {
        const why = check(context);
        return why === undefined ? [] : [`${module.name}/${name}: ${why}`];
      }),
    );
  }

  /** The lowest block that modules need, or a peer that starts from a snapshot of this node. */
  #retainHeight(): number {
    const context = this.#queryContext(0);
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
    this.#check = undefined;
    this.#newestFacts = undefined;
  }

  #serviceDeps() {
    const { minGasPrices, keepRecent, haltHeight = 0 } = this.#options;
    return {
      minGasPrices,
      keepRecent,
      haltHeight,
      appHash: () => this.#stores.appHash,
      base: () => this.#stores.base,
      simulate: (tx: Bytes) => this.#simulate(tx),
    };
  }

  #simulate(tx: Bytes): TxOutcome {
    this.#refresh(tx);
    return runTx(this.#place(this.#checkState().branch(), 'simulate'), tx, this.#runner);
  }

  /** What pending transactions have left of the newest state. */
  #checkState(): TxState {
    if (this.#check) return this.#check;
    if (this.#stores.version === 0) {
      throw new BitscaleError(INVALID_REQUEST, 'the chain has not begun');
    }
    this.#check = newestState(this.#stores);
    return this.#check;
  }

  /** Where queries of old states find the time of their block; the newest one's stands for what is not known. */
  useBlockTimes(timeOf: (height: number) => Time | undefined): void {
    this.#timeOf = timeOf;
  }

  #queryContext(height: number): Context {
    if (this.#stores.version === 0) return this.#context(this.#checkState().branch(), 'query');
    return this.#context(stateAt(this.#stores, height), 'query', height);
  }

  /** A context between blocks: height and time of the newest block unless a height is given. */
  #context(state: TxState, mode: ExecMode, height = 0): Context {
    if (height === 0) return new Context(this.#place(state, mode));
    return new Context({ block: this.#factsOf(state, height), mode, state });
  }

  #place(state: TxState, mode: ExecMode): TxPlace {
    this.#newestFacts ??= this.#factsOf(state, this.#stores.version);
    return { block: this.#newestFacts, mode, state };
  }

  #factsOf(state: StateBranch, height: number): BlockFacts {
    const record = readBlockRecord(state.store(RECORD_STORE));
    const past = height === this.#stores.version ? undefined : this.#timeOf(height);
    return {
      chainId: this.#options.chainId,
      height,
      time: past ?? record?.time ?? this.#genesisTime ?? ZERO_TIME,
      proposer: new Uint8Array(0),
      lastCommit: [],
      misbehavior: [],
      consensusParams: readConsensusParams(state.store(PARAMS_STORE)),
    };
  }

  #checkResult({ result, tx }: TxOutcome): abci.CheckTxResult {
    if (tx && result.code === 0) {
      const { price: priority, sender, sequence } = this.#facts.of(tx);
      return { ...result, priority, sender, sequence };
    }
    const first = tx?.signers[0];
    const sender = first ? this.#runner.addresses.write(first) : '';
    const sequence = tx?.authInfo.signerInfos[0]?.sequence ?? 0n;
    return { ...result, priority: 0n, sender, sequence };
  }
}

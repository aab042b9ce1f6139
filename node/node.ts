/**
 * One node: opens what is on disk, joins engine, network, sync and whatever is plugged in, and starts and
 * stops them in order. The application and the services around it come in as parts, see create-node.ts.
 */
import { readFile } from 'node:fs/promises';
import { EXIT_CONFIG, EXIT_IO, ExitError } from './base/exit.ts';
import { DISK_CHECK_BLOCKS } from './base/limits.ts';
import type { Clock, Logger, Metrics } from './base/service.ts';
import type { Abci } from './app/abci.ts';
import type { NodeConfig } from './config.ts';
import { explained } from './failure.ts';
import { makeHome, type Home } from './home.ts';
import { Engine } from './engine/engine.ts';
import type { BulkChecks, TxSource } from './engine/expected.ts';
import { requireDiskSpace } from './engine/disk-space.ts';
import { lockHome, type HomeLock } from './engine/home-lock.ts';
import { findSigner } from './engine/signer-files.ts';
import type { Signer } from './engine/signer.ts';
import { readGenesis } from '../genesis/validate.ts';
import type { Genesis } from '../genesis/schema.ts';
import {
  blockSupply,
  consensusNetwork,
  spreadEvidence,
  SYNC_PROTOCOL,
  syncChain,
  syncNetwork,
} from './links.ts';
import type { Status } from './network/messages.ts';
import { Network } from './network/network.ts';
import { loadNodeIdentity, type NodeIdentity } from './network/node-key.ts';
import type { Verdict } from './network/tx-inbox.ts';
import { bindingBytes } from './network/validator-binding.ts';
import type { Db } from './store/db.ts';
import { LevelDb } from './store/level-db.ts';
import { STATE_PROTOCOL, stateSupply, stateSync, type StateParts } from './state-links.ts';
import { answerSync } from './sync/serve.ts';
import { answerState } from './sync/state-serve.ts';
import { SYNC_DEFAULTS, Syncer } from './sync/syncer.ts';
import { VERSION } from './version.ts';

const MS_PER_HOUR = 3_600_000;

export interface Stoppable {
  stop(): Promise<void> | void;
}

/** The mempool as the node drives it. */
export interface Pool extends TxSource {
  /** Transactions of a peer's gossip. */
  receive(peerId: string, txs: readonly Uint8Array[]): Verdict;
  /** Does it still wait for a block? */
  has?(tx: Uint8Array): boolean;
  /** Called for each transaction that entered from outside the network. */
  onLocal(listener: (tx: Uint8Array) => void): void;
}

/** What an application is made of. */
export interface AppOptions {
  readonly db: Db;
  readonly genesis: Genesis;
  readonly config: NodeConfig;
  readonly home: Home;
  readonly logger: Logger;
}

/** What a node is built from besides its own parts. */
export interface NodeParts<App extends Abci, P extends Pool> {
  createApp(options: AppOptions): App | Promise<App>;
  createPool(app: App, genesis: Genesis): P;
  /** Where signatures are verified beside the main thread; nowhere by default. */
  createBulk?(app: App, deps: NodeDeps): BulkChecks & Stoppable;
  /** Instead of the key file of the home, for example a remote signer. */
  openSigner?(home: Home, pastGenesis: boolean): Promise<Signer | undefined>;
  /** Before the network: indexes and whatever must see every block. */
  prepare?(node: Node<App, P>): Promise<Stoppable[]>;
  /** Started last, stopped first: RPC, metrics and the like. */
  services?(node: Node<App, P>): Promise<Stoppable[]>;
}

export interface NodeDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Something broke that the node cannot go on with; it has stopped deciding already. */
  readonly onFatal: (error: unknown) => void;
}

export interface NodeOptions {
  readonly home: Home;
  readonly config: NodeConfig;
}

/** All that exists once a node is open. */
interface Opened<App, P> {
  readonly genesis: Genesis;
  readonly identity: NodeIdentity;
  readonly app: App;
  readonly pool: P;
  readonly engine: Engine;
  readonly syncer: Syncer;
  readonly signer: Signer | undefined;
}

export class Node<App extends Abci, P extends Pool> {
  readonly config: NodeConfig;
  readonly home: Home;
  readonly deps: NodeDeps;
  readonly #parts: NodeParts<App, P>;
  /** Stopped in the reverse order of starting. */
  readonly #started: Stoppable[] = [];
  #opened: Opened<App, P> | undefined;
  #network: Network | undefined;
  #bulk: (BulkChecks & Stoppable) | undefined;
  #tellEvidence: (peerId: string) => void = () => undefined;

  constructor(options: NodeOptions, deps: NodeDeps, parts: NodeParts<App, P>) {
    this.home = options.home;
    this.config = options.config;
    this.deps = deps;
    this.#parts = parts;
  }

  get #all(): Opened<App, P> {
    if (this.#opened === undefined) throw new Error('the node is not open');
    return this.#opened;
  }

  get genesis(): Genesis {
    return this.#all.genesis;
  }

  get app(): App {
    return this.#all.app;
  }

  get pool(): P {
    return this.#all.pool;
  }

  get engine(): Engine {
    return this.#all.engine;
  }

  get syncer(): Syncer {
    return this.#all.syncer;
  }

  get signer(): Signer | undefined {
    return this.#all.signer;
  }

  get identity(): NodeIdentity {
    return this.#all.identity;
  }

  get network(): Network | undefined {
    return this.#network;
  }

  /**
   * Resolves when consensus runs, or the node has begun to wait for blocks or for its first peer. When it
   * rejects, what was started is stopped again.
   */
  async start(): Promise<void> {
    try {
      await this.#open();
      await this.#connect();
      for (const service of (await this.#parts.services?.(this)) ?? []) this.#started.push(service);
      await this.#follow();
    } catch (error) {
      // What went wrong first is what counts.
      await this.stop().catch(() => undefined);
      throw explained(error, this.home.root);
    }
  }

  /** By a restored state first, if that is how this node joins: then the start does not wait for it. */
  async #follow(): Promise<void> {
    const joining = stateSync(this.config.statesync, this.#stateParts, this.deps);
    if (joining === undefined) {
      await this.syncer.start(this.#expectsPeers());
      return;
    }
    this.#started.push(joining);
    const joined = joining.run().then((restored) => {
      return restored ? this.syncer.start(this.#expectsPeers()) : undefined;
    });
    joined.catch((error: unknown) => this.deps.onFatal(error));
  }

  get #stateParts(): StateParts {
    const { app, engine, genesis, syncer } = this.#all;
    const requireSpace = (): Promise<void> => requireDiskSpace(this.home.data);
    const network = (): Network | undefined => this.#network;
    return { app, engine, genesis, fetcher: syncer.fetcher, network, requireSpace };
  }

  #expectsPeers(): boolean {
    const { persistentPeers, bootstrapPeers } = this.config.p2p;
    const { peerId } = this.identity;
    return [...persistentPeers, ...bootstrapPeers].some((address) => !address.endsWith(peerId));
  }

  /** Stops every part, also when one of them fails to; the first failure is thrown in the end. */
  async stop(): Promise<void> {
    const failures: unknown[] = [];
    for (const part of this.#started.splice(0).reverse()) {
      await Promise.resolve(part)
        .then(() => part.stop())
        .catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }

  async #open(): Promise<void> {
    const { home, config, deps } = this;
    await makeHome(home);
    await requireDiskSpace(home.data);
    const lock: HomeLock = await lockHome(home.data);
    this.#started.push({ stop: () => lock.release() });
    const genesis = readGenesis(await readText(home.genesisFile));
    const identity = await loadNodeIdentity(home.nodeKeyFile);
    const db = await this.openDb(home.state);
    const { logger } = deps;
    const app = await this.#parts.createApp({ db, genesis, config, home, logger });
    const pool = this.#parts.createPool(app, genesis);
    this.#bulk = this.#parts.createBulk?.(app, deps);
    if (this.#bulk !== undefined) this.#started.push(this.#bulk);
    const engine = await this.#openEngine(genesis, app, pool);
    const signer = await this.#openSigner(engine);
    if (signer !== undefined) await engine.guard(signer);
    const syncer = new Syncer(SYNC_DEFAULTS, {
      chain: syncChain(engine, signer?.address),
      network: syncNetwork(() => this.#network),
      ...deps,
    });
    this.#opened = { genesis, identity, app, pool, engine, syncer, signer };
    for (const part of (await this.#parts.prepare?.(this)) ?? []) this.#started.push(part);
    // Before what is told of every block is closed, no more blocks are decided.
    this.#started.push({ stop: () => engine.stop() });
  }

  /** A LevelDB that is closed when the node stops. */
  async openDb(folder: string): Promise<Db> {
    const db = await LevelDb.open(folder).catch((error: unknown) => {
      if (error instanceof Error && error.message.includes('another process')) {
        throw new ExitError(EXIT_IO, error.message, { cause: error });
      }
      throw error;
    });
    this.#started.push({ stop: () => db.close() });
    return db;
  }

  async #openEngine(genesis: Genesis, app: App, pool: P): Promise<Engine> {
    const { mode, blockTimeMs, haltHeight, haltTime, ...timeouts } = this.config.consensus;
    const { keepRecent, keepHours } = this.config.blocks;
    const { chainId, initialHeight, time, consensusParams, validators, appState, hash } = genesis;
    const params = consensusParams;
    const db = await this.openDb(this.home.blocks);
    const engine = await Engine.open(
      {
        consensus: { chainId, mode: mode as 'auto' | 'star' | 'clique', timeouts, blockTimeMs },
        halt: { height: haltHeight, timeSeconds: haltTime },
        genesis: { chainId, initialHeight, time, params, validators, appState, hash },
        walDirectory: this.home.wal,
        pruning: { keepRecent, keepMs: keepHours * MS_PER_HOUR },
      },
      { db, app, txs: pool, bulk: this.#bulk, ...this.deps },
    );
    engine.onCommit(async ({ block }) => {
      if (block.header.height % DISK_CHECK_BLOCKS === 0) await requireDiskSpace(this.home.data);
    });
    return engine;
  }

  async #openSigner(engine: Engine): Promise<Signer | undefined> {
    if (!this.config.validator) return undefined;
    const pastGenesis = await engine.isPastGenesis();
    if (this.#parts.openSigner) return this.#parts.openSigner(this.home, pastGenesis);
    return findSigner(this.home, pastGenesis);
  }

  async #connect(): Promise<void> {
    const { engine, syncer, pool, signer } = this.#all;
    const network = (): Network | undefined => this.#network;
    engine.connect({
      signer,
      network: consensusNetwork(network),
      blocks: {
        fetchBlock: (wanted) => syncer.fetcher.byHash(wanted),
      },
      onBehind: () => syncer.onBehind(),
    });
    this.#tellEvidence = spreadEvidence(engine, network);
    this.#started.push(syncer);
    this.#network = await this.#startNetwork();
    this.#started.push(this.#network);
    pool.onLocal((tx) => this.#network?.publishTx(tx));
    const supply = blockSupply({
      store: engine.store,
      blockBytes: (height, hash) => engine.blockBytes(height, hash),
    });
    await this.#network.answer(SYNC_PROTOCOL, async (_peer, question) =>
      answerSync(supply, question),
    );
    const states = stateSupply(this.#stateParts);
    await this.#network.answer(STATE_PROTOCOL, (_peer, question) => answerState(states, question));
  }

  #startNetwork(): Promise<Network> {
    const { genesis, identity, engine, pool, signer, syncer } = this.#all;
    const { p2p, moniker, rpc } = this.config;
    const { host, port, externalAddress, ...peers } = p2p;
    const signature = signer?.bindPeer?.(bindingBytes(genesis.chainId, identity.peerId));
    const validator = signer && signature && { pubKey: signer.pubKey, signature };
    const options = {
      identity,
      chainId: genesis.chainId,
      genesisHash: genesis.hash,
      moniker,
      version: VERSION,
      listen: { host, port },
      externalAddress,
      rpcAddress: `tcp://${rpc.host}:${rpc.port}`,
      addressBookFile: this.home.addressBookFile,
      ...peers,
      blocks: { height: engine.height(), base: engine.store.base() },
      ...(validator && { validator }),
    };
    const bulk = this.#bulk;
    const handlers = {
      ...(bulk && { prepareTxs: (txs: readonly Uint8Array[]) => bulk.txs(txs) }),
      onConsensus: (peer: string, bytes: Uint8Array) => engine.driver.receive(peer, bytes),
      onTxs: (peer: string, txs: readonly Uint8Array[]) => pool.receive(peer, txs),
      isWanted: (tx: Uint8Array) => pool.has?.(tx) ?? true,
      onStatus: (peer: string, status: Status) => syncer.onStatus(peer, status),
      onPeer: (peer: string, connected: boolean) => {
        if (connected) this.#tellEvidence(peer);
        else syncer.onGone(peer);
      },
    };
    return Network.start(options, handlers, this.deps);
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new ExitError(EXIT_CONFIG, `cannot read ${path}: ${String(error)}`, { cause: error });
  }
}

/** A BitScale node with everything plugged in: the application, the mempool, RPC and metrics. */
import { rm } from 'node:fs/promises';
import type { Bytes } from './base/bytes.ts';
import { parseDecCoins } from './base/dec-coin.ts';
import { EXIT_CONFIG, EXIT_IO, ExitError, HaltError, systemCode } from './base/exit.ts';
import type { Clock } from './base/service.ts';
import type { Application } from './app/application.ts';
import { createApplication, type ChainOptions } from './chain.ts';
import { wellKnown } from './client-config.ts';
import { loadConfig, type NodeConfig } from './config.ts';
import { exitCodeOf, explained } from './failure.ts';
import { endAfterHalt } from './halt.ts';
import { nodeMethods, startGateway } from './gateway-parts.ts';
import { homeAt } from './home.ts';
import { EventLoopLag } from './metrics/event-loop.ts';
import { createLogger, type LogLevel } from './metrics/log.ts';
import { PrometheusMetrics } from './metrics/registry.ts';
import { MetricsServer } from './metrics/server.ts';
import { createL1Parts } from './l1-parts.ts';
import { NodePool } from './node-pool.ts';
import { blockReader, nodeView } from './node-view.ts';
import { Node, type AppOptions, type NodeParts, type Stoppable } from './node.ts';
import { finalityMethod, placeOf, queryApp } from './query-app.ts';
import { roundEvents } from './round-events.ts';
import type { QueryApp } from './rpc/expected.ts';
import { Indexer, isFormerIndex } from './rpc/index/indexer.ts';
import { RpcServer } from './rpc/server.ts';
import { discardUnfinished } from './store/snapshot/clear.ts';
import { SnapshotFolder } from './store/snapshot/folder.ts';
import type { Db } from './store/db.ts';
import { DamagedStoreError } from './store/errors.ts';
import { leaveUpgradeInfo } from './upgrade-info.ts';
import { VERSION } from './version.ts';
import { WorkerChecks } from './workers/worker-checks.ts';
import { SignatureWorkers } from './workers/signature-workers.ts';

export type BitscaleNode = Node<Application, NodePool>;

export const SYSTEM_CLOCK: Clock = { now: () => Date.now(), monotonic: () => performance.now() };

export interface CreateNodeOptions {
  readonly homeFolder: string;
  /** Instead of `config/config.json`. */
  readonly config?: NodeConfig;
  /** Something broke; the node has stopped deciding. The default logs it and ends the process. */
  readonly onFatal?: (error: unknown) => void;
  /** Changes to the chain's program, for those that are built on this one. */
  readonly chain?: Pick<ChainOptions, 'modules' | 'upgrades'>;
  /** Instead of the key file of the home, for example a remote signer. */
  readonly openSigner?: NodeParts<Application, NodePool>['openSigner'];
}

/** Reads the settings of a home; nothing is opened before `start`. */
export async function createNode(options: CreateNodeOptions): Promise<BitscaleNode> {
  const home = homeAt(options.homeFolder);
  const config = options.config ?? (await loadConfig(home.configFile));
  const logger = createLogger(config.logLevel as LogLevel, { node: config.moniker });
  const metrics = new PrometheusMetrics({ node: config.moniker });
  const fail = (error: unknown): void => {
    if (error instanceof HaltError) return void endAfterHalt(node, error, logger);
    const known = explained(error, home.root);
    logger.error('the node stops', { error: String(known) });
    process.exit(exitCodeOf(known));
  };
  const onFatal = (error: unknown): void => {
    if (error instanceof HaltError) leaveUpgradeInfo(home, node.app);
    (options.onFatal ?? fail)(error);
  };
  const deps = { clock: SYSTEM_CLOCK, logger, metrics, onFatal };
  const node: BitscaleNode = new Node(
    { home, config },
    deps,
    bitscaleParts(metrics, options.chain),
  );
  return node;
}

function bitscaleParts(
  metrics: PrometheusMetrics,
  chain: CreateNodeOptions['chain'],
): NodeParts<Application, NodePool> {
  let indexer: Indexer;
  return {
    createApp: async (options) => {
      // CometBFT's dashboards choose by chain.
      metrics.label({ chain_id: options.genesis.chainId, node: options.config.moniker });
      const app = await openApplication(options, chain);
      // Killed before it could: a node that begins where it has to stop says so again.
      leaveUpgradeInfo(options.home, app);
      return app;
    },
    createBulk: (app, deps) => new WorkerChecks(new SignatureWorkers(deps), app),
    createPool: (app) => new NodePool({ app, metrics }),
    prepare: async (node) => {
      indexer = new Indexer(await openIndex(node));
      await indexer.catchUp(blockReader(node.engine));
      node.engine.onCommit(({ block, results }) => indexer.index(block, results));
      const { pruner } = node.engine;
      pruner.onPrune(({ block }, results) => indexer.forget(block, results));
      return [node.app, pruner, indexer];
    },
    services: async (node) => {
      const records = {
        place: (hash: Bytes) => indexer.txByHash(hash),
        results: (height: number) => node.engine.store.results(height),
      };
      const l1 = await createL1Parts(node, async (hash) => placeOf(records, hash));
      const blocks = blockReader(node.engine);
      const pool = node.pool.mempool;
      const own = { app: node.app, node: nodeView(node), blocks, indexer, pool };
      const methods = [...nodeMethods(own), finalityMethod(l1.finality)];
      const queries = queryApp(node.app, methods, indexer);
      node.app.useBlockTimes((height) => blocks.blockPart(height, [])?.header.time);
      const rpc = await startRpc(node, indexer, queries);
      const { logger } = node.deps;
      const documents = wellKnown(node.config, node.genesis);
      const table = { app: node.app, node: own.node, queries, methods, logger, documents };
      const gateway = await startGateway(node.config, table);
      l1.start();
      return [rpc, ...gateway, ...(await startMetrics(node.config, metrics)), l1];
    },
  };
}

async function openApplication(
  options: AppOptions,
  chain: CreateNodeOptions['chain'],
): Promise<Application> {
  const { db, genesis, config, home, logger } = options;
  await discardUnfinished(db);
  const { snapshotInterval: interval, snapshotKeepRecent: keepRecent } = config.app;
  const onProblem = (error: unknown): void =>
    logger.error('a snapshot or the pruning of the state failed', { error: String(error) });
  const folder = await SnapshotFolder.open(home.snapshots);
  return createApplication({
    ...chain,
    db,
    chainId: genesis.chainId,
    initialHeight: genesis.initialHeight,
    version: VERSION,
    minGasPrices: gasPrices(config),
    simulationGasLimit: BigInt(config.app.simulationGasLimit),
    keepRecent: config.app.keepRecent,
    haltHeight: config.consensus.haltHeight,
    snapshots: { folder, interval, keepRecent },
    onProblem,
  });
}

/** The index holds nothing that the blocks do not: a damaged one, or one of an older version, is made anew. */
async function openIndex(node: BitscaleNode): Promise<Db> {
  const anew = async (reason: string): Promise<Db> => {
    node.deps.logger.warn('making the index anew', { reason });
    await rm(node.home.index, { recursive: true });
    return node.openDb(node.home.index);
  };
  try {
    const db = await node.openDb(node.home.index);
    if (!isFormerIndex(db)) return db;
    await db.close();
    return await anew('it is of an older version');
  } catch (error) {
    if (!(error instanceof DamagedStoreError)) throw error;
    return anew(error.message);
  }
}

function gasPrices(config: NodeConfig): ReturnType<typeof parseDecCoins> {
  try {
    return parseDecCoins(config.app.minGasPrices);
  } catch (error) {
    throw new ExitError(EXIT_CONFIG, `config.json: "app.minGasPrices": ${String(error)}`);
  }
}

async function startRpc(
  node: BitscaleNode,
  indexer: Indexer,
  queries: QueryApp,
): Promise<Stoppable> {
  const { allowedHosts, ...rpc } = node.config.rpc;
  const { host, port } = rpc;
  const access = allowedHosts.length === 0 ? {} : { allowedHosts };
  const server = new RpcServer(
    { ...rpc, ...access },
    {
      blocks: blockReader(node.engine),
      node: nodeView(node),
      app: queries,
      pool: node.pool.mempool,
      evidence: node.engine.evidence,
      indexer,
      logger: node.deps.logger,
    },
  );
  node.engine.onCommit((committed) => server.bus.publishBlock(committed));
  node.engine.onStep((before, after) => {
    if (!server.bus.isHeard) return;
    for (const event of roundEvents(before, after)) server.bus.publishRound(event);
  });
  await server.start().catch((error: unknown) => {
    if (systemCode(error) !== 'EADDRINUSE') throw error;
    throw new ExitError(EXIT_IO, `port ${port} on ${host} (RPC) is in use`, { cause: error });
  });
  return server;
}

async function startMetrics(
  { metrics: { enabled, host, port } }: NodeConfig,
  source: PrometheusMetrics,
): Promise<Stoppable[]> {
  return enabled ? [new EventLoopLag(source), await MetricsServer.start(source, host, port)] : [];
}

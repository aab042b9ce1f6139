/** Joins state sync with the parts of the node it works on. */
import { fromHex, type Bytes } from './base/bytes.ts';
import { BitscaleError } from './base/errors.ts';
import { EXIT_CONFIG, ExitError } from './base/exit.ts';
import { ProtoReader } from './base/proto-reader.ts';
import type { Clock, Logger, Metrics } from './base/service.ts';
import type { Abci } from './app/abci.ts';
import type { NodeConfig } from './config.ts';
import { decodeBlock } from './consensus/decoding.ts';
import { blockIdOf, consensusHash } from './consensus/hashing.ts';
import type { BlockId } from './consensus/types.ts';
import { sameBlock } from './consensus/votes.ts';
import type { ChainState } from './engine/chain-state.ts';
import type { Engine } from './engine/engine.ts';
import { encodeParams, readParams } from './engine/params-codec.ts';
import type { Genesis } from '../genesis/schema.ts';
import type { Network } from './network/network.ts';
import type { BlockFetcher } from './sync/block-fetcher.ts';
import type { StateChain, StateSupply, SyncNetwork, TrustedState } from './sync/expected.ts';
import { ErrTrustExpired, StateSync } from './sync/state-sync.ts';

export const STATE_PROTOCOL = 'state';
/** A chunk may come over a slow line. */
const ANSWER_TIMEOUT_MS = 60_000;
const ANSWER_IDLE_MS = 3_000;
const MILLIS_PER_HOUR = 3_600_000;
const DISK_CHECK_CHUNKS = 16;

export interface StateParts {
  readonly app: Abci;
  readonly engine: Engine;
  readonly genesis: Genesis;
  readonly fetcher: BlockFetcher;
  readonly network: () => Network | undefined;
  /** Rejects when the disk is nearly full: what peers send must not fill it. */
  readonly requireSpace: () => Promise<void>;
}

export function stateSupply({
  app,
  engine: { store },
}: Pick<StateParts, 'app' | 'engine'>): StateSupply {
  return {
    light: (height) => {
      const stored = store.commit(height);
      const validators = stored && store.validators(height);
      const params = stored && store.consensusParams(height);
      if (stored === undefined || validators === undefined || params === undefined) {
        return undefined;
      }
      const { header, commit } = stored;
      return { block: { header, commit, validators }, params: encodeParams(params) };
    },
    snapshots: () => app.listSnapshots(),
    chunk: ({ height, format, index }) => app.loadSnapshotChunk(height, format, index),
  };
}

/** Undefined when this node has a chain already, or is not told to join by a state. */
export function stateSync(
  config: NodeConfig['statesync'],
  parts: StateParts,
  deps: { readonly clock: Clock; readonly logger: Logger; readonly metrics: Metrics },
): Pick<StateSync, 'run' | 'stop'> | undefined {
  if (!config.enabled) return undefined;
  if (parts.engine.height() > 0) {
    deps.logger.info('there is a chain here already: statesync.enabled does nothing');
    return undefined;
  }
  const { trustHeight, trustHash, trustPeriodHours, discoveryMs } = config;
  const options = {
    trustHeight,
    trustHash: fromHex(trustHash.toLowerCase()),
    trustPeriodMs: trustPeriodHours * MILLIS_PER_HOUR,
    discoveryMs,
  };
  const sync = new StateSync(options, {
    chain: stateChain(parts),
    network: stateNetwork(parts.network),
    ...deps,
  });
  return { run: () => sync.run().catch(explained), stop: () => sync.stop() };
}

function explained(error: unknown): never {
  if (!(error instanceof BitscaleError) || error.kind !== ErrTrustExpired) throw error;
  const why = 'statesync: the trusted header is older than trustPeriodHours';
  throw new ExitError(EXIT_CONFIG, `${why}: set a newer trustHeight and its trustHash`);
}

function stateNetwork(network: () => Network | undefined): SyncNetwork {
  const patience = { timeoutMs: ANSWER_TIMEOUT_MS, idleMs: ANSWER_IDLE_MS };
  return {
    peers: () => (network()?.peers() ?? []).map(({ peerId }) => peerId),
    ask: async (peerId, question, bounds) => {
      const limits = { ...bounds, ...patience };
      return (await network()?.ask(peerId, STATE_PROTOCOL, question, limits)) ?? [];
    },
    strike: (peerId, points, reason) => network()?.strike(peerId, points, reason),
    peersOf: () => [],
  };
}

function stateChain(parts: StateParts): StateChain {
  const { app, engine, genesis, fetcher, requireSpace } = parts;
  return {
    chainId: genesis.chainId,
    paramsHash: (params) => consensusHash(readParams(new ProtoReader(params))),
    offer: (snapshot, appHash) => app.offerSnapshot(snapshot, appHash),
    apply: async (index, chunk) => {
      if (index % DISK_CHECK_CHUNKS === 0) await requireSpace();
      return app.applySnapshotChunk(index, chunk);
    },
    begin: async (trusted) => {
      const state = chainState(trusted, genesis);
      const block = await blockOf(fetcher, state);
      await engine.bootstrap({ state, commit: trusted.at.commit, ...(block && { block }) });
    },
  };
}

function chainState({ at, next, afterNext, params }: TrustedState, genesis: Genesis): ChainState {
  return {
    chainId: genesis.chainId,
    initialHeight: genesis.initialHeight,
    height: at.header.height,
    blockId: at.commit.blockId,
    time: at.header.time,
    lastValidators: at.validators,
    validators: next.validators,
    nextValidators: afterNext.validators,
    params: readParams(new ProtoReader(params)),
    appHash: next.header.appHash,
    resultsHash: next.header.lastResultsHash,
  };
}

/** The block of the restored height, if somebody has it: not needed to go on, only to be shown. */
function blockOf(fetcher: BlockFetcher, { height, blockId }: ChainState) {
  const isIt = (bytes: Bytes): boolean => isBlock(bytes, blockId);
  return fetcher.byHash({ height, hash: blockId.hash, from: [], isIt });
}

function isBlock(bytes: Bytes, blockId: BlockId): boolean {
  try {
    return sameBlock(blockIdOf(decodeBlock(bytes), bytes), blockId);
  } catch (error) {
    if (error instanceof BitscaleError) return false;
    throw error;
  }
}

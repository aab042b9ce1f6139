/**
 * Joins a network by a snapshot of its state instead of by all blocks. Trust comes from the operator alone: a
 * height and the hash of its header. From there the headers of a snapshot's height are verified as a light
 * client does, and the restored state has to have their app hash. What peers offer is tried one after the
 * other, the newest first, until one holds.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { toUpperHex, type Bytes } from '../base/bytes.ts';
import { BitscaleError, defineError } from '../base/errors.ts';
import { MAX_LIGHT_RECORD_BYTES, MAX_OFFERED_SNAPSHOTS } from '../base/limits.ts';
import type { Clock, Logger, Metrics } from '../base/service.ts';
import { timeFromMillis } from '../base/time.ts';
import { BLOCK_PROTOCOL, ErrLightExpired, ONE_THIRD } from '../consensus/light.ts';
import type { LightBlock, LightOptions } from '../consensus/light.ts';
import { ChunkFetcher } from './chunk-fetcher.ts';
import type { StateChain, SyncNetwork, TrustedState } from './expected.ts';
import { LightSource } from './light-source.ts';
import { SnapshotOffers, type Offer } from './snapshot-offers.ts';
import { decodeSnapshot, encodeStateRequest } from './state-messages.ts';
import { trustedState } from './trusted-state.ts';

/** The trusted header is too old to be trusted. */
export const ErrTrustExpired = defineError('sync', 2, 'the trusted header is too old');

export interface StateSyncOptions {
  readonly trustHeight: number;
  readonly trustHash: Bytes;
  readonly trustPeriodMs: number;
  /** How long peers are listened to before the best of their offers is taken. */
  readonly discoveryMs: number;
}

export interface StateSyncDeps {
  readonly chain: StateChain;
  readonly network: SyncNetwork;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

const RETRY_MS = 1_000;
const LINE_EVERY_MS = 10_000;
const NANOS_PER_MILLI = 1_000_000n;
const MAX_CLOCK_DRIFT_MS = 10_000n;
/** What a list of snapshots may weigh: each names up to MAX_SNAPSHOT_CHUNKS hashes. */
const LIST_BOUNDS = { maxParts: MAX_OFFERED_SNAPSHOTS, maxBytes: 2 * MAX_LIGHT_RECORD_BYTES };

export class StateSync {
  readonly #options: StateSyncOptions;
  readonly #deps: StateSyncDeps;
  readonly #source: LightSource;
  readonly #offers = new SnapshotOffers();
  readonly #gauges: ReturnType<typeof instruments>;
  readonly #stop = new AbortController();
  #running: Promise<boolean> | undefined;
  #saidAt = -Infinity;

  constructor(options: StateSyncOptions, deps: StateSyncDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#source = new LightSource(deps.network, deps.chain.chainId);
    this.#gauges = instruments(deps.metrics);
  }

  /** True when the chain has a restored state; false when it was stopped. Throws sync/2. */
  run(): Promise<boolean> {
    this.#gauges.syncing.set(1);
    return (this.#running ??= this.#run().finally(() => this.#gauges.syncing.set(0)));
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running?.catch(() => undefined);
  }

  get #isStopped(): boolean {
    return this.#stop.signal.aborted;
  }

  async #run(): Promise<boolean> {
    const trusted = await this.#trusted();
    while (trusted !== undefined && !this.#isStopped) {
      await this.#discover();
      for (const offer of this.#offers.ranked()) {
        if (this.#isStopped) return false;
        if (offer.snapshot.height < trusted.header.height) continue;
        if (await this.#try(offer, trusted)) return true;
      }
      this.#say('no snapshot that holds yet; asking again', { peers: this.#source.peers().length });
      await this.#wait(RETRY_MS);
    }
    return false;
  }

  /** Asks until somebody has the trusted header. */
  async #trusted(): Promise<LightBlock | undefined> {
    const { trustHeight, trustHash } = this.#options;
    while (!this.#isStopped) {
      const block = await this.#source.trusted(trustHeight, trustHash, BLOCK_PROTOCOL);
      if (block !== undefined) return block;
      this.#say('waiting for a peer that has the trusted header', {
        trustHeight,
        trustHash: toUpperHex(trustHash),
        peers: this.#source.peers().length,
      });
      await this.#wait(RETRY_MS);
    }
    return undefined;
  }

  /** Collects offers for a while. */
  async #discover(): Promise<void> {
    this.#offers.clear();
    const asked = new Set<string>();
    const until = this.#deps.clock.monotonic() + this.#options.discoveryMs;
    while (!this.#isStopped && this.#deps.clock.monotonic() < until) {
      const fresh = this.#source.peers().filter((peerId) => !asked.has(peerId));
      for (const peerId of fresh) asked.add(peerId);
      await Promise.all(fresh.map((peerId) => this.#list(peerId)));
      await this.#wait(Math.min(RETRY_MS, this.#options.discoveryMs));
    }
  }

  async #list(peerId: string): Promise<void> {
    const question = encodeStateRequest({ type: 'snapshots' });
    let parts: readonly Bytes[];
    try {
      parts = await this.#deps.network.ask(peerId, question, LIST_BOUNDS);
    } catch (error) {
      this.#source.failure(peerId, `no list of snapshots: ${String(error)}`);
      return;
    }
    try {
      for (const snapshot of parts.map(decodeSnapshot)) this.#offers.add(peerId, snapshot);
    } catch (error) {
      if (!(error instanceof BitscaleError)) throw error;
      this.#source.lie(peerId, error.message);
    }
  }

  async #try(offer: Offer, trusted: LightBlock): Promise<boolean> {
    const { chain, logger } = this.#deps;
    const { height, format, chunks } = offer.snapshot;
    const state = await this.#verified(trusted, height);
    if (state === undefined) return false;
    const verdict = chain.offer(offer.snapshot, state.next.header.appHash);
    if (verdict === 'reject-format') this.#offers.rejectFormat(format);
    if (verdict === 'reject') this.#offers.reject(offer);
    if (verdict !== 'accept') return false;
    logger.info('restoring a snapshot', { height, chunks, peers: offer.peers.size });
    this.#gauges.height.set(height);
    this.#gauges.total.set(chunks);
    const fetcher = new ChunkFetcher(
      {
        ...this.#deps,
        source: this.#source,
        isStopped: () => this.#isStopped,
        onProgress: (applied) => this.#progress(height, applied, chunks),
      },
      offer,
    );
    const end = await fetcher.restore();
    if (end === 'rejected') this.#onFalse(offer);
    if (end === 'gone') logger.warn('nobody gives the chunks of a snapshot', { height });
    if (end !== 'restored') return false;
    await chain.begin(state);
    logger.info('state restored', { height, appHash: toUpperHex(state.next.header.appHash) });
    return true;
  }

  /** Its chunks are those of its list, and it is not the state: whoever offered it made it up. */
  #onFalse(offer: Offer): void {
    const { height } = offer.snapshot;
    this.#deps.logger.warn('a snapshot is not the state it claims to be', { height });
    this.#offers.reject(offer);
    for (const peerId of offer.peers) this.#source.lie(peerId, 'a false snapshot');
  }

  async #verified(trusted: LightBlock, height: number): Promise<TrustedState | undefined> {
    const deps = { ...this.#deps, source: this.#source };
    try {
      return await trustedState(deps, trusted, height, this.#lightOptions());
    } catch (error) {
      if (!(error instanceof BitscaleError) || error.kind !== ErrLightExpired) throw error;
      throw new BitscaleError(ErrTrustExpired, 'take a newer trust height', { cause: error });
    }
  }

  #lightOptions(): LightOptions {
    return {
      now: timeFromMillis(this.#deps.clock.now()),
      trustingPeriodNanos: BigInt(this.#options.trustPeriodMs) * NANOS_PER_MILLI,
      maxClockDriftNanos: MAX_CLOCK_DRIFT_MS * NANOS_PER_MILLI,
      trustLevel: ONE_THIRD,
      blockVersion: BLOCK_PROTOCOL,
    };
  }

  #progress(height: number, applied: number, chunks: number): void {
    this.#gauges.chunk.set(applied);
    if (applied < chunks) this.#say('restoring a snapshot', { height, applied, chunks });
  }

  /** At info, at most every ten seconds. */
  #say(message: string, fields: Record<string, unknown>): void {
    const now = this.#deps.clock.monotonic();
    if (now - this.#saidAt < LINE_EVERY_MS) return;
    this.#saidAt = now;
    this.#deps.logger.info(message, fields);
  }

  async #wait(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }
}

function instruments(metrics: Metrics) {
  return {
    syncing: metrics.gauge('cometbft_statesync_syncing', '1 while a state is being restored'),
    height: metrics.gauge('cometbft_statesync_snapshot_height', 'Height of the snapshot at hand'),
    chunk: metrics.gauge('cometbft_statesync_snapshot_chunk', 'Chunks of it that are applied'),
    total: metrics.gauge('cometbft_statesync_snapshot_chunk_total', 'Chunks it has'),
  };
}

/**
 * Keeps the node at the height of the network. When it is behind, blocks come from peers, each verified by
 * its commit against the validators that this node itself knows. Consensus is paused only from the moment
 * the next block is here and holds, and goes on as soon as blocks stop coming: what peers claim, and how
 * long they let a question hang, cannot keep a validator from voting.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { BitscaleError } from '../base/errors.ts';
import type { Clock, Logger, Metrics } from '../base/service.ts';
import { BlockFetcher, type Batch } from './block-fetcher.ts';
import type { SyncChain, SyncNetwork, SyncPeer } from './expected.ts';

export interface SyncOptions {
  /** How long the start waits to hear from somebody. */
  readonly firstStatusMs: number;
  /** One block behind for this long is behind. */
  readonly patienceMs: number;
}

export const SYNC_DEFAULTS: SyncOptions = { firstStatusMs: 1_500, patienceMs: 1_000 };

export interface SyncerDeps {
  readonly chain: SyncChain;
  readonly network: SyncNetwork;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly onFatal: (error: unknown) => void;
}

const CHECK_EVERY_MS = 250;
const RETRY_MS = 200;
/** A peer that lied about a block is banned at once. */
const STRIKE_LIE = 100;
const STRIKE_LOWERED = 50;
const FORGET_CLAIM_MS = 10_000;
/** Consensus waits so long for the next blocks. */
const MAX_GAP_MS = 2_000;
/** So many blocks behind is behind at once. */
const CLEARLY_BEHIND = 2;

export class Syncer {
  readonly #options: SyncOptions;
  readonly #deps: SyncerDeps;
  readonly #fetcher: BlockFetcher;
  readonly #syncing: ReturnType<Metrics['gauge']>;
  /** Peers whose claims do not count for now, and until when. */
  readonly #doubted = new Map<string, number>();
  readonly #claims = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #catchingUp: Promise<void> | undefined;
  #behindSince: number | undefined;
  #heightSeen = 0;
  #stopped = false;
  #heard: () => void = () => undefined;
  /** Before the start consensus does not run yet. */
  #isPaused = true;
  #resumed: () => void = () => undefined;

  constructor(options: SyncOptions, deps: SyncerDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#fetcher = new BlockFetcher(deps.network);
    const help = '1 while consensus waits for blocks from peers';
    this.#syncing = deps.metrics.gauge('bitscale_blocksync_syncing', help);
  }

  get fetcher(): BlockFetcher {
    return this.#fetcher;
  }

  get isCatchingUp(): boolean {
    return this.#isPaused;
  }

  /** Listens to peers for a moment, catches up when behind; resolves when consensus runs. */
  async start(expectPeers: boolean): Promise<void> {
    if (expectPeers && this.#deps.network.peers().length === 0) {
      const heard = new Promise<void>((resolve) => (this.#heard = resolve));
      await Promise.race([heard, sleep(this.#options.firstStatusMs)]);
    }
    this.#timer = setInterval(() => this.#check(), CHECK_EVERY_MS);
    const resumed = new Promise<void>((resolve) => (this.#resumed = resolve));
    this.#startCatchUp();
    await Promise.race([resumed, this.#catchingUp]);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#catchingUp;
  }

  onStatus(peerId: string, height: number): void {
    const before = this.#claims.get(peerId) ?? 0;
    this.#claims.set(peerId, height);
    if (height < before) {
      this.#deps.network.strike(peerId, STRIKE_LOWERED, 'its height went down');
      this.#doubt(peerId);
    }
    this.#heard();
  }

  onGone(peerId: string): void {
    this.#claims.delete(peerId);
    this.#doubted.delete(peerId);
  }

  /** Somebody speaks of this height: look at the claims now. */
  onBehind(): void {
    this.#check();
  }

  #doubt(peerId: string): void {
    this.#doubted.set(peerId, this.#deps.clock.monotonic() + FORGET_CLAIM_MS);
  }

  /** Peers that claim to have the next block. */
  #sources(): SyncPeer[] {
    const next = this.#deps.chain.height() + 1;
    const now = this.#deps.clock.monotonic();
    return this.#deps.network.peers().filter(({ peerId, height, base }) => {
      return height >= next && base <= next && (this.#doubted.get(peerId) ?? 0) <= now;
    });
  }

  #best(): number {
    return this.#sources().reduce((best, { height }) => Math.max(best, height), 0);
  }

  #check(): void {
    if (this.#stopped || this.#catchingUp !== undefined) return;
    const own = this.#deps.chain.height();
    const now = this.#deps.clock.monotonic();
    const best = this.#best();
    if (best <= own || own !== this.#heightSeen) this.#behindSince = undefined;
    this.#heightSeen = own;
    if (best <= own) return;
    this.#behindSince ??= now;
    const waited = now - this.#behindSince >= this.#options.patienceMs;
    if (waited || best >= own + CLEARLY_BEHIND) this.#startCatchUp();
  }

  #startCatchUp(): void {
    this.#behindSince = undefined;
    this.#catchingUp = this.#catchUp()
      .catch((error: unknown) => {
        if (!this.#stopped) this.#deps.onFatal(error);
      })
      .finally(() => {
        this.#catchingUp = undefined;
      });
  }

  async #catchUp(): Promise<void> {
    const { chain, logger } = this.#deps;
    const from = chain.height();
    const to = this.#best();
    if (to > from) {
      logger.info('catching up', { from, to });
      await this.#fetchAll();
      logger.info('caught up', { from, to: chain.height() });
    }
    await this.#resume();
  }

  async #pause(): Promise<void> {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#syncing.set(1);
    await this.#deps.chain.pause(this.#best());
  }

  async #resume(): Promise<void> {
    if (this.#stopped || !this.#isPaused) return;
    await this.#deps.chain.resume();
    this.#isPaused = false;
    this.#syncing.set(0);
    this.#resumed();
  }

  /** Fetches the next batch while the one before is executed. */
  async #fetchAll(): Promise<void> {
    const { chain } = this.#deps;
    let ahead = this.#fetch(chain.height() + 1);
    while (!this.#stopped) {
      const batch = await this.#orResume(ahead);
      if (batch === undefined) {
        await this.#resume();
        if (this.#sources().length === 0) return;
        await sleep(RETRY_MS);
        ahead = this.#fetch(chain.height() + 1);
      } else if (await this.#holds(batch)) {
        await this.#pause();
        const following = this.#fetch((batch.blocks.at(-1)?.height ?? 0) + 1);
        ahead = (await this.#apply(batch))
          ? following
          : following.then(() => this.#fetch(chain.height() + 1));
      } else ahead = this.#fetch(chain.height() + 1);
    }
    await ahead;
  }

  /** What `ahead` brings; consensus does not stand still for long meanwhile. */
  async #orResume(ahead: Promise<Batch | undefined>): Promise<Batch | undefined> {
    const gap = new AbortController();
    const late = sleep(MAX_GAP_MS, 'late' as const, { signal: gap.signal });
    const first = await Promise.race([ahead, late.catch(() => 'late' as const)]);
    gap.abort();
    if (first !== 'late') return first;
    await this.#resume();
    return ahead;
  }

  /** Before consensus is interrupted: is the next block in there, and is it true? */
  async #holds({ peerId, blocks }: Batch): Promise<boolean> {
    if (this.#isPaused) return true;
    const { chain } = this.#deps;
    const next = blocks.find(({ height }) => height === chain.height() + 1);
    if (next === undefined) return false;
    try {
      await chain.check(next.block, next.commit);
      return true;
    } catch (error) {
      if (!(error instanceof BitscaleError)) throw error;
      // Consensus may have decided this very height meanwhile.
      if (chain.height() < next.height) this.#onLie(peerId, next.height, error);
      return false;
    }
  }

  #onLie(peerId: string, height: number, error: BitscaleError): void {
    this.#deps.network.strike(peerId, STRIKE_LIE, `bad block ${height}: ${error.message}`);
    this.#doubt(peerId);
  }

  async #fetch(height: number): Promise<Batch | undefined> {
    const sources = this.#sources().filter((peer) => peer.height >= height);
    const peer = sources[Math.floor(Math.random() * sources.length)];
    if (peer === undefined) return undefined;
    const batch = await this.#fetcher.batch(peer, height);
    if (batch === undefined) this.#doubt(peer.peerId);
    return batch;
  }

  /** False when a block did not hold; what follows it is then fetched anew. */
  async #apply({ peerId, blocks }: Batch): Promise<boolean> {
    for (const { height, block, commit } of blocks) {
      if (this.#stopped) return false;
      if (height <= this.#deps.chain.height()) continue;
      try {
        await this.#deps.chain.applySynced(block, commit);
      } catch (error) {
        if (!(error instanceof BitscaleError)) throw error;
        this.#onLie(peerId, height, error);
        return false;
      }
    }
    return true;
  }
}

/**
 * Keeps the node at the height of the network. Blocks come from several peers at once (sync-plan.ts), each
 * verified by its commit against the validators that this node itself knows. Consensus waits until nobody
 * who can be believed is ahead (sync-mode.ts); once it runs, it is interrupted only when the next block is
 * here and holds: what peers claim, and how long they let a question hang, cannot keep a validator from
 * voting, and nothing is signed while blocks come from peers.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { BitscaleError } from '../base/errors.ts';
import type { Clock, Logger, Metrics } from '../base/service.ts';
import { BlockFetcher } from './block-fetcher.ts';
import type { SyncChain, SyncNetwork } from './expected.ts';
import { Progress } from './progress.ts';
import { isBehind, mayRun, type Leaving } from './sync-mode.ts';
import { SyncPlan, type Ask, type Claim, type Fault, type HeldBlock } from './sync-plan.ts';

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

const TICK_MS = 100;

export class Syncer {
  readonly fetcher: BlockFetcher;
  readonly #options: SyncOptions;
  readonly #deps: SyncerDeps;
  readonly #plan: SyncPlan;
  readonly #progress: Progress;
  #timer: NodeJS.Timeout | undefined;
  #turning: Promise<void> | undefined;
  #stopped = false;
  /** Before the start consensus does not run yet. */
  #isWaiting = true;
  #waitingSince = 0;
  #listenUntil = 0;
  #heightThen = 0;
  #lastTrueAt: number | undefined;
  /** While consensus runs: since when somebody has been ahead of a chain that stood still. */
  #behind: { readonly height: number; readonly since: number } | undefined;
  #running: () => void = () => undefined;

  constructor(options: SyncOptions, deps: SyncerDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#plan = new SyncPlan(0);
    this.fetcher = new BlockFetcher(deps.network);
    this.#progress = new Progress(deps.logger, deps.metrics);
  }

  get isCatchingUp(): boolean {
    return this.#isWaiting;
  }

  /**
   * Starts to follow the network. Resolves when consensus runs, or when it is clear that this takes time:
   * the node is far behind, or nobody is there. A node that needs nobody still listens for a moment when it
   * expects peers: its home may be an old copy.
   */
  async start(expectPeers: boolean): Promise<void> {
    if (this.#stopped) return;
    this.#wait();
    this.#listenUntil = this.#now() + (expectPeers ? this.#options.firstStatusMs : 0);
    const running = new Promise<'running'>((resolve) => (this.#running = () => resolve('running')));
    this.#timer = setInterval(() => this.#wake(), TICK_MS);
    this.#wake();
    const patience = this.#options.firstStatusMs + 2 * TICK_MS;
    const first = await Promise.race([running, sleep(patience, 'late', { ref: false })]);
    if (first === 'running' || this.#plan.peerCount > 0) return;
    this.#deps.logger.info('no peer is connected yet: consensus waits for the first one');
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#turning;
  }

  onStatus(peerId: string, claim: Claim): void {
    this.#strike(this.#plan.claimed(peerId, claim, this.#now()));
    this.#wake();
  }

  onGone(peerId: string): void {
    this.#plan.gone(peerId);
  }

  /** Somebody speaks of a later height: look at the claims now. */
  onBehind(): void {
    this.#wake();
  }

  #now(): number {
    return this.#deps.clock.monotonic();
  }

  #strike(fault: Fault | undefined): void {
    if (fault) this.#deps.network.strike(fault.peerId, fault.points, fault.reason);
  }

  /** One turn at a time. */
  #wake(): void {
    if (this.#stopped || this.#timer === undefined || this.#turning !== undefined) return;
    this.#turning = this.#turn()
      .catch((error: unknown) => {
        if (this.#stopped) return;
        // The block that it failed on is still next: without this it would fail for ever.
        this.#stopped = true;
        this.#deps.onFatal(error);
      })
      .finally(() => {
        this.#turning = undefined;
        if (this.#plan.next() !== undefined) this.#wake();
      });
  }

  async #turn(): Promise<void> {
    while (!this.#stopped) {
      this.#plan.reached(this.#deps.chain.height());
      for (const ask of this.#asks()) void this.#ask(ask);
      this.#report();
      const block = this.#plan.next();
      if (block !== undefined) await this.#add(block);
      else if (this.#isWaiting) return this.#runIfMay();
      else return;
    }
  }

  #asks(): Ask[] {
    const now = this.#now();
    if (this.#isWaiting) return this.#plan.asks(now, { probe: false });
    const place = { height: this.#deps.chain.height(), best: this.#plan.best(now) };
    if (place.best <= place.height) this.#behind = undefined;
    else if (this.#behind?.height !== place.height) {
      this.#behind = { height: place.height, since: now };
    }
    const waited = now - (this.#behind?.since ?? now);
    const { patienceMs } = this.#options;
    return isBehind(place, waited, patienceMs) ? this.#plan.asks(now, { probe: true }) : [];
  }

  async #ask(ask: Ask): Promise<void> {
    const answer = await this.fetcher.blocks(ask);
    const now = this.#now();
    if (answer.type === 'blocks') this.#strike(this.#plan.answered(ask.id, answer.blocks, now));
    else if (answer.type === 'lie') this.#strike(this.#plan.lied(ask.id, answer.reason, now));
    else this.#strike(this.#plan.failed(ask.id, answer.reason, now));
    this.#wake();
  }

  #report(): void {
    if (!this.#isWaiting) return;
    const now = this.#now();
    this.#progress.tick(now, {
      height: this.#deps.chain.height(),
      target: Math.max(this.#plan.best(now), this.#plan.promised()),
      peers: this.#plan.peerCount,
      isCutOff: this.#plan.isCutOff(),
    });
  }

  /** The block becomes part of the chain, or its sender is banned. */
  async #add(held: HeldBlock): Promise<void> {
    const { chain } = this.#deps;
    try {
      if (!this.#isWaiting) {
        await chain.check(held.block, held.commit);
        await this.#interrupt();
      }
      const added = await chain.applySynced(held.block, held.commit);
      this.#progress.added({ height: held.height, ...added });
    } catch (error) {
      if (!(error instanceof BitscaleError)) throw error;
      // Consensus may have decided this very height meanwhile.
      if (chain.height() >= held.height) this.#plan.reached(chain.height());
      else this.#strike(this.#plan.refused(held, error.message, this.#now()));
      return;
    }
    this.#lastTrueAt = this.#now();
    this.#plan.accepted(held);
  }

  /** Consensus gives way to blocks from peers. */
  async #interrupt(): Promise<void> {
    const best = this.#plan.best(this.#now());
    await this.#deps.chain.pause(best);
    this.#wait();
    this.#deps.logger.info('catching up', { from: this.#heightThen, to: best });
  }

  #wait(): void {
    const now = this.#now();
    this.#isWaiting = true;
    this.#waitingSince = now;
    this.#lastTrueAt = undefined;
    this.#heightThen = this.#deps.chain.height();
    this.#progress.begin(this.#heightThen, now);
  }

  async #runIfMay(): Promise<void> {
    const { chain, logger } = this.#deps;
    const now = this.#now();
    const height = chain.height();
    const outlook = {
      now,
      height,
      best: this.#plan.best(now),
      promised: this.#plan.promised(),
      peers: this.#plan.peerCount,
      isCutOff: this.#plan.isCutOff(),
      isEnough: now >= this.#listenUntil && chain.isEnough(),
      since: this.#waitingSince,
      lastTrueAt: this.#lastTrueAt,
      tipAgeMs: this.#deps.clock.now() - chain.tipTime(),
    };
    const leaving: Leaving | undefined = mayRun(outlook);
    if (leaving === undefined) return;
    await chain.resume();
    this.#isWaiting = false;
    this.#behind = undefined;
    this.#progress.end();
    const report = { from: this.#heightThen, height, peers: outlook.peers };
    if (leaving === 'caught up') logger.info('caught up: consensus runs', report);
    else logger.warn('peers claim blocks but give none: consensus runs', report);
    this.#running();
  }
}

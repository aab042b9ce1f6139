/**
 * Whom to ask for which blocks, what is held, and who is to blame. Pure of sockets and clocks: time comes in
 * as a number, questions and faults come out, so that whole networks of liars can be played through it.
 *
 * Several peers are asked at once, each for a run of heights inside a window above the chain. What arrives is
 * held until its turn; only the chain's verdict on a block counts, never what a peer claims.
 */
import {
  MAX_PEERS,
  MAX_REQUESTS_PER_SECOND,
  MAX_SYNC_ASKS,
  MAX_SYNC_ASKS_PER_PEER,
  MAX_SYNC_BLOCKS,
  MAX_SYNC_BUFFER_BYTES,
  MAX_SYNC_REQUEST_BYTES,
  MAX_SYNC_WINDOW_BLOCKS,
} from '../base/limits.ts';
import type { SyncBlock } from './messages.ts';

/** One question to one peer. */
export interface Ask {
  readonly id: number;
  readonly peerId: string;
  readonly fromHeight: number;
  readonly count: number;
}

/** What a peer has done wrong. */
export interface Fault {
  readonly peerId: string;
  readonly points: number;
  readonly reason: string;
}

export interface HeldBlock extends SyncBlock {
  readonly peerId: string;
}

/** Newest and oldest block, as the peer claims. */
export interface Claim {
  readonly height: number;
  readonly base: number;
}

interface OpenAsk extends Ask {
  readonly askedAt: number;
}

interface PlannedPeer {
  readonly peerId: string;
  claim: Claim;
  /** Its claims do not count until then. */
  doubtedUntil: number;
  /** Failures since the last block of it that was true. */
  failures: number;
  /** It has given a true block. */
  isProven: boolean;
  lastAskedAt: number;
}

/** A lie bans at once; a failure may be bad luck. */
export const STRIKE_LIE = 100;
export const STRIKE_FAILURE = 10;
/** How long claims are not believed after a failure; doubles with each further one. */
const DOUBT_MS = 5_000;
const MAX_DOUBT_DOUBLINGS = 3;
/** Who has given true blocks may fail so often before its claims no longer keep consensus waiting. */
const MAX_EXCUSED_FAILURES = 3;
/** The next block is asked for once more, of somebody else, when it has not come for so long. */
const HEDGE_MS = 1_000;
/** A little slower than peers allow; fetching proposed blocks counts there too. */
const ASK_EVERY_MS = 1_500 / MAX_REQUESTS_PER_SECOND;

export class SyncPlan {
  readonly #peers = new Map<string, PlannedPeer>();
  readonly #asks = new Map<number, OpenAsk>();
  readonly #held = new Map<number, HeldBlock>();
  #heldBytes = 0;
  #height: number;
  #lastId = 0;

  /** `height` is the chain's. */
  constructor(height: number) {
    this.#height = height;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  get openAsks(): readonly Ask[] {
    return [...this.#asks.values()];
  }

  /** Peers that have said how far they are. */
  get peerCount(): number {
    return this.#peers.size;
  }

  /** A peer says how far it is. Its height can only grow. */
  claimed(peerId: string, claim: Claim, now: number): Fault | undefined {
    const known = this.#peers.get(peerId);
    if (known === undefined) {
      if (this.#peers.size >= 2 * MAX_PEERS) return undefined;
      const fresh = { doubtedUntil: 0, failures: 0, isProven: false, lastAskedAt: -Infinity };
      this.#peers.set(peerId, { peerId, claim, ...fresh });
      return undefined;
    }
    if (claim.height < known.claim.height) {
      return this.#lie(known, `its height went down to ${claim.height}`, now);
    }
    known.claim = claim;
    return undefined;
  }

  /** The peer is disconnected; what it gave stays until it is judged. */
  gone(peerId: string): void {
    this.#peers.delete(peerId);
    for (const { id, peerId: asked } of this.#asks.values()) {
      if (asked === peerId) this.#asks.delete(id);
    }
  }

  /** The chain is at this height now, by whatever way. */
  reached(height: number): void {
    for (const at of this.#held.keys()) if (at <= height) this.#drop(at);
    this.#height = height;
  }

  /** Highest claim of the peers whose claims count. */
  best(now: number): number {
    let best = 0;
    for (const { claim, doubtedUntil } of this.#peers.values()) {
      if (doubtedUntil <= now && claim.height > best) best = claim.height;
    }
    return best;
  }

  /** Highest claim of the peers that have given true blocks, also when they fail right now. */
  promised(): number {
    let best = 0;
    for (const { claim, isProven, failures } of this.#peers.values()) {
      const isTrusted = isProven && failures < MAX_EXCUSED_FAILURES;
      if (isTrusted && claim.height > best) best = claim.height;
    }
    return best;
  }

  /** There are peers, and not one of them has the next block any more. */
  isCutOff(): boolean {
    const peers = [...this.#peers.values()];
    return peers.length > 0 && peers.every(({ claim }) => claim.base > this.#height + 1);
  }

  /** The block after the chain's newest, if it is here. */
  next(): HeldBlock | undefined {
    return this.#held.get(this.#height + 1);
  }

  /** The block is part of the chain now: whoever gave it can be believed again. */
  accepted({ height, peerId }: HeldBlock): void {
    const peer = this.#peers.get(peerId);
    if (peer !== undefined) {
      peer.failures = 0;
      peer.isProven = true;
    }
    this.reached(Math.max(height, this.#height));
  }

  /** The block is not true; nothing else its sender gave is kept. */
  refused({ height, peerId }: HeldBlock, why: string, now: number): Fault {
    for (const [at, held] of this.#held) if (held.peerId === peerId) this.#drop(at);
    const reason = `bad block ${height}: ${why}`;
    const peer = this.#peers.get(peerId);
    return peer ? this.#lie(peer, reason, now) : { peerId, points: STRIKE_LIE, reason };
  }

  /** An answer has come. */
  answered(id: number, blocks: readonly SyncBlock[], now: number): Fault | undefined {
    const ask = this.#close(id);
    const peer = ask && this.#peers.get(ask.peerId);
    if (ask === undefined || peer === undefined) return undefined;
    if (blocks.length === 0) return this.#failure(peer, 'claims blocks it does not give', now);
    if (blocks.length > ask.count) return this.#lie(peer, 'more blocks than asked for', now);
    const isRun = blocks.every(({ height }, index) => height === ask.fromHeight + index);
    if (!isRun) return this.#lie(peer, 'its answer has a gap', now);
    for (const block of blocks) this.#hold({ ...block, peerId: peer.peerId });
    return undefined;
  }

  /** No answer, or one that makes no sense. */
  failed(id: number, reason: string, now: number): Fault | undefined {
    const ask = this.#close(id);
    const peer = ask && this.#peers.get(ask.peerId);
    return peer && this.#failure(peer, reason, now);
  }

  /** An answer that no honest node gives. */
  lied(id: number, reason: string, now: number): Fault | undefined {
    const ask = this.#close(id);
    const peer = ask && this.#peers.get(ask.peerId);
    return peer && this.#lie(peer, reason, now);
  }

  /**
   * The questions to ask now. With `probe` only the blocks right after the chain's newest: enough to see
   * whether there are any.
   */
  asks(now: number, { probe }: { readonly probe: boolean }): Ask[] {
    if (this.isCutOff()) return [];
    const again = this.#hedge(now);
    const asks = again === undefined ? [] : [again];
    const window = probe ? MAX_SYNC_BLOCKS : MAX_SYNC_WINDOW_BLOCKS;
    const last = Math.min(this.best(now), this.#height + window);
    let at = this.#height + 1;
    while (at <= last) {
      const count = this.#missingFrom(at, last);
      if (count === 0) at += 1;
      else {
        const ask = this.#hasRoom(at) ? this.#askFor(at, count, now) : undefined;
        if (ask !== undefined) asks.push(ask);
        at += ask?.count ?? count;
      }
    }
    return asks;
  }

  /** How many blocks from `height` on are neither here nor asked for. */
  #missingFrom(height: number, last: number): number {
    let count = 0;
    while (count < MAX_SYNC_BLOCKS && height + count <= last && this.#isMissing(height + count)) {
      count += 1;
    }
    return count;
  }

  #isMissing(height: number): boolean {
    if (this.#held.has(height)) return false;
    for (const { fromHeight, count } of this.#asks.values()) {
      if (fromHeight <= height && height < fromHeight + count) return false;
    }
    return true;
  }

  #asksOf(height: number): OpenAsk[] {
    return [...this.#asks.values()].filter(({ fromHeight, count }) => {
      return fromHeight <= height && height < fromHeight + count;
    });
  }

  /** The very next block is always asked for; what is further on waits while memory is full. */
  #hasRoom(height: number): boolean {
    if (height === this.#height + 1) return true;
    const expected = (this.#asks.size + 1) * MAX_SYNC_REQUEST_BYTES;
    return this.#asks.size < MAX_SYNC_ASKS && this.#heldBytes + expected <= MAX_SYNC_BUFFER_BYTES;
  }

  #askFor(height: number, count: number, now: number): Ask | undefined {
    const peer = this.#idlePeer(height, now);
    if (peer === undefined) return undefined;
    peer.lastAskedAt = now;
    const ask = {
      id: (this.#lastId += 1),
      peerId: peer.peerId,
      fromHeight: height,
      count: Math.min(count, peer.claim.height - height + 1),
    };
    this.#asks.set(ask.id, { ...ask, askedAt: now });
    return ask;
  }

  /** Slow or silent peers must not hold up the next block: somebody else is asked as well. */
  #hedge(now: number): Ask | undefined {
    const next = this.#height + 1;
    const open = this.#asksOf(next);
    if (open.length === 0 || this.#held.has(next)) return undefined;
    if (this.#asks.size >= 2 * MAX_SYNC_ASKS) return undefined;
    if (open.some(({ askedAt }) => now - askedAt < HEDGE_MS)) return undefined;
    return this.#askFor(next, open[0]!.fromHeight + open[0]!.count - next, now);
  }

  /** The least burdened, then the least troublesome, then the one that waited longest. */
  #idlePeer(height: number, now: number): PlannedPeer | undefined {
    const open = new Map<string, number>();
    const taken = new Set(this.#asksOf(height).map(({ peerId }) => peerId));
    for (const { peerId } of this.#asks.values()) open.set(peerId, (open.get(peerId) ?? 0) + 1);
    const burden = ({ peerId }: PlannedPeer): number => open.get(peerId) ?? 0;
    const able = [...this.#peers.values()].filter((peer) => {
      const { claim, doubtedUntil, lastAskedAt, peerId } = peer;
      const has = claim.base <= height && height <= claim.height;
      const isFree = burden(peer) < MAX_SYNC_ASKS_PER_PEER && !taken.has(peerId);
      return has && isFree && doubtedUntil <= now && now - lastAskedAt >= ASK_EVERY_MS;
    });
    const order = (a: PlannedPeer, b: PlannedPeer): number =>
      burden(a) - burden(b) || a.failures - b.failures || a.lastAskedAt - b.lastAskedAt;
    return able.sort(order)[0];
  }

  #close(id: number): OpenAsk | undefined {
    const ask = this.#asks.get(id);
    this.#asks.delete(id);
    return ask;
  }

  #hold(block: HeldBlock): void {
    if (block.height <= this.#height || this.#held.has(block.height)) return;
    this.#held.set(block.height, block);
    this.#heldBytes += block.block.length + block.commit.length;
  }

  #drop(height: number): void {
    const held = this.#held.get(height);
    if (held === undefined) return;
    this.#held.delete(height);
    this.#heldBytes -= held.block.length + held.commit.length;
  }

  #failure(peer: PlannedPeer, reason: string, now: number): Fault {
    this.#doubt(peer, now);
    return { peerId: peer.peerId, points: STRIKE_FAILURE, reason };
  }

  #lie(peer: PlannedPeer, reason: string, now: number): Fault {
    this.#doubt(peer, now);
    return { peerId: peer.peerId, points: STRIKE_LIE, reason };
  }

  #doubt(peer: PlannedPeer, now: number): void {
    peer.doubtedUntil = now + DOUBT_MS * 2 ** Math.min(peer.failures, MAX_DOUBT_DOUBLINGS);
    peer.failures += 1;
  }
}

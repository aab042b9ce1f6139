/**
 * One directed link between two nodes: what it does to the bytes of every connection that crosses it. A TCP
 * stream cannot lose bytes, so loss is what TCP makes of it: the segment, and all that follow it, come later.
 */
import type { Socket } from 'node:net';
import type { Random } from './random.ts';

export interface Conditions {
  /** One way, milliseconds. */
  readonly delayMs: number;
  /** Up to so much more for each piece; the order within a connection stays. */
  readonly jitterMs: number;
  /** Share of the pieces that have to be sent again, 0 to 1. */
  readonly loss: number;
  /** 0 is without limit. */
  readonly bytesPerSecond: number;
  /** Nothing arrives, nobody is told: a cable that was pulled out. */
  readonly blocked: boolean;
}

export const CLEAR: Conditions = {
  delayMs: 0,
  jitterMs: 0,
  loss: 0,
  bytesPerSecond: 0,
  blocked: false,
};

const SEGMENT_BYTES = 1_400;
/** First pause before TCP sends a segment again; it doubles from try to try. */
const RETRY_MS = 200;
const MAX_RETRIES = 8;
/** What the sender's socket holds back once so much is under way. */
const MAX_UNDER_WAY_BYTES = 262_144;

export class Link {
  readonly #random: Random;
  #conditions = CLEAR;
  #blockedAt = 0;
  readonly #pipes = new Set<Pipe>();
  /** Bytes that arrived. */
  carried = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  get conditions(): Conditions {
    return this.#conditions;
  }

  get isBlocked(): boolean {
    return this.#conditions.blocked;
  }

  set(change: Partial<Conditions>): void {
    const before = this.#conditions;
    this.#conditions = { ...before, ...change };
    const now = performance.now();
    if (this.isBlocked && !before.blocked) this.#blockedAt = now;
    if (this.isBlocked || !before.blocked) return;
    const pause = retryAfter(now - this.#blockedAt);
    for (const pipe of this.#pipes) pipe.hold(pause);
  }

  /** Carries what comes out of `from` into `to` until either is gone. */
  join(from: Socket, to: Socket): void {
    const pipe: Pipe = new Pipe({ from, to }, this, () => this.#pipes.delete(pipe));
    this.#pipes.add(pipe);
  }

  /** When a piece that enters now arrives, if those before it arrive at `earliest`. */
  arrival(bytes: number, earliest: number): number {
    const { delayMs, jitterMs, loss, bytesPerSecond } = this.#conditions;
    let travel = delayMs + jitterMs * this.#random.share();
    for (let segment = 0; segment < bytes; segment += SEGMENT_BYTES) {
      for (let retry = 0; retry < MAX_RETRIES && this.#random.share() < loss; retry++) {
        travel += RETRY_MS * 2 ** retry;
      }
    }
    const sent = bytesPerSecond === 0 ? 0 : (1000 * bytes) / bytesPerSecond;
    return Math.max(performance.now() + travel, earliest) + sent;
  }
}

/** After an outage data flows again when TCP tries next: its pauses double from the first loss on. */
function retryAfter(outageMs: number): number {
  let next = RETRY_MS;
  for (let pause = RETRY_MS; next < outageMs; next += pause) pause *= 2;
  return next - outageMs;
}

interface Piece {
  readonly due: number;
  /** Undefined is the end of the stream. */
  readonly bytes: Buffer | undefined;
}

interface Ends {
  readonly from: Socket;
  readonly to: Socket;
}

class Pipe {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #link: Link;
  readonly #waiting: Piece[] = [];
  #bytesWaiting = 0;
  #lastDue = 0;
  #heldUntil = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor({ from, to }: Ends, link: Link, closed: () => void) {
    this.#from = from;
    this.#to = to;
    this.#link = link;
    from.on('data', (bytes: Buffer) => this.#take(bytes));
    from.once('close', () => this.#take(undefined));
    to.on('drain', () => this.#deliver());
    to.once('close', () => {
      clearTimeout(this.#timer);
      closed();
    });
  }

  /** Nothing is delivered for so long. */
  hold(ms: number): void {
    this.#heldUntil = performance.now() + ms;
    this.#deliver();
  }

  #take(bytes: Buffer | undefined): void {
    this.#lastDue = this.#link.arrival(bytes?.length ?? 0, this.#lastDue);
    this.#waiting.push({ due: this.#lastDue, bytes });
    this.#bytesWaiting += bytes?.length ?? 0;
    if (this.#bytesWaiting > MAX_UNDER_WAY_BYTES) this.#from.pause();
    this.#deliver();
  }

  #deliver(): void {
    clearTimeout(this.#timer);
    while (!this.#link.isBlocked && !this.#to.destroyed) {
      const [piece] = this.#waiting;
      if (piece === undefined) return;
      const rest = Math.max(piece.due, this.#heldUntil) - performance.now();
      if (rest > 0) {
        this.#timer = setTimeout(() => this.#deliver(), rest);
        return;
      }
      if (this.#to.writableNeedDrain) return;
      this.#waiting.shift();
      this.#handOver(piece.bytes);
    }
  }

  #handOver(bytes: Buffer | undefined): void {
    if (bytes === undefined) {
      this.#to.destroySoon();
      return;
    }
    this.#bytesWaiting -= bytes.length;
    this.#link.carried += bytes.length;
    this.#to.write(bytes);
    if (this.#from.isPaused() && this.#bytesWaiting <= MAX_UNDER_WAY_BYTES) this.#from.resume();
  }
}

/** Remembers bad behaviour by peer: points that halve with time, and bans when they reach the bound. */
import { BAN_MS, MAX_BANNED_PEERS, MAX_PEER_STRIKES, STRIKE_HALF_LIFE_MS } from '../base/limits.ts';

interface Score {
  readonly points: number;
  readonly atMs: number;
}

export class Strikes {
  readonly #now: () => number;
  readonly #scores = new Map<string, Score>();
  readonly #bans = new Map<string, number>();

  /** `now` is a clock in milliseconds that never goes back. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Adds points; true when the peer is banned from now on, for `banMs`. */
  add(peer: string, points: number, banMs = BAN_MS): boolean {
    const atMs = this.#now();
    const total = this.points(peer) + points;
    this.#remember(this.#scores, peer, { points: total, atMs });
    if (total < MAX_PEER_STRIKES) return false;
    this.#scores.delete(peer);
    this.#remember(this.#bans, peer, atMs + banMs);
    return true;
  }

  points(peer: string): number {
    const score = this.#scores.get(peer);
    if (score === undefined) return 0;
    return score.points * 0.5 ** ((this.#now() - score.atMs) / STRIKE_HALF_LIFE_MS);
  }

  isBanned(peer: string): boolean {
    const until = this.#bans.get(peer);
    if (until === undefined) return false;
    if (this.#now() < until) return true;
    this.#bans.delete(peer);
    return false;
  }

  #remember<T>(map: Map<string, T>, peer: string, value: T): void {
    map.delete(peer);
    map.set(peer, value);
    if (map.size <= MAX_BANNED_PEERS) return;
    const oldest = map.keys().next();
    if (!oldest.done) map.delete(oldest.value);
  }
}

/**
 * The side log: every block that any node ever showed to a client, in the order of seeing. What is in here
 * must be on every node at the end, whatever happened to the nodes in between.
 */
import { appendFileSync } from 'node:fs';
import { millisOfTime } from './times.ts';

export interface SeenBlock {
  readonly height: number;
  readonly hash: string;
  /** RFC 3339, of the header; empty when only height and hash were shown. */
  readonly time: string;
}

/** A fresh block is voted for only when its time is so near to the clocks of honest validators. */
const MOST_AHEAD_MS = 10_000;
const MOST_BEHIND_MS = 30_000;
const FLOWING_MS = 10_000;

export class History {
  readonly #file: string;
  readonly #hashes = new Map<number, string>();
  readonly #violations: string[] = [];
  /** Newest height each node has shown. */
  readonly #newest = new Map<number, number>();
  #top = 0;
  #lastSeenAt = 0;

  constructor(file: string) {
    this.#file = file;
  }

  get top(): number {
    return this.#top;
  }

  get length(): number {
    return this.#hashes.size;
  }

  get violations(): readonly string[] {
    return this.#violations;
  }

  hashAt(height: number): string | undefined {
    return this.#hashes.get(height);
  }

  newestOf(node: number): number {
    return this.#newest.get(node) ?? 0;
  }

  /** A block that a node shows; `isFresh` says that it was decided just now. */
  saw(node: number, block: SeenBlock, isFresh = false): void {
    const { height, hash } = block;
    if (height === 0) return;
    this.#newest.set(node, Math.max(this.newestOf(node), height));
    const known = this.#hashes.get(height);
    if (known === undefined) this.#add(node, block, isFresh);
    else if (known !== hash)
      this.violate(`height ${height}: node${node} has ${hash}, not ${known}`);
  }

  violate(what: string): void {
    this.#violations.push(what);
  }

  #add(node: number, block: SeenBlock, isFresh: boolean): void {
    const { height, hash, time } = block;
    this.#hashes.set(height, hash);
    this.#top = Math.max(this.#top, height);
    appendFileSync(this.#file, `${JSON.stringify({ ...block, node, seen: Date.now() })}\n`);
    const now = Date.now();
    const isFlowing = now - this.#lastSeenAt < FLOWING_MS;
    this.#lastSeenAt = now;
    if (!isFresh || time === '') return;
    const ahead = millisOfTime(time) - now;
    // After an outage the block that was locked before it may be decided, with the time it had then.
    if (ahead > MOST_AHEAD_MS || (isFlowing && -ahead > MOST_BEHIND_MS)) {
      this.violate(`height ${height} (${hash}) has a time ${Math.round(ahead)} ms off`);
    }
  }
}

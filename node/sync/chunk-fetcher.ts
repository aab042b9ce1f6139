/** Gets the chunks of one snapshot from those who have it, several at once, and applies them in order. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bytes } from '../base/bytes.ts';
import { MAX_CHUNK_FAILURES, MAX_CHUNKS_AHEAD, SNAPSHOT_CHUNK_BYTES } from '../base/limits.ts';
import type { StateChain, SyncNetwork } from './expected.ts';
import type { LightSource } from './light-source.ts';
import type { Offer } from './snapshot-offers.ts';
import { encodeStateRequest } from './state-messages.ts';

export interface ChunkFetcherDeps {
  readonly chain: StateChain;
  readonly network: SyncNetwork;
  readonly source: LightSource;
  readonly isStopped: () => boolean;
  /** So many of the chunks are applied. */
  readonly onProgress: (applied: number, chunks: number) => void;
}

/** `gone`: nobody gives its chunks any more. */
export type RestoreEnd = 'restored' | 'rejected' | 'gone' | 'stopped';

const BOUNDS = { maxParts: 1, maxBytes: SNAPSHOT_CHUNK_BYTES };
const RETRY_MS = 200;

interface GivenChunk {
  readonly peerId: string;
  readonly bytes: Bytes;
}

export class ChunkFetcher {
  readonly #deps: ChunkFetcherDeps;
  readonly #offer: Offer;
  /** On their way or waiting for their turn, by index. */
  readonly #ahead = new Map<number, Promise<GivenChunk | undefined>>();
  /** Failures of each peer; whoever fails least is asked first. */
  readonly #failures = new Map<string, number>();
  #turn = 0;

  constructor(deps: ChunkFetcherDeps, offer: Offer) {
    this.#deps = deps;
    this.#offer = offer;
  }

  /** After the offer was accepted. */
  async restore(): Promise<RestoreEnd> {
    const { chain, source, isStopped, onProgress } = this.#deps;
    const { chunks } = this.#offer.snapshot;
    let index = 0;
    let failures = 0;
    while (index < chunks) {
      if (isStopped()) return 'stopped';
      for (let at = index; at < Math.min(chunks, index + MAX_CHUNKS_AHEAD); at += 1) {
        if (!this.#ahead.has(at)) this.#ahead.set(at, this.#fetch(at));
      }
      const given = await this.#ahead.get(index);
      this.#ahead.delete(index);
      if (given === undefined) {
        failures += 1;
        if (failures > MAX_CHUNK_FAILURES || this.#peers().length === 0) return 'gone';
        await sleep(RETRY_MS);
        continue;
      }
      const verdict = await chain.apply(index, given.bytes);
      if (verdict === 'reject') return 'rejected';
      if (verdict === 'retry') source.lie(given.peerId, `not chunk ${index} of the snapshot`);
      else {
        index += 1;
        failures = 0;
        onProgress(index, chunks);
      }
    }
    return 'restored';
  }

  /** Connected ones that offered it and have not lied. */
  #peers(): string[] {
    const { peers } = this.#offer;
    return this.#deps.source.peers().filter((peerId) => peers.has(peerId));
  }

  async #fetch(index: number): Promise<GivenChunk | undefined> {
    const { network, source } = this.#deps;
    const failed = (peerId: string): number => this.#failures.get(peerId) ?? 0;
    const able = this.#peers().sort((a, b) => failed(a) - failed(b));
    const best = able.filter((peerId) => failed(peerId) === failed(able[0]!));
    const peerId = best[(this.#turn += 1) % best.length];
    if (peerId === undefined) return undefined;
    const { height, format } = this.#offer.snapshot;
    const question = encodeStateRequest({ type: 'chunk', height, format, index });
    try {
      const [bytes] = await network.ask(peerId, question, BOUNDS);
      if (bytes !== undefined) return { peerId, bytes };
      source.failure(peerId, 'offers a snapshot whose chunks it does not give');
    } catch (error) {
      source.failure(peerId, `no chunk: ${String(error)}`);
    }
    this.#failures.set(peerId, failed(peerId) + 1);
    return undefined;
  }
}

/** Gets blocks from peers; keeps score of who answers and who does not. */
import { EMPTY, type Bytes } from '../base/bytes.ts';
import { BitscaleError } from '../base/errors.ts';
import { MAX_SYNC_BLOCKS } from '../base/limits.ts';
import type { SyncNetwork, SyncPeer, WantedBlock } from './expected.ts';
import { decodeSyncBlock, encodeSyncRequest, type SyncBlock } from './messages.ts';

const STRIKE_NO_ANSWER = 10;
const STRIKE_MALFORMED = 50;
/** Peers that are asked for one proposed block, at most. */
const MAX_ASKED_FOR_BLOCK = 4;

export interface Batch {
  readonly peerId: string;
  readonly blocks: readonly SyncBlock[];
}

export class BlockFetcher {
  readonly #network: SyncNetwork;

  constructor(network: SyncNetwork) {
    this.#network = network;
  }

  /**
   * Consecutive blocks from `height` on. Undefined when this peer gives none, which counts against it: it
   * claimed to have them.
   */
  async batch(peer: SyncPeer, height: number): Promise<Batch | undefined> {
    const { peerId } = peer;
    const count = Math.min(MAX_SYNC_BLOCKS, peer.height - height + 1);
    const question = encodeSyncRequest({ fromHeight: height, count, hash: EMPTY });
    let parts: readonly Bytes[];
    try {
      parts = await this.#network.ask(peerId, question, count);
    } catch (error) {
      this.#network.strike(peerId, STRIKE_NO_ANSWER, `no sync answer: ${String(error)}`);
      return undefined;
    }
    if (parts.length === 0) {
      this.#network.strike(peerId, STRIKE_NO_ANSWER, 'claims blocks it does not give');
      return undefined;
    }
    const blocks = this.#decode(peerId, parts);
    if (blocks === undefined || blocks.every((one, index) => one.height === height + index)) {
      return blocks && { peerId, blocks };
    }
    this.#network.strike(peerId, STRIKE_MALFORMED, 'sync answer has a gap');
    return undefined;
  }

  /** First from the nodes of validators that have it, then from anybody, each time from others. */
  async byHash({ height, hash, from, isIt }: WantedBlock): Promise<Bytes | undefined> {
    const first = from.flatMap((validator) => this.#network.peersOf(validator));
    const others = shuffled(this.#network.peers().map(({ peerId }) => peerId));
    const peers = [...new Set([...shuffled(first), ...others])].slice(0, MAX_ASKED_FOR_BLOCK);
    const question = encodeSyncRequest({ fromHeight: height, count: 1, hash });
    for (const peerId of peers) {
      const parts = await this.#network.ask(peerId, question, 1).catch(() => []);
      const [answer] = this.#decode(peerId, parts) ?? [];
      if (answer === undefined) continue;
      if (isIt(answer.block)) return answer.block;
      this.#network.strike(peerId, STRIKE_MALFORMED, 'not the block it was asked for');
    }
    return undefined;
  }

  #decode(peerId: string, parts: readonly Bytes[]): SyncBlock[] | undefined {
    try {
      return parts.map(decodeSyncBlock);
    } catch (error) {
      if (!(error instanceof BitscaleError)) throw error;
      this.#network.strike(peerId, STRIKE_MALFORMED, error.message);
      return undefined;
    }
  }
}

function shuffled(items: readonly string[]): string[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

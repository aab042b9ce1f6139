/** Asks peers for blocks and reads what they answer. */
import { EMPTY, type Bytes } from '../base/bytes.ts';
import { BitscaleError } from '../base/errors.ts';
import { MAX_SYNC_BLOCK_BYTES, MAX_SYNC_REQUEST_BYTES } from '../base/limits.ts';
import type { SyncNetwork, WantedBlock } from './expected.ts';
import { decodeSyncBlock, encodeSyncRequest, type SyncBlock } from './messages.ts';
import type { Ask } from './sync-plan.ts';

const STRIKE_MALFORMED = 50;
/** Without an answer to a question for one block, the next peer is asked as well. */
const PATIENCE_MS = 300;
/** Peers that are asked for one proposed block, at most. */
const MAX_ASKED_FOR_BLOCK = 4;

export type Answer =
  | { readonly type: 'blocks'; readonly blocks: readonly SyncBlock[] }
  | { readonly type: 'failure' | 'lie'; readonly reason: string };

export class BlockFetcher {
  readonly #network: SyncNetwork;

  constructor(network: SyncNetwork) {
    this.#network = network;
  }

  /** Decided blocks. Never rejects: what goes wrong is the answer. */
  async blocks({ peerId, fromHeight, count }: Ask): Promise<Answer> {
    const request = { fromHeight, count, hash: EMPTY, maxBytes: MAX_SYNC_REQUEST_BYTES };
    const bounds = {
      maxParts: count,
      maxBytes: Math.max(MAX_SYNC_REQUEST_BYTES, MAX_SYNC_BLOCK_BYTES),
    };
    let parts: readonly Bytes[];
    try {
      parts = await this.#network.ask(peerId, encodeSyncRequest(request), bounds);
    } catch (error) {
      return { type: 'failure', reason: `no sync answer: ${String(error)}` };
    }
    try {
      return { type: 'blocks', blocks: parts.map(decodeSyncBlock) };
    } catch (error) {
      if (!(error instanceof BitscaleError)) throw error;
      return { type: 'lie', reason: error.message };
    }
  }

  /** First from the nodes of validators that have it, then from anybody, each time from others. */
  async byHash({ height, hash, from, isIt }: WantedBlock): Promise<Bytes | undefined> {
    const first = from.flatMap((validator) => this.#network.peersOf(validator));
    const others = shuffled(this.#network.peers());
    const peers = [...new Set([...shuffled(first), ...others])].slice(0, MAX_ASKED_FOR_BLOCK);
    const request = { fromHeight: height, count: 1, hash, maxBytes: MAX_SYNC_REQUEST_BYTES };
    const question = encodeSyncRequest(request);
    const bounds = { maxParts: 1, maxBytes: MAX_SYNC_BLOCK_BYTES };
    return firstOf(peers, async (peerId) => {
      const parts = await this.#network.ask(peerId, question, bounds).catch(() => []);
      const answer = this.#decode(peerId, parts);
      if (answer === undefined || isIt(answer.block)) return answer?.block;
      this.#network.strike(peerId, STRIKE_MALFORMED, 'not the block it was asked for');
      return undefined;
    });
  }

  #decode(peerId: string, parts: readonly Bytes[]): SyncBlock | undefined {
    try {
      return parts.map(decodeSyncBlock)[0];
    } catch (error) {
      if (!(error instanceof BitscaleError)) throw error;
      this.#network.strike(peerId, STRIKE_MALFORMED, error.message);
      return undefined;
    }
  }
}

/**
 * One peer after the other; one that keeps silent does not hold up the next. The first find counts; undefined
 * when nobody has one.
 */
function firstOf<T>(
  peers: readonly string[],
  attempt: (peerId: string) => Promise<T | undefined>,
): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const waiting = [...peers];
    let open = peers.length;
    let patience: NodeJS.Timeout | undefined;
    const settle = (result: T | undefined): void => {
      open -= 1;
      if (result === undefined && open > 0) return askNext();
      clearTimeout(patience);
      waiting.length = 0;
      resolve(result);
    };
    const askNext = (): void => {
      clearTimeout(patience);
      const peerId = waiting.shift();
      if (peerId === undefined) return;
      patience = setTimeout(askNext, PATIENCE_MS);
      attempt(peerId).then(settle, reject);
    };
    if (peers.length === 0) resolve(undefined);
    askNext();
  });
}

function shuffled(items: readonly string[]): string[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

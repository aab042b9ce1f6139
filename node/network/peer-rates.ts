/** How much one peer may send, by kind. */
import * as limits from '../base/limits.ts';
import type { DirectMessage } from './messages.ts';
import { RateLimit } from '../base/rate-limit.ts';

export class PeerRates {
  /** Questions. */
  readonly requests: RateLimit;
  /** Streams of any protocol. */
  readonly streams: RateLimit;
  /** Bytes of gossip. */
  readonly gossip: RateLimit;
  /** New messages of gossip. */
  readonly gossipMessages: RateLimit;
  readonly #messages: RateLimit;
  readonly #consensusBytes: RateLimit;
  readonly #status: RateLimit;
  readonly #txs: RateLimit;
  readonly #txBytes: RateLimit;

  constructor(nowMs: number) {
    const limit = (perSecond: number, burst: number): RateLimit =>
      new RateLimit(perSecond, burst, nowMs);
    this.requests = limit(limits.MAX_REQUESTS_PER_SECOND, limits.MAX_REQUESTS_PER_SECOND);
    this.streams = limit(limits.MAX_PEER_STREAMS_PER_SECOND, limits.MAX_PEER_STREAM_BURST);
    this.gossip = limit(limits.MAX_PEER_GOSSIP_BYTES_PER_SECOND, limits.MAX_PEER_GOSSIP_BYTE_BURST);
    this.gossipMessages = limit(
      limits.MAX_PEER_GOSSIP_MESSAGES_PER_SECOND,
      limits.MAX_PEER_GOSSIP_MESSAGE_BURST,
    );
    this.#messages = limit(limits.MAX_PEER_MESSAGES_PER_SECOND, limits.MAX_PEER_MESSAGE_BURST);
    this.#consensusBytes = limit(
      limits.MAX_PEER_CONSENSUS_BYTES_PER_SECOND,
      limits.MAX_PEER_CONSENSUS_BYTE_BURST,
    );
    this.#status = limit(limits.MAX_PEER_STATUS_PER_SECOND, limits.MAX_PEER_STATUS_BURST);
    this.#txs = limit(limits.MAX_PEER_TXS_PER_SECOND, limits.MAX_PEER_TX_BURST);
    this.#txBytes = limit(limits.MAX_PEER_TX_BYTES_PER_SECOND, limits.MAX_PEER_TX_BYTE_BURST);
  }

  /** Any direct message, before it is decoded. */
  takeMessage(nowMs: number): boolean {
    return this.#messages.take(nowMs);
  }

  takeKind(type: DirectMessage['type'], bytes: number, nowMs: number): boolean {
    switch (type) {
      case 'consensus':
        return this.#consensusBytes.take(nowMs, bytes);
      case 'tx':
        return this.#txs.take(nowMs) && this.#txBytes.take(nowMs, bytes);
      case 'hello':
      case 'status':
        return this.#status.take(nowMs);
    }
  }
}

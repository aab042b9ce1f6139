/** What goes through the network, as measurements with CometBFT's names. */
import type { Counter, Gauge, Metrics } from '../base/service.ts';
import type { DirectMessage } from './messages.ts';

const SENT = ['cometbft_p2p_message_send_bytes_total', 'Bytes sent, by type of message'] as const;
const RECEIVED = [
  'cometbft_p2p_message_receive_bytes_total',
  'Bytes received, by type of message',
] as const;
const DROPPED = [
  'bitscale_p2p_dropped_messages_total',
  'Messages dropped because a queue was full or a rate exceeded, by queue',
] as const;
const REFUSED = [
  'bitscale_p2p_refused_connections_total',
  'Inbound connections refused, by reason',
] as const;
const QUEUE = ['cometbft_p2p_peer_send_queue_size', 'Messages that wait for a peer'] as const;

/** Field numbers of ConsensusPayload in proto/bitscale/p2p/v1. */
const CONSENSUS_TYPES = [
  'consensus',
  'proposal',
  'vote',
  'timeout',
  'new_round',
  'quorum',
  'commit',
  'evidence',
];
const WIRE_TYPE_BITS = 3;

export function messageType(message: DirectMessage): string {
  if (message.type !== 'consensus') return message.type;
  const field = (message.payload[0] ?? 0) >> WIRE_TYPE_BITS;
  return CONSENSUS_TYPES[field] ?? 'consensus';
}

export class Traffic {
  readonly #metrics: Metrics;
  readonly #counters = new Map<string, Counter>();
  readonly #queues = new Map<string, Gauge>();
  readonly #peers: Gauge;
  readonly #banned: Counter;

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
    this.#peers = metrics.gauge('cometbft_p2p_peers', 'Connected peers');
    this.#banned = metrics.counter('bitscale_p2p_banned_peers_total', 'Peers banned');
  }

  sent(type: string, bytes: number): void {
    this.#counter(SENT, 'message_type', type).add(bytes);
  }

  received(type: string, bytes: number): void {
    this.#counter(RECEIVED, 'message_type', type).add(bytes);
  }

  dropped(queue: string, messages = 1): void {
    if (messages > 0) this.#counter(DROPPED, 'queue', queue).add(messages);
  }

  refused(reason: string): void {
    this.#counter(REFUSED, 'reason', reason).add();
  }

  banned(): void {
    this.#banned.add();
  }

  /** Messages that wait, by peer; who is not in it any more is forgotten. */
  peers(queues: ReadonlyMap<string, number>): void {
    this.#peers.set(queues.size);
    for (const [peerId, gauge] of this.#queues) {
      if (queues.has(peerId)) continue;
      gauge.remove();
      this.#queues.delete(peerId);
    }
    for (const [peerId, size] of queues) {
      const gauge = this.#queues.get(peerId) ?? this.#metrics.gauge(...QUEUE, { peer_id: peerId });
      this.#queues.set(peerId, gauge);
      gauge.set(size);
    }
  }

  #counter([name, help]: readonly [string, string], label: string, value: string): Counter {
    const key = `${name}/${value}`;
    const known = this.#counters.get(key);
    if (known !== undefined) return known;
    const counter = this.#metrics.counter(name, help, { [label]: value });
    this.#counters.set(key, counter);
    return counter;
  }
}

/** What peers say on their direct streams: limited in rate, decoded, handed on by kind. */
import { equal, type Bytes } from '../base/bytes.ts';
import type { Clock, Logger } from '../base/service.ts';
import { decodeDirectMessage, type Hello, type Status } from './messages.ts';
import type { Peer } from './peer.ts';
import { messageType, type Traffic } from './traffic.ts';
import { provenValidator } from './validator-binding.ts';

export interface InboundDeps {
  readonly chainId: string;
  readonly genesisHash: Bytes;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly traffic: Traffic;
  readonly strike: (peerId: string, points: number, reason: string) => void;
  /** `isNew`: on another stream than before, so what it said of itself until now counts no more. */
  readonly onHello: (peer: Peer, isNew: boolean) => void;
  readonly onStatus: (peer: Peer, status: Status) => void;
  readonly onConsensus: (peerId: string, payload: Bytes) => void;
  readonly onTx: (peerId: string, tx: Bytes) => void;
}

const STRIKE_FLOOD = 5;

export class Inbound {
  readonly #deps: InboundDeps;

  constructor(deps: InboundDeps) {
    this.#deps = deps;
  }

  /** Throws when the message is malformed or out of place. `turn` says which stream it came on. */
  receive(peer: Peer, bytes: Bytes, turn: number): void {
    const { clock, traffic, onConsensus, onTx, onStatus } = this.#deps;
    const { peerId } = peer.origin;
    const nowMs = clock.monotonic();
    if (!peer.rates.takeMessage(nowMs)) {
      this.#tooMuch(peerId, 'too many messages');
      return;
    }
    const message = decodeDirectMessage(bytes);
    traffic.received(messageType(message), bytes.length);
    if (!peer.rates.takeKind(message.type, bytes.length, nowMs)) {
      this.#tooMuch(peerId, `too many messages of type ${message.type}`);
      return;
    }
    if (message.type === 'hello') this.#onHello(peer, message.hello, turn);
    else if (peer.hello === undefined) throw new Error('the first message is not hello');
    else if (message.type === 'status') {
      // Only one stream keeps its order: an old one may bring old heights after newer ones.
      if (turn >= peer.newestTurn) onStatus(peer, message.status);
    } else if (message.type === 'consensus') onConsensus(peerId, message.payload);
    else onTx(peerId, message.tx);
  }

  #tooMuch(peerId: string, reason: string): void {
    this.#deps.traffic.dropped('received');
    this.#deps.strike(peerId, STRIKE_FLOOD, reason);
  }

  #onHello(peer: Peer, hello: Hello, turn: number): void {
    const { chainId, genesisHash, logger, onHello } = this.#deps;
    const { peerId } = peer.origin;
    if (!equal(hello.genesisHash, genesisHash)) {
      logger.warn('peer has another genesis', { peer: peerId });
      throw new Error('another genesis');
    }
    if (turn < peer.newestTurn) return;
    const isNew = turn > peer.newestTurn;
    peer.newestTurn = turn;
    peer.hello = hello;
    peer.validator = provenValidator(hello, chainId, peerId);
    onHello(peer, isNew);
  }
}

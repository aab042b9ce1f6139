/**
 * Stands between gossipsub and its streams: what comes is limited in size and rate, what goes leaves behind
 * the direct messages of the same peer. It does so by the registrar that gossipsub is given; libp2p's own
 * middleware cannot be used: from the first inbound stream on it runs the handler on outbound ones, too.
 */
import type { GossipSubComponents } from '@libp2p/gossipsub';
import type { Connection, Stream } from '@libp2p/interface';
import { GOSSIP_RPC_COST_BYTES, MAX_GOSSIP_RPC_BYTES } from '../base/limits.ts';
import type { Peer } from './peer.ts';
import { RpcLengths } from './rpc-lengths.ts';
import { Throttle } from './throttle.ts';

const STRIKE_LARGE_RPC = 10;
const STRIKE_MANY_STREAMS = 5;

export interface GossipGuardDeps {
  readonly peer: (peerId: string) => Peer | undefined;
  readonly nowMs: () => number;
  readonly strike: (peerId: string, points: number, reason: string) => void;
  readonly onReceived: (bytes: number) => void;
}

type Registrar = GossipSubComponents['registrar'];

export class GossipGuard {
  readonly #deps: GossipGuardDeps;
  /** What gossipsub does with a new connection. */
  #onConnect: ((connection: Connection) => void | Promise<void>) | undefined;
  readonly #opening = new WeakSet<Peer>();
  /** Streams that gossipsub has not taken yet. */
  readonly #opened = new WeakMap<Peer, Stream>();

  constructor(deps: GossipGuardDeps) {
    this.#deps = deps;
  }

  /** The registrar with which gossipsub only ever sees guarded streams. */
  registrar(registrar: Registrar): Registrar {
    const guarded = Object.create(registrar) as Registrar;
    guarded.handle = (protocol, handler, options) =>
      registrar.handle(
        protocol,
        (stream, connection) => {
          this.#inbound(stream, connection);
          return handler(stream, this.#connection(connection));
        },
        options,
      );
    guarded.register = (protocol, topology) => {
      const onConnect = (connection: Connection): void | Promise<void> =>
        topology.onConnect?.(connection.remotePeer, this.#connection(connection));
      this.#onConnect = onConnect;
      return registrar.register(protocol, {
        ...topology,
        onConnect: (_peerId, connection) => onConnect(connection),
      });
    };
    return guarded;
  }

  /** Has gossipsub open its stream to the peer again, if it has none. */
  reopen(connection: Connection): void {
    void this.#onConnect?.(connection);
  }

  #connection(connection: Connection): Connection {
    const guarded = Object.create(connection) as Connection;
    guarded.newStream = async (protocols, options) => {
      const peer = this.#deps.peer(connection.remotePeer.toString());
      if (peer === undefined) throw new Error('not a peer');
      const stream = this.#opened.get(peer);
      this.#opened.delete(peer);
      if (stream?.status !== 'open') {
        void this.#open(peer, () => connection.newStream(protocols, options), connection);
        throw new Error('gossipsub is told when the stream is open');
      }
      peer.attachGossip(stream);
      return stream;
    };
    return guarded;
  }

  /** Gossipsub waits for one stream after the other: a peer that is silent would keep it from all who come later. */
  async #open(peer: Peer, open: () => Promise<Stream>, connection: Connection): Promise<void> {
    if (this.#opening.has(peer)) return;
    this.#opening.add(peer);
    try {
      this.#opened.set(peer, await open());
      this.reopen(connection);
    } catch {
      // Tried again when somebody looks at who has no stream.
    } finally {
      this.#opening.delete(peer);
    }
  }

  #inbound(stream: Stream, connection: Connection): void {
    const { nowMs, strike, onReceived } = this.#deps;
    const peer = this.#deps.peer(connection.remotePeer.toString());
    if (peer === undefined) {
      stream.abort(new Error('not a peer'));
      return;
    }
    const lengths = new RpcLengths(MAX_GOSSIP_RPC_BYTES);
    const throttle = new Throttle(stream, peer.rates.gossip);
    stream.addEventListener('message', ({ data }) => {
      try {
        const started = lengths.push(data.subarray());
        peer.receivedBytes += data.byteLength;
        onReceived(data.byteLength);
        throttle.spend(nowMs(), data.byteLength + started * GOSSIP_RPC_COST_BYTES);
      } catch (error) {
        stream.abort(error instanceof Error ? error : new Error(String(error)));
        strike(peer.origin.peerId, STRIKE_LARGE_RPC, String(error));
      }
    });
  }

  /** libp2p tells nobody of streams whose protocol is refused, but each of them costs a negotiation. */
  countStreams(connection: Connection): void {
    const { peer, nowMs, strike } = this.#deps;
    const { muxer } = connection as { readonly muxer?: EventTarget };
    muxer?.addEventListener('stream', () => {
      const peerId = connection.remotePeer.toString();
      if (peer(peerId)?.rates.streams.take(nowMs()) !== false) return;
      strike(peerId, STRIKE_MANY_STREAMS, 'too many streams');
    });
  }
}

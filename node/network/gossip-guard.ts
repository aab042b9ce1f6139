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
    guarded.register = (protocol, topology) =>
      registrar.register(protocol, {
        ...topology,
        onConnect: (peerId, connection) =>
          topology.onConnect?.(peerId, this.#connection(connection)),
      });
    return guarded;
  }

  #connection(connection: Connection): Connection {
    const guarded = Object.create(connection) as Connection;
    guarded.newStream = async (protocols, options) => {
      const stream = await connection.newStream(protocols, options);
      this.#deps.peer(connection.remotePeer.toString())?.attachGossip(stream);
      return stream;
    };
    return guarded;
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

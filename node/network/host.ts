/** The libp2p host: TCP, noise, yamux, identify, ping, gossipsub, their limits and our own gate. */
import { createLibp2p, type Libp2p } from 'libp2p';
import { noise } from '@chainsafe/libp2p-noise';
import { gossipsub, StrictNoSign, type GossipSub } from '@libp2p/gossipsub';
import { identify, type Identify } from '@libp2p/identify';
import type { ConnectionGater, MultiaddrConnection, PrivateKey } from '@libp2p/interface';
import { ping, type Ping } from '@libp2p/ping';
import { tcp } from '@libp2p/tcp';
import { yamux } from '@libp2p/yamux';
import { latin1Text } from '../base/bytes.ts';
import { EXIT_IO, ExitError } from '../base/exit.ts';
import { sha256 } from '../base/hash.ts';
import {
  CONNECTION_UPGRADE_MS,
  GOSSIP_DECODE_LIMITS,
  GOSSIP_MESH_LOW,
  MAX_CONNECTION_BYTE_BURST,
  MAX_CONNECTION_BYTES_PER_SECOND,
  MAX_GOSSIP_RPC_BYTES,
  MAX_PEERS,
  MAX_PENDING_CONNECTIONS,
  MAX_STREAM_WINDOW_BYTES,
  MAX_STREAMS_PER_CONNECTION,
  MIN_DONT_WANT_BYTES,
} from '../base/limits.ts';
import type { ConnectionGate, Visit } from './connection-gate.ts';
import type { GossipGuard } from './gossip-guard.ts';
import { scoring, type ScoreOptions } from './gossip-score.ts';
import { noiseCrypto } from './noise-crypto.ts';
import { ipOf } from './peer-address.ts';
import { RateLimit } from '../base/rate-limit.ts';
import { Throttle } from './throttle.ts';
import { writeWhole } from './whole-writes.ts';
import './window-updates.ts';

export interface HostServices extends Record<string, unknown> {
  readonly identify: Identify;
  readonly ping: Ping;
  readonly gossip: GossipSub;
}

export type Host = Libp2p<HostServices>;

export interface HostOptions extends ScoreOptions {
  readonly privateKey: PrivateKey;
  readonly listen: { readonly host: string; readonly port: number };
  /** What peers are told to dial, instead of the addresses of this machine; empty: those. */
  readonly externalAddress: string;
  readonly gate: ConnectionGate;
  readonly nowMs: () => number;
  /** Nothing is said to such a peer, and no connection to it is made. */
  readonly refuses: (peerId: string) => boolean;
  /** A connection was refused before it was a peer's. */
  readonly onRefused: (reason: string) => void;
  readonly guard?: GossipGuard;
}

const GOSSIP_HEARTBEAT_MS = 700;
const FORGET_AFTER_MS = 2_000;
/** Our own gate decides about single addresses; libp2p's limits only have to be wider. */
const NO_LIMIT = 1_000_000;

function multiaddress(host: string, port: number): string {
  return `/${host.includes(':') ? 'ip6' : 'ip4'}/${host}/tcp/${port}`;
}

/** A host that does not listen yet: `start` it when everything that wants to hear of peers is attached. */
export async function createHost(options: HostOptions): Promise<Host> {
  const { host, port } = options.listen;
  const announce = options.externalAddress === '' ? [] : [options.externalAddress];
  const created = await createLibp2p<HostServices>({
    start: false,
    privateKey: options.privateKey,
    addresses: { listen: [multiaddress(host, port)], announce },
    transports: [
      tcp({ maxConnections: 2 * MAX_PEERS + 2 * MAX_PENDING_CONNECTIONS, backlog: MAX_PEERS }),
    ],
    connectionEncrypters: [noise({ crypto: noiseCrypto })],
    streamMuxers: [
      yamux({
        maxInboundStreams: MAX_STREAMS_PER_CONNECTION,
        maxOutboundStreams: MAX_STREAMS_PER_CONNECTION,
        streamOptions: { maxStreamWindowSize: MAX_STREAM_WINDOW_BYTES },
      }),
    ],
    connectionManager: {
      maxConnections: 2 * MAX_PEERS,
      maxIncomingPendingConnections: NO_LIMIT,
      inboundConnectionThreshold: NO_LIMIT,
      reconnectRetries: 0,
      inboundUpgradeTimeout: CONNECTION_UPGRADE_MS,
      inboundStreamProtocolNegotiationTimeout: CONNECTION_UPGRADE_MS,
    },
    connectionGater: connectionGater(options),
    services: { identify: identify(), ping: ping(), gossip: gossipService(options) },
  });
  forgetWhoLeft(created);
  return created;
}

/**
 * libp2p keeps what it knows of a peer, up to 8 KB, for good, and a stranger's name costs nothing. Its parts are told
 * of a farewell by what is kept, so it goes a moment later.
 */
function forgetWhoLeft(host: Host): void {
  host.addEventListener('peer:disconnect', ({ detail: peerId }) => {
    const forget = (): void => {
      if (host.getConnections(peerId).length > 0) return;
      host.peerStore.delete(peerId).catch(() => undefined);
    };
    setTimeout(forget, FORGET_AFTER_MS).unref();
  });
}

/** Rejects with ExitError 74 when the port is taken. */
export async function startHost(
  host: Host,
  listen: { readonly host: string; readonly port: number },
): Promise<void> {
  try {
    await host.start();
  } catch (error) {
    throw startError(error, listen.host, listen.port);
  }
}

function connectionGater({ gate, nowMs, refuses, onRefused }: HostOptions): ConnectionGater {
  const visits = new WeakMap<MultiaddrConnection, Visit>();
  const isRefused = (peer: { toString(): string }): boolean => refuses(peer.toString());
  const throttled = (peer: { toString(): string }, connection: MultiaddrConnection): boolean => {
    if (isRefused(peer)) {
      onRefused('not welcome');
      return true;
    }
    const budget = new RateLimit(
      MAX_CONNECTION_BYTES_PER_SECOND,
      MAX_CONNECTION_BYTE_BURST,
      nowMs(),
    );
    const throttle = new Throttle(connection, budget);
    connection.addEventListener('message', ({ data }) => throttle.spend(nowMs(), data.byteLength));
    writeWhole(connection);
    visits.get(connection)?.known();
    return false;
  };
  return {
    denyDialPeer: isRefused,
    denyDialMultiaddr: () => false,
    denyInboundConnection: (connection) => {
      const visit = gate.arrive(ipOf(connection.remoteAddr));
      if (typeof visit === 'string') {
        onRefused(visit);
        return true;
      }
      visits.set(connection, visit);
      connection.addEventListener('close', () => visit.left());
      return connection.status !== 'open';
    },
    denyInboundEncryptedConnection: throttled,
    denyOutboundEncryptedConnection: throttled,
  };
}

function gossipService(options: HostOptions): ReturnType<typeof gossipsub> {
  const create = gossipsub({
    globalSignaturePolicy: StrictNoSign,
    allowedTopics: [...options.topics],
    allowPublishToZeroTopicPeers: true,
    ignoreDuplicatePublishError: true,
    emitSelf: false,
    batchPublish: true,
    floodPublish: false,
    Dlo: GOSSIP_MESH_LOW,
    idontwantMinDataSize: MIN_DONT_WANT_BYTES,
    fallbackToFloodsub: false,
    doPX: false,
    heartbeatInterval: GOSSIP_HEARTBEAT_MS,
    msgIdFn: (message) => sha256(message.data),
    msgIdToStrFn: (id) => latin1Text(id, 0, id.length),
    maxInboundStreams: 2,
    maxOutboundStreams: 2,
    maxInboundDataLength: MAX_GOSSIP_RPC_BYTES,
    decodeRpcLimits: GOSSIP_DECODE_LIMITS,
    ...scoring(options),
  });
  const { guard } = options;
  if (guard === undefined) return create;
  return ({ privateKey, peerId, peerStore, registrar, connectionManager, logger }) =>
    create({
      privateKey,
      peerId,
      peerStore,
      registrar: guard.registrar(registrar),
      connectionManager,
      logger,
    });
}

function startError(error: unknown, host: string, port: number): unknown {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : '';
  const text = error instanceof Error ? `${error.message} ${cause}` : '';
  const nested = error instanceof AggregateError ? error.errors.map(String).join(' ') : '';
  if (/EADDRINUSE|UnsupportedListenAddress/i.test(`${text} ${nested}`)) {
    return new ExitError(EXIT_IO, `port ${port} on ${host} is in use or cannot be listened on`, {
      cause: error,
    });
  }
  return error;
}

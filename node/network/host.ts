/** The libp2p host: TCP, noise, yamux, identify, ping, gossipsub and our own gate for banned peers. */
import { createLibp2p, type Libp2p } from 'libp2p';
import { noise } from '@chainsafe/libp2p-noise';
import { bootstrap } from '@libp2p/bootstrap';
import { gossipsub, StrictNoSign, type GossipSub } from '@libp2p/gossipsub';
import { identify, type Identify } from '@libp2p/identify';
import type { PrivateKey } from '@libp2p/interface';
import { ping, type Ping } from '@libp2p/ping';
import { tcp } from '@libp2p/tcp';
import { yamux } from '@libp2p/yamux';
import { EXIT_IO, ExitError } from '../base/exit.ts';
import { sha256 } from '../base/hash.ts';
import {
  GOSSIP_DECODE_LIMITS,
  MAX_GOSSIP_BYTES,
  MAX_GOSSIP_OUTBOUND_BYTES,
  MAX_PEERS,
} from '../base/limits.ts';

export interface HostServices extends Record<string, unknown> {
  readonly identify: Identify;
  readonly ping: Ping;
  readonly gossip: GossipSub;
}

export type Host = Libp2p<HostServices>;

export interface HostOptions {
  readonly privateKey: PrivateKey;
  readonly listen: { readonly host: string; readonly port: number };
  /** What peers are told to dial, instead of the addresses of this machine; empty: those. */
  readonly externalAddress: string;
  /** Multiaddresses to find the network by; may be empty. */
  readonly bootstrap: readonly string[];
  readonly topics: readonly string[];
  readonly isBanned: (peerId: string) => boolean;
}

/** Many inbound connections from one machine are normal on a local network and behind a gateway. */
const INBOUND_PER_SECOND = 50;
const GOSSIP_HEARTBEAT_MS = 700;

function multiaddress(host: string, port: number): string {
  return `/${host.includes(':') ? 'ip6' : 'ip4'}/${host}/tcp/${port}`;
}

export async function startHost(options: HostOptions): Promise<Host> {
  const { host, port } = options.listen;
  const announce = options.externalAddress === '' ? [] : [options.externalAddress];
  const banned = (peer: { toString(): string }): boolean => options.isBanned(peer.toString());
  try {
    return await createLibp2p<HostServices>({
      privateKey: options.privateKey,
      addresses: { listen: [multiaddress(host, port)], announce },
      transports: [tcp({ maxConnections: 2 * MAX_PEERS, backlog: MAX_PEERS })],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      peerDiscovery:
        options.bootstrap.length === 0 ? [] : [bootstrap({ list: [...options.bootstrap] })],
      connectionManager: {
        maxConnections: 2 * MAX_PEERS,
        inboundConnectionThreshold: INBOUND_PER_SECOND,
        reconnectRetries: 0,
      },
      connectionGater: {
        denyDialPeer: banned,
        denyDialMultiaddr: () => false,
        denyInboundEncryptedConnection: banned,
        denyOutboundEncryptedConnection: banned,
      },
      services: { identify: identify(), ping: ping(), gossip: gossipService(options.topics) },
    });
  } catch (error) {
    throw startError(error, host, port);
  }
}

function gossipService(topics: readonly string[]): ReturnType<typeof gossipsub> {
  return gossipsub({
    globalSignaturePolicy: StrictNoSign,
    allowedTopics: [...topics],
    allowPublishToZeroTopicPeers: true,
    ignoreDuplicatePublishError: true,
    emitSelf: false,
    batchPublish: true,
    floodPublish: false,
    doPX: false,
    heartbeatInterval: GOSSIP_HEARTBEAT_MS,
    msgIdFn: (message) => sha256(message.data),
    maxInboundDataLength: MAX_GOSSIP_BYTES,
    maxOutboundBufferSize: MAX_GOSSIP_OUTBOUND_BYTES,
    decodeRpcLimits: GOSSIP_DECODE_LIMITS,
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

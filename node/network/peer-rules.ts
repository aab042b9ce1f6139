/** Which peers are treated differently, from the settings. */
import { isIP } from 'node:net';
import { MAX_PEERS } from '../base/limits.ts';
import { parsePeerAddress, parsePeerId } from './peer-address.ts';

export interface PeerSettings {
  /** Multiaddresses with peer id: connections to them are kept. */
  readonly persistentPeers: readonly string[];
  /** Multiaddresses with peer id to find the network by. */
  readonly bootstrapPeers: readonly string[];
  /** Peer ids that always have a place and are never banned. */
  readonly unconditionalPeers?: readonly string[];
  /** Peer ids that are never told to others. */
  readonly privatePeers?: readonly string[];
  /** Talk to persistent and unconditional peers only, and tell nobody where this node is. */
  readonly privateNode?: boolean;
  /** Ask peers for addresses and answer when asked. */
  readonly peerExchange?: boolean;
  /** Places for peers that dial this node. */
  readonly maxInboundPeers?: number;
  /** Connections this node makes by itself, persistent peers not counted. */
  readonly outboundPeers?: number;
}

/** Always let in: nobody but this machine can come from there. */
const LOOPBACK = ['127.0.0.1', '::1'];

export class PeerRules {
  readonly persistent: ReadonlySet<string>;
  readonly unconditional: ReadonlySet<string>;
  readonly private: ReadonlySet<string>;
  readonly isPrivateNode: boolean;
  readonly exchanges: boolean;
  readonly maxInbound: number;
  readonly outbound: number;
  /** IP addresses of configured peers. */
  readonly knownIps: readonly string[];

  /** Throws ExitError 78 naming what is not an address or a peer id. */
  constructor(settings: PeerSettings) {
    const persistent = settings.persistentPeers.map(parsePeerAddress);
    this.persistent = new Set(persistent.map(({ peerId }) => peerId));
    this.unconditional = new Set(settings.unconditionalPeers?.map(parsePeerId));
    this.private = new Set(settings.privatePeers?.map(parsePeerId));
    this.isPrivateNode = settings.privateNode ?? false;
    this.exchanges = !this.isPrivateNode && (settings.peerExchange ?? true);
    this.maxInbound = Math.min(MAX_PEERS, settings.maxInboundPeers ?? MAX_PEERS);
    this.outbound = Math.min(MAX_PEERS, settings.outboundPeers ?? 0);
    const bootstrap = settings.bootstrapPeers.map(parsePeerAddress);
    this.knownIps = [...LOOPBACK, ...[...persistent, ...bootstrap].flatMap(({ ip }) => ip)].filter(
      (ip) => isIP(ip) !== 0,
    );
  }

  isKnown(peerId: string): boolean {
    return this.persistent.has(peerId) || this.unconditional.has(peerId);
  }

  /** May this peer be told to others? */
  isPublic(peerId: string): boolean {
    return !this.private.has(peerId);
  }

  isWelcome(peerId: string): boolean {
    return !this.isPrivateNode || this.isKnown(peerId);
  }
}

/** Who is connected, what they have proven, and how they behave. */
import type { Connection } from '@libp2p/interface';
import { toHex, type Bytes } from '../base/bytes.ts';
import { BAN_MS, MAX_PEERS, PERSISTENT_BAN_MS } from '../base/limits.ts';
import type { Clock, Logger } from '../base/service.ts';
import { nodeIdOf } from './node-key.ts';
import type { PeerRules } from './peer-rules.ts';
import { Peer, type PeerInfo } from './peer.ts';
import { Strikes } from './strikes.ts';

const NO_ADDRESS = { remoteIp: '', remotePort: 0 };

export interface PeerTableDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly rules: PeerRules;
  readonly hangUp: (peerId: string) => void;
  /** A stranger from this IP address was banned. */
  readonly onBanned: (ip: string) => void;
}

export class PeerTable {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #hangUp: (peerId: string) => void;
  readonly #strikes: Strikes;
  readonly #peers = new Map<string, Peer>();
  readonly #rules: PeerRules;
  readonly #onBanned: (ip: string) => void;

  constructor({ clock, logger, rules, hangUp, onBanned }: PeerTableDeps) {
    this.#clock = clock;
    this.#logger = logger;
    this.#hangUp = hangUp;
    this.#rules = rules;
    this.#onBanned = onBanned;
    this.#strikes = new Strikes(() => clock.monotonic());
  }

  /** Undefined when there is no place for it; peers of the settings always have one. */
  add(peerId: string, connection: Connection | undefined): Peer | undefined {
    const known = this.#peers.get(peerId);
    if (known !== undefined) return known;
    if (!this.hasPlace(peerId, connection?.direction === 'outbound')) return undefined;
    const pubKey = connection?.remotePeer.publicKey?.raw;
    const origin = {
      peerId,
      nodeId: pubKey === undefined ? '' : nodeIdOf(pubKey),
      ...addressOf(connection),
      outbound: connection?.direction === 'outbound',
      connectedAtMs: this.#clock.now(),
    };
    const peer = new Peer(origin, this.#clock.monotonic());
    this.#peers.set(peerId, peer);
    return peer;
  }

  /** Strangers that dial this node cannot take the places of those it dials. */
  hasPlace(peerId: string, isOutbound: boolean): boolean {
    if (this.#rules.isKnown(peerId) || this.#peers.has(peerId)) return true;
    if (this.#peers.size >= MAX_PEERS) return false;
    return isOutbound || this.inboundStrangers() < this.#rules.maxInbound;
  }

  inboundStrangers(): number {
    return this.all().filter(({ origin: { peerId, outbound } }) => {
      return !outbound && !this.#rules.isKnown(peerId);
    }).length;
  }

  /** Peers this node chose itself, apart from those of the settings. */
  outboundStrangers(): number {
    return this.all().filter(({ origin: { peerId, outbound } }) => {
      return outbound && !this.#rules.isKnown(peerId);
    }).length;
  }

  remove(peerId: string): void {
    this.#peers.delete(peerId);
  }

  get(peerId: string): Peer | undefined {
    return this.#peers.get(peerId);
  }

  all(): Peer[] {
    return [...this.#peers.values()];
  }

  infos(): PeerInfo[] {
    return this.all().map((peer) => peer.info());
  }

  /** The peers through which this validator has proven to be reachable. */
  ofValidator(address: Bytes): Peer[] {
    const wanted = toHex(address);
    return this.all().filter(({ validator }) => {
      return validator !== undefined && toHex(validator) === wanted;
    });
  }

  isBanned(peerId: string): boolean {
    return this.#strikes.isBanned(peerId);
  }

  /** Ends the connection without blame: it may come back at once. */
  disconnect(peerId: string, reason: string): void {
    if (!this.#peers.delete(peerId)) return;
    this.#logger.warn('peer disconnected', { peer: peerId, reason });
    this.#hangUp(peerId);
  }

  /** Points of bad behaviour, 0 for a peer that is never banned. */
  pointsOf(peerId: string): number {
    return this.#rules.unconditional.has(peerId) ? 0 : this.#strikes.points(peerId);
  }

  /** Counts bad behaviour; at the bound the peer is disconnected and refused for a while. */
  strike(peerId: string, points: number, reason: string): void {
    this.#logger.debug('peer misbehaves', { peer: peerId, points, reason });
    // What was under way when it was banned adds nothing.
    if (this.#rules.unconditional.has(peerId) || this.isBanned(peerId)) return;
    const isPersistent = this.#rules.persistent.has(peerId);
    if (!this.#strikes.add(peerId, points, isPersistent ? PERSISTENT_BAN_MS : BAN_MS)) return;
    this.#logger.warn('peer banned', { peer: peerId, reason });
    if (!isPersistent) this.#onBanned(this.#peers.get(peerId)?.origin.remoteIp ?? '');
    this.#peers.delete(peerId);
    this.#hangUp(peerId);
  }
}

function addressOf(connection: Connection | undefined): { remoteIp: string; remotePort: number } {
  if (connection === undefined) return NO_ADDRESS;
  try {
    const parts = connection.remoteAddr.getComponents();
    const ip = parts.find(({ name }) => name === 'ip4' || name === 'ip6');
    const port = parts.find(({ name }) => name === 'tcp');
    return { remoteIp: ip?.value ?? '', remotePort: Number(port?.value ?? 0) };
  } catch {
    return NO_ADDRESS;
  }
}

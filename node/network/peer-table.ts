/** Who is connected, what they have proven, and how they behave. */
import type { Connection } from '@libp2p/interface';
import { toHex, type Bytes } from '../base/bytes.ts';
import { MAX_PEERS, MAX_REQUESTS_PER_SECOND } from '../base/limits.ts';
import type { Clock, Logger } from '../base/service.ts';
import { nodeIdOf } from './node-key.ts';
import { Peer, type PeerInfo } from './peer.ts';
import { Strikes } from './strikes.ts';

const NO_ADDRESS = { remoteIp: '', remotePort: 0 };

export class PeerTable {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #hangUp: (peerId: string) => void;
  readonly #strikes: Strikes;
  readonly #peers = new Map<string, Peer>();
  readonly #persistent: ReadonlySet<string>;

  /** There is always room for `persistent` peers. */
  constructor(
    { clock, logger }: { clock: Clock; logger: Logger },
    hangUp: (peerId: string) => void,
    persistent: readonly string[] = [],
  ) {
    this.#clock = clock;
    this.#logger = logger;
    this.#hangUp = hangUp;
    this.#persistent = new Set(persistent);
    this.#strikes = new Strikes(() => clock.monotonic());
  }

  /** Undefined when the table is full. */
  add(peerId: string, connection: Connection | undefined): Peer | undefined {
    const known = this.#peers.get(peerId);
    if (known !== undefined) return known;
    if (this.#peers.size >= MAX_PEERS && !this.#persistent.has(peerId)) return undefined;
    const pubKey = connection?.remotePeer.publicKey?.raw;
    const origin = {
      peerId,
      nodeId: pubKey === undefined ? '' : nodeIdOf(pubKey),
      ...addressOf(connection),
      outbound: connection?.direction === 'outbound',
      connectedAtMs: this.#clock.now(),
    };
    const peer = new Peer(origin, this.#clock.monotonic(), MAX_REQUESTS_PER_SECOND);
    this.#peers.set(peerId, peer);
    return peer;
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

  /** Counts bad behaviour; at the bound the peer is disconnected and refused for a while. */
  strike(peerId: string, points: number, reason: string): void {
    this.#logger.debug('peer misbehaves', { peer: peerId, points, reason });
    if (!this.#strikes.add(peerId, points)) return;
    this.#logger.warn('peer banned', { peer: peerId, reason });
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

/** What this node says on its direct streams: to everybody, to validators, onwards, and its own status. */
import type { Bytes } from '../base/bytes.ts';
import { GOSSIP_MESH_LOW, MAX_STATUS_NEIGHBOURS } from '../base/limits.ts';
import { encodeDirectMessage, type DirectMessage, type Status } from './messages.ts';
import type { PeerRules } from './peer-rules.ts';
import type { PeerTable } from './peer-table.ts';
import type { Peer } from './peer.ts';
import { PRIORITY_OTHER, type Priority } from './send-queue.ts';
import { messageType, type Traffic } from './traffic.ts';

/** Blocks may come much faster than anybody needs to hear of them. */
const ANNOUNCE_EVERY_MS = 100;

export interface OutboundDeps {
  readonly table: PeerTable;
  readonly rules: PeerRules;
  readonly traffic: Traffic;
  /** Those whom gossip of this node reaches. */
  readonly mesh: () => ReadonlySet<string>;
}

export class Outbound {
  readonly #table: PeerTable;
  readonly #rules: PeerRules;
  readonly #traffic: Traffic;
  readonly #mesh: () => ReadonlySet<string>;
  #announcing: NodeJS.Timeout | undefined;
  #isStopped = false;
  #blocks: Omit<Status, 'neighbours'>;

  constructor({ table, rules, traffic, mesh }: OutboundDeps, blocks: Omit<Status, 'neighbours'>) {
    this.#table = table;
    this.#rules = rules;
    this.#traffic = traffic;
    this.#mesh = mesh;
    this.#blocks = blocks;
  }

  announce(height: number, base: number): void {
    this.#blocks = { height, base };
    this.statusSoon();
  }

  statusSoon(): void {
    if (this.#isStopped) return;
    this.#announcing ??= setTimeout(() => {
      this.#announcing = undefined;
      this.sendStatus();
    }, ANNOUNCE_EVERY_MS);
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#announcing);
  }

  toAll(message: DirectMessage, priority: Priority): void {
    this.#send(this.#table.all(), message, priority);
  }

  /** To this one peer, if it is connected. */
  toPeer(peerId: string, message: DirectMessage, priority: Priority): void {
    const peer = this.#table.get(peerId);
    if (peer !== undefined) this.#send([peer], message, priority);
  }

  /** To the nodes of these validators; one that nobody has proven to be is reached through everybody. */
  toValidators(addresses: readonly Bytes[], message: DirectMessage, priority: Priority): void {
    const targets = new Set<Peer>();
    for (const address of addresses) {
      const peers = this.#table.ofValidator(address);
      for (const peer of peers.length > 0 ? peers : this.#table.all()) targets.add(peer);
    }
    this.#send([...targets], message, priority);
  }

  /** Passes a message on to those the sender is not connected with. */
  onwards(from: string, message: DirectMessage, priority: Priority): void {
    this.#send(this.#beyond(from), message, priority);
  }

  /** Gossip of one that tells all its peers: is there nobody left to pass it on to? */
  hasReachedAll(from: string): boolean {
    const { size = Infinity } = this.#table.get(from)?.neighbours ?? {};
    return size <= GOSSIP_MESH_LOW && this.#beyond(from).length === 0;
  }

  #beyond(from: string): Peer[] {
    const reached = this.#table.get(from)?.neighbours;
    return this.#table.all().filter(({ origin: { peerId } }) => {
      return peerId !== from && reached?.has(peerId) !== true;
    });
  }

  /** Of a few, those whom gossip does not reach yet are left out: others pass it on to them. */
  #neighbours(): string[] {
    const told = this.#table
      .all()
      .map(({ origin }) => origin.peerId)
      .filter((peerId) => this.#rules.isPublic(peerId));
    if (told.length > GOSSIP_MESH_LOW) return told.slice(0, MAX_STATUS_NEIGHBOURS);
    const mesh = this.#mesh();
    return told.filter((peerId) => mesh.has(peerId));
  }

  sendStatus(peers = this.#table.all()): void {
    const status = { ...this.#blocks, neighbours: this.#neighbours() };
    const message: DirectMessage = { type: 'status', status };
    const bytes = encodeDirectMessage(message);
    for (const peer of peers) {
      if (peer.send(bytes, PRIORITY_OTHER)) this.#traffic.sent('status', bytes.length);
    }
  }

  #send(peers: readonly Peer[], message: DirectMessage, priority: Priority): void {
    if (peers.length === 0) return;
    const bytes = encodeDirectMessage(message);
    this.#traffic.sent(messageType(message), bytes.length * peers.length);
    for (const peer of peers) {
      if (peer.send(bytes, priority)) continue;
      // The queue is bounded: whoever does not read loses the connection, not our memory. It may have been
      // suspended for a while, so it is not blamed.
      this.#traffic.dropped('send');
      this.#table.disconnect(peer.origin.peerId, 'does not read');
    }
  }
}

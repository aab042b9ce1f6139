/**
 * Whom this node's gossip reaches. Its neighbours rely on it: what has come from a node with few peers they do not pass
 * on to those whom it names. Gossipsub opens a stream to a peer once; one that failed or broke is opened again here.
 */
import type { Connection } from '@libp2p/interface';
import { peerIdFromString } from '@libp2p/peer-id';
import type { GossipGuard } from './gossip-guard.ts';
import type { Host } from './host.ts';
import type { Peer } from './peer.ts';

export interface GossipReachDeps {
  readonly host: Pick<Host, 'services' | 'getConnections'>;
  readonly topic: string;
  readonly peers: () => readonly Peer[];
  readonly guard: GossipGuard;
}

/** A method of gossipsub that its interface does not name. */
interface Meshed {
  getMeshPeers(topic: string): readonly string[];
}

export class GossipReach {
  readonly #deps: GossipReachDeps;
  /** Greeted, but without a stream for gossip when last looked at. */
  #deaf = new Set<Peer>();

  constructor(deps: GossipReachDeps) {
    this.#deps = deps;
  }

  /** Those to whom all goes that this node publishes or passes on. */
  mesh(): ReadonlySet<string> {
    const { host, topic } = this.#deps;
    const mesh = new Set((host.services.gossip as unknown as Meshed).getMeshPeers(topic));
    return new Set(this.#listening().filter((peerId) => mesh.has(peerId)));
  }

  /** Does anybody get what this node publishes now? */
  isHeard(): boolean {
    const { host, topic } = this.#deps;
    const listening = new Set(this.#listening());
    return host.services.gossip
      .getSubscribers(topic)
      .some((peerId) => listening.has(peerId.toString()));
  }

  #listening(): string[] {
    return this.#deps.peers().flatMap((peer) => (peer.takesGossip ? peer.origin.peerId : []));
  }

  /** Opens missing streams of peers that had time to get one. To be called now and then. */
  mend(): void {
    const before = this.#deaf;
    this.#deaf = new Set();
    for (const peer of this.#deps.peers()) {
      if (peer.takesGossip || peer.hello === undefined) continue;
      const connection = before.has(peer) ? this.#connectionTo(peer) : undefined;
      if (connection === undefined) this.#deaf.add(peer);
      else this.#deps.guard.reopen(connection);
    }
  }

  /** The newest that is open. */
  #connectionTo({ origin }: Peer): Connection | undefined {
    const connections = this.#deps.host.getConnections(peerIdFromString(origin.peerId));
    return connections.findLast(({ status }) => status === 'open');
  }
}

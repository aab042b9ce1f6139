/** The peers of a simulated node, as block sync sees them. */
import { equal, type Bytes } from '../../../node/base/bytes.ts';
import type { SyncNetwork } from '../../../node/sync/expected.ts';
import type { WatchedNode } from '../check/watched-node.ts';
import type { Endpoint } from './endpoint.ts';
import type { Surroundings } from './surroundings.ts';

const ANSWER_TIMEOUT_MS = 2_000;

export class NodePeers implements SyncNetwork {
  readonly #around: Surroundings;
  readonly #node: WatchedNode & Endpoint;

  constructor(around: Surroundings, node: WatchedNode & Endpoint) {
    this.#around = around;
    this.#node = node;
  }

  peers(): readonly string[] {
    const { network } = this.#around;
    return network.endpoints
      .filter((one) => one !== this.#node && network.isConnected(one, this.#node))
      .map(({ name }) => name);
  }

  ask(peerId: string, question: Bytes): Promise<readonly Bytes[]> {
    const { network } = this.#around;
    const peer = network.named(peerId);
    if (!peer) return Promise.reject(new Error('no such peer'));
    const { host } = this.#node;
    return new Promise((resolve, reject) => {
      const late = () => reject(new Error('no answer in time'));
      const timer = host.setTimer(late, ANSWER_TIMEOUT_MS);
      const { life } = host;
      void network.ask(this.#node, peer, question).then((parts) => {
        timer.cancelled = true;
        if (host.life === life) host.enter(() => resolve(parts));
      });
    });
  }

  strike(peerId: string, points: number, reason: string): void {
    this.#around.watch.onStrike(this.#node, peerId, { points, reason });
  }

  peersOf(validator: Bytes): readonly string[] {
    return this.#around.network.endpoints
      .filter((one) => one !== this.#node && one.address && equal(one.address, validator))
      .map(({ name }) => name);
  }
}

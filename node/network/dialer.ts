/** Keeps connections to the peers of the configuration: tries again after a growing, jittered pause. */
import { peerIdFromString } from '@libp2p/peer-id';
import type { Logger } from '../base/service.ts';
import type { Host } from './host.ts';
import { parsePeerAddress, type PeerAddress } from './peer-address.ts';

const FIRST_PAUSE_MS = 300;
const LAST_PAUSE_MS = 10_000;
const WATCH_MS = 1_000;
const DIAL_TIMEOUT_MS = 8_000;

interface Target extends PeerAddress {
  pauseMs: number;
}

export class Dialer {
  readonly #host: Host;
  readonly #logger: Logger;
  readonly #targets: readonly Target[];
  readonly #timers = new Set<NodeJS.Timeout>();
  #stopped = false;

  constructor(host: Host, addresses: readonly string[], logger: Logger) {
    this.#host = host;
    this.#logger = logger;
    this.#targets = addresses
      .map((text) => ({ ...parsePeerAddress(text), pauseMs: FIRST_PAUSE_MS }))
      .filter((target) => target.peerId !== host.peerId.toString());
  }

  start(): void {
    for (const target of this.#targets) void this.#keep(target);
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
  }

  async #keep(target: Target): Promise<void> {
    if (this.#stopped) return;
    if (this.#isConnected(target)) {
      target.pauseMs = FIRST_PAUSE_MS;
      this.#again(target, WATCH_MS);
      return;
    }
    try {
      await this.#host.dial(target.address, { signal: AbortSignal.timeout(DIAL_TIMEOUT_MS) });
      target.pauseMs = FIRST_PAUSE_MS;
    } catch (error) {
      this.#logger.debug('cannot reach peer', { peer: target.peerId, error: String(error) });
      target.pauseMs = Math.min(LAST_PAUSE_MS, target.pauseMs * 2);
    }
    this.#again(target, target.pauseMs * (0.5 + Math.random() / 2));
  }

  #again(target: Target, afterMs: number): void {
    if (this.#stopped) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void this.#keep(target);
    }, afterMs);
    this.#timers.add(timer);
  }

  #isConnected(target: Target): boolean {
    return this.#host.getConnections(peerIdFromString(target.peerId)).length > 0;
  }
}

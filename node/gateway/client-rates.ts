/** How many requests each address may make: a bucket for each, and none for as many as it likes. */
import { clientOf } from '../base/client-address.ts';
import { isLoopback } from '../base/http-access.ts';
import { MAX_RATED_CLIENTS, REQUEST_BURST_SECONDS, REQUESTS_PER_SECOND } from '../base/limits.ts';
import { RateLimit } from '../base/rate-limit.ts';
import { GatewayError, RESOURCE_EXHAUSTED } from './status.ts';

const RETRY_SECONDS = 1;

export class ClientRates {
  readonly #perSecond: number;
  readonly #now: () => number;
  readonly #buckets = new Map<string, RateLimit>();

  /** `chosen` 0: without bounds where only this machine can call, where a proxy counts or nobody must. */
  constructor(listen: string, chosen: number, now: () => number = () => performance.now()) {
    const standard = isLoopback(listen) ? Infinity : REQUESTS_PER_SECOND;
    this.#perSecond = chosen > 0 ? chosen : standard;
    this.#now = now;
  }

  /** Addresses that are counted now. */
  get size(): number {
    return this.#buckets.size;
  }

  /** One more request of this address, before it may wait: what it is told when it asks too often. */
  refusal(address: string | undefined): GatewayError | undefined {
    if (this.#perSecond === Infinity) return undefined;
    if (this.#bucketOf(clientOf(address ?? '')).take(this.#now())) return undefined;
    return new GatewayError(RESOURCE_EXHAUSTED, 'too many requests', RETRY_SECONDS);
  }

  #bucketOf(client: string): RateLimit {
    let bucket = this.#buckets.get(client);
    if (bucket === undefined) {
      const [oldest] = this.#buckets.keys();
      if (this.#buckets.size >= MAX_RATED_CLIENTS) this.#buckets.delete(oldest as string);
      const burst = this.#perSecond * REQUEST_BURST_SECONDS;
      bucket = new RateLimit(this.#perSecond, burst, this.#now());
      this.#buckets.set(client, bucket);
    }
    return bucket;
  }
}

/** The address in what gRPC calls a peer: `1.2.3.4:567` or `[::1]:567`. */
export function addressOfPeer(peer: string): string {
  return peer.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}

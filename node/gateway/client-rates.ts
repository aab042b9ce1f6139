/** How many requests each address may make: a bucket for each, and none for as many as it likes. */
import { isIPv6 } from 'node:net';
import { isLoopback } from '../base/http-access.ts';
import { MAX_RATED_CLIENTS, REQUEST_BURST_SECONDS, REQUESTS_PER_SECOND } from '../base/limits.ts';
import { RateLimit } from '../base/rate-limit.ts';
import { GatewayError, RESOURCE_EXHAUSTED } from './status.ts';

const RETRY_SECONDS = 1;
/** Whoever has one IPv6 address has these many groups of it in common with all of his others. */
const OWN_GROUPS = 4;

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

  /** Throws GatewayError when the address asks too often. */
  take(address: string | undefined): void {
    if (this.#perSecond === Infinity) return;
    if (this.#bucketOf(clientOf(address ?? '')).take(this.#now())) return;
    throw new GatewayError(RESOURCE_EXHAUSTED, 'too many requests', RETRY_SECONDS);
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

/** An address; of IPv6 the network, because its owner has 2^64 addresses in it. */
function clientOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  return isIPv6(plain) ? expanded(plain).slice(0, OWN_GROUPS).join(':') : plain;
}

function expanded(address: string): string[] {
  const [head = '', tail] = address.split('::');
  const [first, last] = [head.split(':'), tail === undefined ? [] : tail.split(':')];
  const missing = 8 - first.length - last.length;
  return [...first, ...Array<string>(Math.max(missing, 0)).fill('0'), ...last];
}

/** The address in what gRPC calls a peer: `1.2.3.4:567` or `[::1]:567`. */
export function addressOfPeer(peer: string): string {
  return peer.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}

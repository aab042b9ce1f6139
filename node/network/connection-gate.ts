/**
 * Decides about inbound connections before anything is spent on them: how many may be open, be new, or not
 * yet have shown who they are, in all and from one IP address. The addresses of configured peers are always
 * let in, so that strangers cannot keep them out.
 */
import {
  BAN_MS,
  MAX_BANS_PER_IP,
  MAX_CONNECTIONS_PER_IP,
  MAX_NEW_CONNECTIONS_PER_IP_BURST,
  MAX_NEW_CONNECTIONS_PER_IP_PER_SECOND,
  MAX_PENDING_CONNECTIONS,
  MAX_PENDING_CONNECTIONS_PER_IP,
  MAX_REMEMBERED_IPS,
} from '../base/limits.ts';
import { RateLimit } from '../base/rate-limit.ts';

export type Refusal = 'too many pending' | 'too many from one address' | 'too fast' | 'banned';

/** One connection that was let in. */
export interface Visit {
  /** It has shown who it is. */
  known(): void;
  left(): void;
}

interface Address {
  open: number;
  pending: number;
  readonly rate: RateLimit;
  /** When the bans of its peers end. */
  bans: number[];
}

export class ConnectionGate {
  readonly #nowMs: () => number;
  readonly #trusted: ReadonlySet<string>;
  readonly #addresses = new Map<string, Address>();
  #pending = 0;

  constructor(nowMs: () => number, trustedIps: Iterable<string> = []) {
    this.#nowMs = nowMs;
    this.#trusted = new Set(trustedIps);
  }

  get pending(): number {
    return this.#pending;
  }

  arrive(ip: string): Visit | Refusal {
    const address = this.#addressOf(ip);
    const refusal = this.#trusted.has(ip) ? undefined : this.#refusal(address);
    if (refusal !== undefined) return refusal;
    this.#pending += 1;
    address.pending += 1;
    address.open += 1;
    return this.#visit(address);
  }

  /** A peer from there was banned: a name costs nothing, so in the end the address counts. */
  blame(ip: string): void {
    const address = this.#addressOf(ip);
    address.bans = [...address.bans, this.#nowMs() + BAN_MS].slice(-MAX_BANS_PER_IP);
  }

  #refusal(address: Address): Refusal | undefined {
    const nowMs = this.#nowMs();
    address.bans = address.bans.filter((untilMs) => untilMs > nowMs);
    if (address.bans.length >= MAX_BANS_PER_IP) return 'banned';
    if (!address.rate.take(nowMs)) return 'too fast';
    if (address.open >= MAX_CONNECTIONS_PER_IP) return 'too many from one address';
    if (address.pending >= MAX_PENDING_CONNECTIONS_PER_IP) return 'too many pending';
    return this.#pending >= MAX_PENDING_CONNECTIONS ? 'too many pending' : undefined;
  }

  #visit(address: Address): Visit {
    let state: 'pending' | 'known' | 'left' = 'pending';
    const settle = (next: 'known' | 'left'): void => {
      if (state === 'left') return;
      if (state === 'pending') {
        this.#pending -= 1;
        address.pending -= 1;
      }
      if (next === 'left') address.open -= 1;
      state = next;
    };
    return { known: () => settle('known'), left: () => settle('left') };
  }

  #addressOf(ip: string): Address {
    const known = this.#addresses.get(ip);
    if (known !== undefined) return known;
    if (this.#addresses.size >= MAX_REMEMBERED_IPS) this.#forgetOne();
    const rate = new RateLimit(
      MAX_NEW_CONNECTIONS_PER_IP_PER_SECOND,
      MAX_NEW_CONNECTIONS_PER_IP_BURST,
      this.#nowMs(),
    );
    const address = { open: 0, pending: 0, rate, bans: [] };
    this.#addresses.set(ip, address);
    return address;
  }

  /** Those without a connection and without a ban first. */
  #forgetOne(): void {
    const idle = [...this.#addresses].filter(([, { open }]) => open === 0);
    const blameless = idle.find(([, { bans }]) => bans.length === 0) ?? idle[0];
    if (blameless !== undefined) this.#addresses.delete(blameless[0]);
  }
}

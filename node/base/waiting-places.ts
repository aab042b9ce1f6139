/**
 * Where requests wait for their share of the thread: a connection has so many places and no more, and where others
 * than this machine can call an address, too. So whoever sends thousands at once waits behind himself, and others
 * still find a place among MAX_WAITING_REQUESTS.
 */
import type { Socket } from 'node:net';
import { clientOf } from './client-address.ts';
import { isLoopback } from './http-access.ts';
import { MAX_WAITING_OF_ADDRESS, MAX_WAITING_OF_CONNECTION } from './limits.ts';
import type { LoopShare } from './loop-share.ts';

export type Caller = Pick<Socket, 'remoteAddress'>;

interface Refusals {
  /** This caller has as many waiting as it may. */
  readonly ofCaller: () => void;
  /** Nobody finds a place. */
  readonly ofAll: () => void;
}

export class WaitingPlaces {
  readonly #share: LoopShare;
  readonly #countsAddresses: boolean;
  readonly #ofConnection = new WeakMap<Caller, number>();
  readonly #ofAddress = new Map<string, number>();

  /** On loopback all clients, and whatever a proxy passes on, have one address: it is not counted there. */
  constructor(share: LoopShare, listen: string) {
    this.#share = share;
    this.#countsAddresses = !isLoopback(listen);
  }

  /** Addresses of which something waits. */
  get addresses(): number {
    return this.#ofAddress.size;
  }

  /** Now if there is time left, else in a later turn; refused instead when there is no place. */
  run(caller: Caller, work: () => void, refuse: Refusals): void {
    if (!this.#share.isSpent) {
      this.#share.spend(work);
      return;
    }
    const address = this.#countsAddresses ? clientOf(caller.remoteAddress ?? '') : undefined;
    if (!this.#hasPlace(caller, address)) {
      refuse.ofCaller();
      return;
    }
    this.#count(caller, address, 1);
    const leave = (then: () => void) => (): void => {
      this.#count(caller, address, -1);
      then();
    };
    this.#share.run(leave(work), leave(refuse.ofAll));
  }

  #hasPlace(caller: Caller, address: string | undefined): boolean {
    if ((this.#ofConnection.get(caller) ?? 0) >= MAX_WAITING_OF_CONNECTION) return false;
    return address === undefined || (this.#ofAddress.get(address) ?? 0) < MAX_WAITING_OF_ADDRESS;
  }

  #count(caller: Caller, address: string | undefined, change: 1 | -1): void {
    this.#ofConnection.set(caller, (this.#ofConnection.get(caller) ?? 0) + change);
    if (address === undefined) return;
    const waiting = (this.#ofAddress.get(address) ?? 0) + change;
    if (waiting > 0) this.#ofAddress.set(address, waiting);
    else this.#ofAddress.delete(address);
  }
}

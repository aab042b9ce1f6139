/**
 * A simulated computer: it can be switched off at any moment, be stopped for a while, and has a clock of its
 * own that may be wrong. The code of a node runs on it unchanged, because files, timers and clocks are those
 * of the host whose turn it is (see hooks.ts).
 */
import { assert } from '../../../node/base/errors.ts';
import type { EventQueue } from '../event-queue.ts';
import type { Random } from '../random.ts';
import { Disk } from './disk.ts';

/** A timer that was set; what `setTimeout` gives back. */
export interface HostTimer {
  cancelled: boolean;
  unref(): HostTimer;
  ref(): HostTimer;
}

/** The moment at which every simulation begins, milliseconds since the epoch. */
export const START_MS = 1_700_000_000_000;

let current: Host | undefined;

function takeTurn(host: Host): void {
  current = host;
}

/** The host whose code is running. */
export function currentHost(): Host | undefined {
  return current;
}

/** No host's turn: what runs now is the world. */
export function leaveHost(): void {
  current = undefined;
}

export class Host {
  readonly name: string;
  readonly disk: Disk;
  readonly queue: EventQueue;
  /** Wall clock minus true time, milliseconds. */
  skewMs = 0;
  isOn = false;
  /** Grows whenever the host is switched on or off: what was under way before means nothing any more. */
  life = 0;
  /** Called when it loses power by itself, at a disk operation. */
  onPowerLoss: () => void = () => undefined;
  #stopped: (() => void)[] | undefined;

  constructor(name: string, queue: EventQueue, random: Random) {
    this.name = name;
    this.queue = queue;
    this.disk = new Disk(random);
  }

  /** Wall clock, milliseconds; may go back when it is set. */
  now(): number {
    return Math.floor(START_MS + this.queue.now + this.skewMs);
  }

  switchOn(): void {
    this.isOn = true;
    this.life += 1;
    this.#stopped = undefined;
  }

  /** Power is gone: what was not synced may be lost. */
  switchOff(): void {
    if (!this.isOn) return;
    this.isOn = false;
    this.life += 1;
    this.#stopped = undefined;
    this.disk.losePower();
  }

  /** The program ends; what it wrote is still seen. */
  end(): void {
    if (!this.isOn) return;
    this.isOn = false;
    this.life += 1;
    this.#stopped = undefined;
  }

  losePower(): void {
    this.switchOff();
    this.onPowerLoss();
  }

  /** Lets the host's code run, now. */
  enter(run: () => void): void {
    if (!this.isOn) return;
    if (this.#stopped) {
      this.#stopped.push(run);
      return;
    }
    assert(current === undefined || current === this, 'one host has the turn at a time');
    takeTurn(this);
    run();
  }

  /** Like SIGSTOP: everything waits until `resume`. */
  stop(): void {
    if (this.isOn) this.#stopped ??= [];
  }

  get isStopped(): boolean {
    return this.#stopped !== undefined;
  }

  resume(): void {
    const waiting = this.#stopped ?? [];
    this.#stopped = undefined;
    const { life } = this;
    for (const run of waiting) this.queue.after(0, () => this.life === life && this.enter(run));
  }

  setTimer(run: () => void, delayMs: number, everyMs?: number): HostTimer {
    const timer: HostTimer = { cancelled: false, unref: () => timer, ref: () => timer };
    const { life } = this;
    const fire = () => {
      if (timer.cancelled || this.life !== life) return;
      this.enter(() => {
        if (timer.cancelled) return;
        if (everyMs !== undefined) this.queue.after(everyMs, fire);
        run();
      });
    };
    this.queue.after(delayMs, fire);
    return timer;
  }
}

/** The snapshots that peers offer: bounded, ranked, and struck off when they turn out to be no state. Pure. */
import { toHex } from '../base/bytes.ts';
import { MAX_KNOWN_SNAPSHOTS } from '../base/limits.ts';
import type { Snapshot } from '../app/abci.ts';

export interface Offer {
  readonly snapshot: Snapshot;
  /** Who has it. */
  readonly peers: ReadonlySet<string>;
}

function nameOf({ height, format, hash }: Snapshot): string {
  return `${height}/${format}/${toHex(hash)}`;
}

export class SnapshotOffers {
  readonly #offers = new Map<string, { snapshot: Snapshot; peers: Set<string> }>();
  readonly #rejected = new Set<string>();
  readonly #badFormats = new Set<number>();

  add(peerId: string, snapshot: Snapshot): void {
    const name = nameOf(snapshot);
    if (this.#rejected.has(name) || this.#badFormats.has(snapshot.format)) return;
    const known = this.#offers.get(name);
    if (known !== undefined) known.peers.add(peerId);
    else this.#offers.set(name, { snapshot, peers: new Set([peerId]) });
    if (this.#offers.size > MAX_KNOWN_SNAPSHOTS) {
      const last = this.ranked().at(-1);
      if (last !== undefined) this.#offers.delete(nameOf(last.snapshot));
    }
  }

  /** Best first: the newest, then what most peers have. */
  ranked(): Offer[] {
    return [...this.#offers.values()].sort((a, b) => {
      return b.snapshot.height - a.snapshot.height || b.peers.size - a.peers.size;
    });
  }

  /** It is no state of this chain: never again. */
  reject({ snapshot }: Offer): void {
    const name = nameOf(snapshot);
    this.#offers.delete(name);
    this.#rejected.add(name);
    if (this.#rejected.size <= MAX_KNOWN_SNAPSHOTS) return;
    const oldest = this.#rejected.keys().next();
    if (!oldest.done) this.#rejected.delete(oldest.value);
  }

  /** Nothing in this format can be read here. */
  rejectFormat(format: number): void {
    if (this.#badFormats.size >= MAX_KNOWN_SNAPSHOTS) this.#badFormats.clear();
    this.#badFormats.add(format);
    for (const [name, { snapshot }] of this.#offers) {
      if (snapshot.format === format) this.#offers.delete(name);
    }
  }

  /** What was offered before counts no more; who still has it says so again. */
  clear(): void {
    this.#offers.clear();
  }
}

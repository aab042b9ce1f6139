/**
 * Where peers can be found, kept over restarts. Bounded in all, by who told it and by part of the internet,
 * so that nobody can fill it with addresses of one owner; one that was connected is never pushed out by
 * hearsay.
 */
import { readFile, rename, writeFile } from 'node:fs/promises';
import {
  MAX_ADDRESS_FAILURES,
  MAX_BOOK_ADDRESSES,
  MAX_BOOK_ADDRESSES_PER_GROUP,
  MAX_BOOK_ADDRESSES_PER_SOURCE,
} from '../base/limits.ts';
import { groupOf, parsePeerAddress, type PeerAddress } from './peer-address.ts';

interface Entry {
  readonly address: string;
  readonly peerId: string;
  readonly group: string;
  /** Peer id of who told it. */
  readonly source: string;
  /** It has been connected under this address. */
  isProven: boolean;
  failures: number;
  nextTryMs: number;
}

export interface BookFile {
  readonly version: 1;
  readonly addresses: readonly {
    readonly address: string;
    readonly source: string;
    readonly proven: boolean;
  }[];
}

const FIRST_PAUSE_MS = 5_000;
const LAST_PAUSE_MS = 3_600_000;

export class AddressBook {
  readonly #random: () => number;
  readonly #entries = new Map<string, Entry>();
  #isChanged = false;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  get size(): number {
    return this.#entries.size;
  }

  get isChanged(): boolean {
    return this.#isChanged;
  }

  /** False when it is known already or there is no room for it. */
  add(peer: PeerAddress, source: string): boolean {
    const known = this.#entries.get(peer.peerId);
    const address = peer.address.toString();
    if (known?.address === address) return false;
    // What a peer says of itself counts more than what others say, a connection more than hearsay.
    const isOwn = source === peer.peerId;
    if (known !== undefined && (known.isProven || known.source === peer.peerId) && !isOwn) {
      return false;
    }
    const group = groupOf(peer.ip);
    if (known === undefined && !this.#makeRoom(group, source)) return false;
    const { peerId } = peer;
    const entry = { address, peerId, group, source, isProven: false, failures: 0, nextTryMs: 0 };
    this.#entries.set(peerId, entry);
    this.#isChanged = true;
    return true;
  }

  #makeRoom(group: string, source: string): boolean {
    const all = [...this.#entries.values()];
    const inGroup = all.filter((entry) => entry.group === group);
    const ofSource = all.filter((entry) => entry.source === source);
    if (ofSource.length >= MAX_BOOK_ADDRESSES_PER_SOURCE) return this.#dropOne(ofSource);
    if (inGroup.length >= MAX_BOOK_ADDRESSES_PER_GROUP) return this.#dropOne(inGroup);
    return all.length < MAX_BOOK_ADDRESSES || this.#dropOne(all);
  }

  /** The one that failed most, never one that has been connected; false when there is none. */
  #dropOne(entries: readonly Entry[]): boolean {
    const unproven = entries.filter(({ isProven, failures }) => !isProven && failures > 0);
    const worst = unproven.toSorted((a, b) => b.failures - a.failures)[0];
    if (worst === undefined) return false;
    return this.#entries.delete(worst.peerId);
  }

  remove(peerId: string): void {
    if (this.#entries.delete(peerId)) this.#isChanged = true;
  }

  connected(peerId: string): void {
    const entry = this.#entries.get(peerId);
    if (entry === undefined) return;
    this.#isChanged ||= !entry.isProven;
    Object.assign(entry, { isProven: true, failures: 0, nextTryMs: 0 });
  }

  /** It is tried again after a growing pause, and forgotten in the end. */
  failed(peerId: string, nowMs: number): void {
    const entry = this.#entries.get(peerId);
    if (entry === undefined) return;
    entry.failures += 1;
    entry.nextTryMs = nowMs + Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** entry.failures);
    if (entry.failures >= MAX_ADDRESS_FAILURES) this.remove(peerId);
  }

  /** Up to `count` addresses worth trying now, at random. */
  candidates(count: number, nowMs: number, isWanted: (peerId: string) => boolean): string[] {
    const due = [...this.#entries.values()].filter(({ peerId, nextTryMs }) => {
      return nextTryMs <= nowMs && isWanted(peerId);
    });
    return this.#some(due, count);
  }

  /** Up to `count` addresses that have been connected, at random. */
  sample(count: number, isWanted: (peerId: string) => boolean): string[] {
    const proven = [...this.#entries.values()].filter(({ peerId, isProven }) => {
      return isProven && isWanted(peerId);
    });
    return this.#some(proven, count);
  }

  #some(entries: readonly Entry[], count: number): string[] {
    const drawn = entries.map((entry) => ({ entry, order: this.#random() }));
    drawn.sort((a, b) => a.order - b.order);
    return drawn.slice(0, count).map(({ entry }) => entry.address);
  }

  /** Reads what `save` wrote; a file that is missing or damaged is an empty book. */
  async load(path: string): Promise<void> {
    let file: BookFile;
    try {
      file = JSON.parse(await readFile(path, 'utf8')) as BookFile;
      if (file.version !== 1 || !Array.isArray(file.addresses)) return;
    } catch {
      return;
    }
    for (const { address, source, proven } of file.addresses.slice(0, MAX_BOOK_ADDRESSES)) {
      try {
        const peer = parsePeerAddress(address);
        if (this.add(peer, String(source)) && proven) this.connected(peer.peerId);
      } catch {
        // One line that cannot be read does not spoil the rest.
      }
    }
    this.#isChanged = false;
  }

  async save(path: string): Promise<void> {
    this.#isChanged = false;
    const addresses = [...this.#entries.values()].map(({ address, source, isProven }) => {
      return { address, source, proven: isProven };
    });
    const file: BookFile = { version: 1, addresses };
    await writeFile(`${path}.new`, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 });
    await rename(`${path}.new`, path);
  }
}

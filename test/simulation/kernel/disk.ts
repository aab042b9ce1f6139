/**
 * A simulated disk. What was written is seen at once and survives a loss of power only when it was synced;
 * of what was not, anything may be left: nothing, a part, a part and zeros, all. Names (created, renamed,
 * removed) survive when their directory was synced.
 */
import { concat, EMPTY, type Bytes } from '../../../node/base/bytes.ts';
import type { Random } from '../random.ts';
import { Room } from './room.ts';

interface Inode {
  content: Bytes;
  durable: Bytes;
  /** What the content is appended to in. */
  readonly room: Room;
  /** Only appended to since the last sync. */
  appended: boolean;
}

type NameChange = { readonly set: string; readonly inode: Inode } | { readonly remove: string };

/** What happens at a disk operation. full and fail are errors that the caller sees. */
export type Fate = 'works' | 'slow' | 'dies before' | 'dies after' | 'full' | 'fails';
export type DiskOperation = 'write' | 'sync' | 'name' | 'batch';

/** What a database keeps of itself on this disk. */
export interface Durable {
  losePower(random: Random): void;
}

export class Disk {
  readonly #random: Random;
  #names = new Map<string, Inode>();
  #durableNames = new Map<string, Inode>();
  #changes: NameChange[] = [];
  readonly databases: Durable[] = [];
  /** How long it takes until bytes are safe. */
  syncMs = 1;
  /** How often the loss of power took something that was not synced. */
  lost = 0;
  /** Decides each operation that changes something. */
  fateOf: (operation: DiskOperation) => Fate = () => 'works';

  constructor(random: Random) {
    this.#random = random;
  }

  read(path: string): Bytes | undefined {
    return this.#names.get(path)?.content;
  }

  /** What would be there after a loss of power now, of what was synced. */
  durable(path: string): Bytes | undefined {
    return this.#durableNames.get(path)?.durable;
  }

  list(directory: string): string[] {
    const prefix = `${directory}/`;
    return [...this.#names.keys()]
      .filter((path) => path.startsWith(prefix) && !path.slice(prefix.length).includes('/'))
      .map((path) => path.slice(prefix.length))
      .sort();
  }

  /** A file that has been there from the start. */
  install(path: string, content: Bytes): void {
    this.create(path);
    this.replace(path, content);
    this.sync(path);
    this.syncNames();
  }

  /** Creates the file when it is not there. */
  create(path: string): void {
    if (this.#names.has(path)) return;
    this.#set(path, { content: EMPTY, durable: EMPTY, room: new Room(), appended: true });
  }

  append(path: string, bytes: Bytes): void {
    const inode = this.#names.get(path)!;
    inode.content = inode.room.append(inode.content, bytes);
  }

  replace(path: string, content: Bytes): void {
    const inode = this.#names.get(path)!;
    inode.content = content.slice();
    inode.appended = false;
  }

  sync(path: string): void {
    const inode = this.#names.get(path);
    if (!inode) return;
    inode.durable = inode.content;
    inode.appended = true;
  }

  rename(from: string, to: string): void {
    const inode = this.#names.get(from)!;
    this.#set(to, inode);
    this.remove(from);
  }

  remove(path: string): void {
    this.#names.delete(path);
    this.#changes.push({ remove: path });
  }

  syncNames(): void {
    for (const change of this.#changes) this.#make(change);
    this.#changes = [];
  }

  /** A sync that failed: nobody knows what it left behind. */
  failSync(path: string): void {
    const inode = this.#names.get(path);
    if (inode && this.#random.chance(0.5)) inode.durable = this.#leftOf(inode);
  }

  /** Removes everything under a path for good, or only what ends so. */
  wipe(prefix: string): void {
    for (const path of [...this.#names.keys()]) {
      if (!path.startsWith(prefix)) continue;
      this.#names.delete(path);
      this.#durableNames.delete(path);
    }
  }

  /** Cuts synced bytes off: a disk that lied, or a careless operator. */
  damage(path: string, keep: (bytes: Bytes) => Bytes): void {
    const inode = this.#names.get(path);
    if (!inode) return;
    inode.content = keep(inode.content);
    inode.durable = inode.content;
  }

  losePower(): void {
    const kept = this.#random.below(this.#changes.length + 1);
    for (const change of this.#changes.slice(0, kept)) this.#make(change);
    this.#changes = [];
    this.#names = new Map(this.#durableNames);
    for (const inode of this.#names.values()) {
      inode.content = this.#leftOf(inode);
      inode.durable = inode.content;
      inode.appended = true;
    }
    for (const database of this.databases) database.losePower(this.#random);
  }

  #leftOf({ content, durable, appended }: Inode): Bytes {
    const random = this.#random;
    if (content === durable) return durable;
    if (!appended) return random.chance(0.5) ? content : durable;
    this.lost += 1;
    const extra = content.length - durable.length;
    const kept = content.slice(0, durable.length + random.below(extra + 1));
    if (random.chance(0.5)) return kept;
    // The length was already written, the bytes were not.
    return concat(kept, new Uint8Array(content.length - kept.length));
  }

  #set(path: string, inode: Inode): void {
    this.#names.set(path, inode);
    this.#changes.push({ set: path, inode });
  }

  #make(change: NameChange): void {
    if ('set' in change) this.#durableNames.set(change.set, change.inode);
    else this.#durableNames.delete(change.remove);
  }
}

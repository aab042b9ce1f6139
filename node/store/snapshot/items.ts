/**
 * The items a snapshot is a row of. First the head; then, for each store of the app hash by name, its tree in
 * post-order (a leaf, or an inner node behind its two subtrees); then, for each plain store by name, the pairs
 * that snapshots carry; then the end. Numbers are unsigned varints, texts and bytes have their length in front.
 * What follows from other items (keys, heights, sizes and hashes of inner nodes) is not written.
 */
import { EMPTY, fromUtf8, utf8, type Bytes } from '../../base/bytes.ts';
import {
  MAX_CHAIN_ID_CHARS,
  MAX_STORE_KEY_BYTES,
  MAX_STORE_NAME_BYTES,
  MAX_STORE_VALUE_BYTES,
} from '../../base/limits.ts';
import { writeUvarint } from '../iavl/node.ts';
import { BadSnapshot } from './bad-snapshot.ts';

export type Item =
  | { readonly kind: 'head'; readonly height: number; readonly chainId: string }
  | { readonly kind: 'tree'; readonly name: string }
  | { readonly kind: 'leaf'; readonly version: number; readonly key: Bytes; readonly value: Bytes }
  | { readonly kind: 'inner'; readonly version: number }
  | { readonly kind: 'plain'; readonly name: string }
  | { readonly kind: 'pair'; readonly key: Bytes; readonly value: Bytes }
  | { readonly kind: 'end' };

const KINDS = ['head', 'tree', 'leaf', 'inner', 'plain', 'pair', 'end'] as const;
/** Longest item that holds no value: tag, numbers and a key or a name. */
const MAX_SMALL_ITEM_BYTES = MAX_STORE_KEY_BYTES + 64;
const MAX_CHAIN_ID_BYTES = 4 * MAX_CHAIN_ID_CHARS;

/** Gathers items into pieces of about `size` bytes. */
export class ItemWriter {
  readonly #size: number;
  #piece: Bytes;
  #at = 0;

  constructor(size: number) {
    this.#size = size;
    this.#piece = new Uint8Array(size + MAX_SMALL_ITEM_BYTES);
  }

  /** The piece that is complete now, if one is. */
  write(item: Item): Bytes | undefined {
    const value = 'value' in item ? item.value : EMPTY;
    const full = this.#makeRoom(MAX_SMALL_ITEM_BYTES + value.length);
    this.#piece[this.#at++] = KINDS.indexOf(item.kind);
    if (item.kind === 'head') {
      this.#number(item.height);
      this.#bytes(utf8(item.chainId));
    } else if (item.kind === 'tree' || item.kind === 'plain') {
      this.#bytes(utf8(item.name));
    } else if (item.kind === 'inner') {
      this.#number(item.version);
    } else if (item.kind !== 'end') {
      if (item.kind === 'leaf') this.#number(item.version);
      this.#bytes(item.key);
      this.#bytes(item.value);
    }
    return full;
  }

  /** What has not been handed out yet. */
  rest(): Bytes {
    return this.#piece.subarray(0, this.#at);
  }

  #makeRoom(bytes: number): Bytes | undefined {
    if (this.#at + bytes <= this.#piece.length) return undefined;
    const full = this.#at > 0 ? this.#piece.subarray(0, this.#at) : undefined;
    this.#piece = new Uint8Array(Math.max(this.#size + MAX_SMALL_ITEM_BYTES, bytes));
    this.#at = 0;
    return full;
  }

  #number(value: number): void {
    this.#at = writeUvarint(this.#piece, this.#at, value);
  }

  #bytes(bytes: Bytes): void {
    this.#number(bytes.length);
    this.#piece.set(bytes, this.#at);
    this.#at += bytes.length;
  }
}

/** The bytes end in the middle of an item. */
const CUT = Symbol('cut');

/** Reads items from bytes that come in parts. */
export class ItemReader {
  #bytes: Bytes = EMPTY;
  #at = 0;

  push(bytes: Bytes): void {
    const left = this.#bytes.subarray(this.#at);
    const joined = new Uint8Array(left.length + bytes.length);
    joined.set(left);
    joined.set(bytes, left.length);
    this.#bytes = joined;
    this.#at = 0;
  }

  /** Are there bytes that belong to no whole item? */
  get isEmpty(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** Undefined when more bytes are needed. Throws BadSnapshot. */
  next(): Item | undefined {
    const start = this.#at;
    if (this.isEmpty) return undefined;
    try {
      return this.#item();
    } catch (error) {
      if (error !== CUT) throw error;
      this.#at = start;
      return undefined;
    }
  }

  #item(): Item {
    const kind = KINDS[this.#byte()];
    switch (kind) {
      case 'head':
        return { kind, height: this.#number(), chainId: this.#text(MAX_CHAIN_ID_BYTES) };
      case 'tree':
      case 'plain':
        return { kind, name: this.#text(MAX_STORE_NAME_BYTES) };
      case 'inner':
        return { kind, version: this.#number() };
      case 'leaf':
        return { kind, version: this.#number(), ...this.#pair() };
      case 'pair':
        return { kind, ...this.#pair() };
      case 'end':
        return { kind };
      default:
        throw new BadSnapshot('an unknown kind of item');
    }
  }

  #pair(): { readonly key: Bytes; readonly value: Bytes } {
    return { key: this.#take(MAX_STORE_KEY_BYTES), value: this.#take(MAX_STORE_VALUE_BYTES) };
  }

  #text(max: number): string {
    const bytes = this.#take(max);
    try {
      return fromUtf8(bytes);
    } catch {
      throw new BadSnapshot('a name is not UTF-8');
    }
  }

  /** Neither keys nor values nor names are ever empty. */
  #take(max: number): Bytes {
    const length = this.#number();
    if (length === 0 || length > max)
      throw new BadSnapshot(`${length} bytes where 1 to ${max} fit`);
    const end = this.#at + length;
    if (end > this.#bytes.length) throw CUT;
    const taken = this.#bytes.slice(this.#at, end);
    this.#at = end;
    return taken;
  }

  #number(): number {
    let [value, factor] = [0, 1];
    for (;;) {
      const byte = this.#byte();
      value += (byte & 0x7f) * factor;
      if (value > Number.MAX_SAFE_INTEGER) throw new BadSnapshot('a number is too large');
      if (byte === 0 && factor > 1) throw new BadSnapshot('a number is longer than it needs');
      if (byte < 0x80) break;
      factor *= 0x80;
      if (factor > Number.MAX_SAFE_INTEGER) throw new BadSnapshot('a number is too long');
    }
    return value;
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw CUT;
    this.#at += 1;
    return byte;
  }
}

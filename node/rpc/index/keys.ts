/**
 * The keys of the index. One letter names the table; numbers are big-endian, so that records of one event
 * value stand in the order of the chain.
 *
 *   i                                -> last indexed height
 *   t hash                           -> height, position in the block
 *   n height                         -> txs up to and including this block, txs in it
 *   x len tag len value height       -> places in this block (event attributes of txs)
 *   y len tag len value height       -> places in this block (event attributes of blocks)
 *
 * A place is a position in the block (0 for events of the block itself) and the number of an event there. Before the
 * places of one value shared a record, the last height was at h, and each place was a key of its own.
 */
import { concat, type Bytes } from '../../base/bytes.ts';
import { MAX_INDEXED_VALUE_BYTES } from '../../base/limits.ts';

export const HEIGHT_BYTES = 8;
const U32_BYTES = 4;
export const VALUE_SIZE_BYTES = 2;
export const PLACE_BYTES = 6;

function table(letter: string): Bytes {
  return Uint8Array.of(letter.charCodeAt(0));
}

export const TX = table('t');
const COUNT = table('n');
export const TX_EVENTS = table('x');
export const BLOCK_EVENTS = table('y');
export const TIP_KEY = table('i');
export const FORMER_TIP_KEY = table('h');
/** At most, of the key and value of a transaction. */
export const TX_RECORD_BYTES = 64;
export const WHOLE_INDEX = { start: table('a'), end: table('{') };

export function u64(value: number): Bytes {
  const out = Buffer.alloc(HEIGHT_BYTES);
  out.writeBigUInt64BE(BigInt(value));
  return new Uint8Array(out);
}

export function u32(value: number): Bytes {
  const out = Buffer.alloc(U32_BYTES);
  out.writeUInt32BE(value);
  return new Uint8Array(out);
}

export function readU64(bytes: Bytes, at = 0): number {
  return Number(view(bytes).readBigUInt64BE(at));
}

export function readU32(bytes: Bytes, at: number): number {
  return view(bytes).readUInt32BE(at);
}

function view(bytes: Bytes): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

export function txKey(hash: Bytes): Bytes {
  return concat(TX, hash);
}

export function countKey(height: number): Bytes {
  return concat(COUNT, u64(height));
}

function sized(bytes: Bytes): Bytes {
  const size = Buffer.alloc(VALUE_SIZE_BYTES);
  size.writeUInt16BE(bytes.length);
  return concat(new Uint8Array(size), bytes);
}

const utf8 = (text: string): Bytes => new Uint8Array(Buffer.from(text));

/** Start of all entries of a tag such as "transfer.sender". */
export function tagPrefix(events: Bytes, tag: string): Bytes {
  return concat(events, sized(utf8(tag).subarray(0, MAX_INDEXED_VALUE_BYTES)));
}

/** Start of all entries of a tag with one value; long values count by their first bytes. */
export function valuePrefix(events: Bytes, tag: string, value: string): Bytes {
  return concat(tagPrefix(events, tag), sized(utf8(value).subarray(0, MAX_INDEXED_VALUE_BYTES)));
}

/** An attribute's value as far as the index knows it. */
export function indexedText(value: string): string {
  if (Buffer.byteLength(value) <= MAX_INDEXED_VALUE_BYTES) return value;
  return Buffer.from(value).toString('utf8', 0, MAX_INDEXED_VALUE_BYTES);
}

/** Reads the value out of a key of which `prefix` is the tag prefix. */
export function valueOf(key: Bytes, prefix: Bytes): string {
  const start = prefix.length + VALUE_SIZE_BYTES;
  const size = view(key).readUInt16BE(prefix.length);
  return view(key).toString('utf8', start, start + size);
}

/** The first key behind all keys that start with `prefix`. */
export function prefixEnd(prefix: Bytes): Bytes {
  const end = prefix.slice();
  for (let i = end.length - 1; i >= 0; i--) {
    if (end[i] === 0xff) continue;
    end[i] = (end[i] as number) + 1;
    return end.subarray(0, i + 1);
  }
  return Uint8Array.of(0xff, 0xff);
}

/** The height at the end of a key. */
export function heightOf(key: Bytes): number {
  return readU64(key, key.length - HEIGHT_BYTES);
}

/** No block of MAX_BLOCK_BYTES holds more transactions, each of two bytes at least, nor do they more events. */
const POSITIONS = 2 ** 21;
const EVENTS = 2 ** 27;

/** An event of a transaction of a block as a number of PLACE_BYTES, in the order of the block. */
export function placeInBlock(position: number, event: number): number {
  return position * EVENTS + event;
}

export function splitPlace(place: number): { readonly position: number; readonly event: number } {
  return { position: Math.floor(place / EVENTS), event: place % EVENTS };
}

/** The places in a record, ascending. */
export class Places {
  readonly #record: Buffer;
  readonly length: number;

  constructor(record: Bytes) {
    this.#record = view(record);
    this.length = record.length / PLACE_BYTES;
  }

  at(index: number): number {
    return this.#record.readUIntBE(index * PLACE_BYTES, PLACE_BYTES);
  }

  has(place: number): boolean {
    let [low, high] = [0, this.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.at(middle) < place) low = middle + 1;
      else high = middle;
    }
    return low < this.length && this.at(low) === place;
  }
}

export interface TxPlace {
  readonly height: number;
  readonly position: number;
}

/** A transaction's place in the chain as one exact number, in the order of the chain. */
export function ordinalOf({ height, position }: TxPlace): number {
  return height * POSITIONS + position;
}

export function placeAt(ordinal: number): TxPlace {
  return { height: Math.floor(ordinal / POSITIONS), position: ordinal % POSITIONS };
}

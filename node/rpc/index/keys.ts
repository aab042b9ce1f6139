/**
 * The keys of the index. One letter names the table; numbers are big-endian, so that keys of one event
 * value stand in the order of the chain.
 *
 *   h                                               -> last indexed height
 *   t hash                                          -> height, position in the block
 *   n height                                        -> txs up to and including this block, txs in it
 *   e len tag len value height position event       -> 1   (event attributes of txs)
 *   b len tag len value height 0 event              -> 1   (event attributes of blocks)
 */
import { concat, type Bytes } from '../../base/bytes.ts';
import { MAX_INDEXED_VALUE_BYTES } from '../../base/limits.ts';

export const HEIGHT_BYTES = 8;
const U32_BYTES = 4;
const VALUE_SIZE_BYTES = 2;

function table(letter: string): Bytes {
  return Uint8Array.of(letter.charCodeAt(0));
}

const TX = table('t');
const COUNT = table('n');
export const TX_EVENTS = table('e');
export const BLOCK_EVENTS = table('b');
export const TIP_KEY = table('h');
export const WHOLE_INDEX = { start: table('a'), end: table('{') };
export const PRESENT = Uint8Array.of(1);

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

/** The whole entry of an attribute; `prefix` is that of its tag. */
export function attributeKey(prefix: Bytes, value: string, place: Bytes): Bytes {
  const size = Buffer.byteLength(value);
  if (size > MAX_INDEXED_VALUE_BYTES) {
    return concat(prefix, sized(utf8(value).subarray(0, MAX_INDEXED_VALUE_BYTES)), place);
  }
  const at = prefix.length + VALUE_SIZE_BYTES;
  const out = Buffer.allocUnsafe(at + size + place.length);
  out.set(prefix);
  out.writeUInt16BE(size, prefix.length);
  out.write(value, at);
  out.set(place, at + size);
  return out;
}

/** Reads the value out of an entry of which `prefix` is the tag prefix. */
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

/** Where an attribute stands: the last bytes of an entry. `position` is 0 for blocks. */
export interface Place {
  readonly height: number;
  readonly position: number;
  readonly event: number;
}

const PLACE_BYTES = HEIGHT_BYTES + U32_BYTES + U32_BYTES;

export function placeBytes(place: Place): Bytes {
  return concat(u64(place.height), u32(place.position), u32(place.event));
}

export function placeOf(key: Bytes): Place {
  const at = key.length - PLACE_BYTES;
  return {
    height: readU64(key, at),
    position: readU32(key, at + HEIGHT_BYTES),
    event: readU32(key, at + HEIGHT_BYTES + U32_BYTES),
  };
}

/** No block of MAX_BLOCK_BYTES holds more transactions: each takes two bytes at least. */
const POSITIONS = 2 ** 21;

/** A place without its event as one exact number, in the order of the chain. */
export function ordinalOf({ height, position }: Omit<Place, 'event'>): number {
  return height * POSITIONS + position;
}

export function placeAt(ordinal: number): { readonly height: number; readonly position: number } {
  return { height: Math.floor(ordinal / POSITIONS), position: ordinal % POSITIONS };
}

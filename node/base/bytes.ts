/** Byte strings: comparison, joining and strict text encodings. All functions return fresh arrays. */

export type Bytes = Uint8Array;

export const EMPTY: Bytes = new Uint8Array(0);

export function concat(...parts: readonly Bytes[]): Bytes {
  let length = 0;
  for (const part of parts) length += part.length;
  const out = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}

/** Lexicographic order of bytes, as Go's bytes.Compare. */
export function compare(a: Bytes, b: Bytes): -1 | 0 | 1 {
  return Buffer.compare(a, b);
}

/** Keys, addresses and hashes are compared faster here than by a call out of JavaScript. */
const SHORT_BYTES = 64;

export function equal(a: Bytes, b: Bytes): boolean {
  const { length } = a;
  if (length !== b.length) return false;
  if (length > SHORT_BYTES) return Buffer.compare(a, b) === 0;
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** What Buffer's toString comes down to, without making a Buffer. */
const { hexSlice, base64Slice } = Buffer.prototype as unknown as Record<
  'hexSlice' | 'base64Slice',
  (this: Bytes, start: number, end: number) => string
>;

export function toHex(bytes: Bytes): string {
  return hexSlice.call(bytes, 0, bytes.length);
}

/** Upper-case hexadecimal, the form CometBFT prints hashes and addresses in. */
export function toUpperHex(bytes: Bytes): string {
  return toHex(bytes).toUpperCase();
}

/** Strict: an even number of hexadecimal digits of either case, nothing else. Throws RangeError. */
export function fromHex(text: string): Bytes {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) {
    throw new RangeError('not a hexadecimal string');
  }
  return new Uint8Array(Buffer.from(text, 'hex'));
}

export function toBase64(bytes: Bytes): string {
  return base64Slice.call(bytes, 0, bytes.length);
}

/** Strict standard base64 with padding: the text must be what toBase64 would write. Throws RangeError. */
export function fromBase64(text: string): Bytes {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw new RangeError('not a canonical base64 string');
  return new Uint8Array(bytes);
}

/** What Buffer's toString('latin1') comes down to, without making a Buffer. */
const { latin1Slice } = Buffer.prototype as unknown as {
  latin1Slice(this: Bytes, start: number, end: number): string;
};

/** The bytes from `start` to `end`, each as the character with its number. */
export function latin1Text(bytes: Bytes, start: number, end: number): string {
  return latin1Slice.call(bytes, start, end);
}

const encoder = new TextEncoder();
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Texts up to this length are mostly ASCII and are copied faster here than by a call out of JavaScript. */
const SHORT_TEXT = 64;

export function utf8(text: string): Bytes {
  const { length } = text;
  if (length > SHORT_TEXT) return encoder.encode(text);
  const out = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 127) return encoder.encode(text);
    out[i] = unit;
  }
  return out;
}

/** Throws TypeError when the bytes are not valid UTF-8. */
export function fromUtf8(bytes: Bytes): string {
  return strictDecoder.decode(bytes);
}

/** An unsigned integer below 2^64 as 8 bytes, most significant first. */
export function uint64ToBytes(value: bigint | number): Bytes {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, BigInt(value));
  return out;
}

export function bytesToUint64(bytes: Bytes, offset = 0): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getBigUint64(offset);
}

/** Big-endian unsigned integer of any length. */
export function bytesToBigInt(bytes: Bytes): bigint {
  return bytes.length === 0 ? 0n : BigInt('0x' + toHex(bytes));
}

/** Big-endian, left-padded to `length` bytes. Throws RangeError when negative or too large. */
export function bigIntToBytes(value: bigint, length: number): Bytes {
  if (value < 0n || value >> BigInt(8 * length) !== 0n) {
    throw new RangeError(`integer does not fit ${length} bytes`);
  }
  return fromHex(value.toString(16).padStart(2 * length, '0'));
}

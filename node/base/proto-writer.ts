/**
 * Writes protobuf the canonical way: the caller names fields in ascending order, varints are minimal,
 * zero values are left out unless `always` is given.
 */
import { concat, utf8, type Bytes } from './bytes.ts';
import { assert } from './errors.ts';

export interface FieldOptions {
  /** Write the field even when its value is the default. */
  readonly always?: boolean;
}

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const UINT64_MASK = (1n << 64n) - 1n;
const MAX_VARINT_BYTES = 10;
/** Up to here numbers are exact. */
const SMALL = BigInt(Number.MAX_SAFE_INTEGER);

/** An unsigned integer below 2^64 as a minimal varint. */
export function encodeVarint(value: bigint | number): Bytes {
  const out: number[] = [];
  if (typeof value === 'number' && value < 0x8000_0000) {
    let small = value;
    while (small > 127) {
      out.push((small & 127) | 128);
      small >>>= 7;
    }
    out.push(small);
    return Uint8Array.from(out);
  }
  let rest = BigInt(value);
  while (rest > 127n) {
    out.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  out.push(Number(rest));
  return Uint8Array.from(out);
}

/** A message with its length in front, as CometBFT hashes and signs it. */
export function lengthPrefixed(message: Bytes): Bytes {
  return concat(encodeVarint(message.length), message);
}

/** Most messages fit; a larger one doubles its buffer as often as it must. */
const FIRST_BYTES = 128;
/** Texts up to this length are mostly ASCII and are copied faster here than by a call out of JavaScript. */
const SHORT_TEXT = 64;

const USED_UP: Bytes = new Uint8Array(0);
/** Buffers of finished writers, for the next ones: making one costs more than filling it. */
const spare: Bytes[] = [];
const MAX_SPARE = 16;
const MAX_SPARE_BYTES = 4_096;

export class ProtoWriter {
  #out: Bytes = spare.pop() ?? new Uint8Array(FIRST_BYTES);
  #length = 0;
  #lastField = 0;

  uint64(field: number, value: bigint | number, options?: FieldOptions): this {
    if (typeof value === 'number') {
      assert(value >= 0 && Number.isSafeInteger(value), 'value does not fit uint64');
    } else {
      assert(value >= 0n && value <= UINT64_MASK, 'value does not fit uint64');
    }
    if ((value !== 0 && value !== 0n) || options?.always === true) {
      this.#tag(field, VARINT);
      this.#varint(value);
    }
    return this;
  }

  /** Also int32 and enums: a negative value takes ten bytes. */
  int64(field: number, value: bigint | number, options?: FieldOptions): this {
    if (typeof value === 'number' && value >= 0) return this.uint64(field, value, options);
    const wide = BigInt(value);
    assert(BigInt.asIntN(64, wide) === wide, 'value does not fit int64');
    return this.uint64(field, BigInt.asUintN(64, wide), options);
  }

  sint64(field: number, value: bigint | number, options?: FieldOptions): this {
    const wide = BigInt(value);
    assert(BigInt.asIntN(64, wide) === wide, 'value does not fit sint64');
    return this.uint64(field, BigInt.asUintN(64, (wide << 1n) ^ (wide >> 63n)), options);
  }

  sfixed64(field: number, value: bigint | number, options?: FieldOptions): this {
    const wide = BigInt(value);
    assert(BigInt.asIntN(64, wide) === wide, 'value does not fit sfixed64');
    if (wide !== 0n || options?.always === true) {
      this.#tag(field, FIXED64);
      this.#reserve(8);
      this.#fixed32(Number(BigInt.asUintN(32, wide)));
      this.#fixed32(Number(BigInt.asUintN(32, wide >> 32n)));
    }
    return this;
  }

  bool(field: number, value: boolean, options?: FieldOptions): this {
    return this.uint64(field, value ? 1 : 0, options);
  }

  bytes(field: number, value: Bytes, options?: FieldOptions): this {
    if (value.length > 0 || options?.always === true) {
      this.#tag(field, LENGTH_DELIMITED);
      this.#varint(value.length);
      this.#append(value);
    }
    return this;
  }

  string(field: number, value: string, options?: FieldOptions): this {
    if (value.length > SHORT_TEXT || !this.#ascii(field, value, options)) {
      this.bytes(field, utf8(value), options);
    }
    return this;
  }

  /** An embedded message, already encoded. Left out when undefined, or when empty without `always`. */
  message(field: number, encoded: Bytes | undefined, options?: FieldOptions): this {
    return encoded === undefined ? this : this.bytes(field, encoded, options);
  }

  /** An embedded message that `write` writes in place. Never left out, even when it stays empty. */
  nested(field: number, write: (writer: ProtoWriter) => void): this;
  nested<T>(field: number, write: (writer: ProtoWriter, value: T) => void, value: T): this;
  nested<T>(field: number, write: (writer: ProtoWriter, value: T) => void, value?: T): this {
    this.#tag(field, LENGTH_DELIMITED);
    this.#lastField = 0;
    this.#reserve(1);
    const start = ++this.#length;
    write(this, value as T);
    const length = this.#length - start;
    const prefix = varintLength(length);
    if (prefix > 1) {
      this.#reserve(prefix - 1);
      this.#out.copyWithin(start + prefix - 1, start, this.#length);
    }
    this.#length = start - 1;
    this.#varint(length);
    this.#length += length;
    this.#lastField = field;
    return this;
  }

  /** The message. The writer cannot be used any more. */
  finish(): Bytes {
    const out = this.#out;
    assert(out !== USED_UP, 'a message is finished once');
    const message = out.slice(0, this.#length);
    if (spare.length < MAX_SPARE && out.length <= MAX_SPARE_BYTES) spare.push(out);
    this.#out = USED_UP;
    return message;
  }

  /** False, with nothing written, when there is a character beyond ASCII. */
  #ascii(field: number, value: string, options?: FieldOptions): boolean {
    const { length } = value;
    for (let i = 0; i < length; i++) if (value.charCodeAt(i) > 127) return false;
    if (length === 0 && options?.always !== true) return true;
    this.#tag(field, LENGTH_DELIMITED);
    this.#varint(length);
    this.#reserve(length);
    for (let i = 0; i < length; i++) this.#out[this.#length + i] = value.charCodeAt(i);
    this.#length += length;
    return true;
  }

  #tag(field: number, wireType: number): void {
    assert(field >= this.#lastField && field >= 1, 'fields must be written in ascending order');
    assert(this.#out !== USED_UP, 'a finished message is not written on');
    this.#lastField = field;
    this.#varint(field * 8 + wireType);
  }

  #varint(value: bigint | number): void {
    this.#reserve(MAX_VARINT_BYTES);
    let rest = value;
    if (typeof rest === 'bigint' && rest > SMALL) {
      while (rest > 127n) {
        this.#out[this.#length++] = Number(rest & 127n) | 128;
        rest >>= 7n;
      }
    }
    let small = Number(rest);
    while (small > 127) {
      this.#out[this.#length++] = (small % 128) | 128;
      small = Math.floor(small / 128);
    }
    this.#out[this.#length++] = small;
  }

  /** Least significant byte first. */
  #fixed32(value: number): void {
    for (let shift = 0; shift < 32; shift += 8) this.#out[this.#length++] = (value >>> shift) & 255;
  }

  #append(bytes: Bytes): void {
    this.#reserve(bytes.length);
    this.#out.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #reserve(more: number): void {
    const wanted = this.#length + more;
    if (wanted <= this.#out.length) return;
    const larger = new Uint8Array(Math.max(wanted, 2 * this.#out.length));
    larger.set(this.#out.subarray(0, this.#length));
    this.#out = larger;
  }
}

/** Writes the varint of a safe integer at this place. */
export function putVarint(bytes: Bytes, at: number, value: number): void {
  let [place, rest] = [at, value];
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes[place++] = (rest % 128) | 128;
  bytes[place] = rest;
}

/** Bytes of the varint of a safe integer. */
export function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) length += 1;
  return length;
}

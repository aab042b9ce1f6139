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

export class ProtoWriter {
  readonly #parts: Bytes[] = [];
  #lastField = 0;

  uint64(field: number, value: bigint | number, options?: FieldOptions): this {
    assert(value >= 0 && BigInt(value) <= UINT64_MASK, 'value does not fit uint64');
    if (BigInt(value) !== 0n || options?.always === true) {
      this.#tag(field, VARINT);
      this.#parts.push(encodeVarint(value));
    }
    return this;
  }

  /** Also int32 and enums: a negative value takes ten bytes. */
  int64(field: number, value: bigint | number, options?: FieldOptions): this {
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
      const bytes = new Uint8Array(8);
      new DataView(bytes.buffer).setBigInt64(0, wide, true);
      this.#parts.push(bytes);
    }
    return this;
  }

  bool(field: number, value: boolean, options?: FieldOptions): this {
    return this.uint64(field, value ? 1 : 0, options);
  }

  bytes(field: number, value: Bytes, options?: FieldOptions): this {
    if (value.length > 0 || options?.always === true) {
      this.#tag(field, LENGTH_DELIMITED);
      this.#parts.push(encodeVarint(value.length), value);
    }
    return this;
  }

  string(field: number, value: string, options?: FieldOptions): this {
    return this.bytes(field, utf8(value), options);
  }

  /** An embedded message, already encoded. Left out when undefined, or when empty without `always`. */
  message(field: number, encoded: Bytes | undefined, options?: FieldOptions): this {
    return encoded === undefined ? this : this.bytes(field, encoded, options);
  }

  finish(): Bytes {
    return concat(...this.#parts);
  }

  #tag(field: number, wireType: number): void {
    assert(field >= this.#lastField && field >= 1, 'fields must be written in ascending order');
    this.#lastField = field;
    this.#parts.push(encodeVarint(field * 8 + wireType));
  }
}

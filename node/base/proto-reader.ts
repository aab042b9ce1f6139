/**
 * Reads protobuf strictly. Refused: fields out of order, a second value of a field that is not repeated,
 * varints with needless bytes, groups, unknown fields (unless allowed), bytes beyond the end, strings that
 * are not UTF-8, and more than MAX_PROTO_DEPTH nested messages. So a message has few encodings;
 * `checkCanonical` makes it exactly one.
 *
 *   const reader = new ProtoReader(bytes, { repeated: [2] });
 *   while (reader.next()) {
 *     if (reader.field === 1) height = reader.uint64();
 *     else if (reader.field === 2) parts.push(reader.message(decodePart));
 *     else reader.unknown();
 *   }
 */
import { equal, fromUtf8, type Bytes } from './bytes.ts';
import { BitscaleError } from './errors.ts';
import { MAX_PROTO_DEPTH } from './limits.ts';
import { TX_DECODE } from './sdk-errors.ts';

export interface ReaderOptions {
  /** Fields that may appear more than once. */
  readonly repeated?: readonly number[];
  /** Let `unknown()` skip a field instead of throwing. */
  readonly allowUnknown?: boolean;
}

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;
const MAX_FIELD = 536_870_911;

function refuse(why: string): never {
  throw new BitscaleError(TX_DECODE, why);
}

export class ProtoReader {
  /** Number of the field at hand; 0 before the first. */
  field = 0;
  #wireType = 0;
  #offset = 0;
  readonly #bytes: Bytes;
  readonly #options: ReaderOptions;
  readonly #depth: number;

  /** `depth` of the outermost message is 1. */
  constructor(bytes: Bytes, options: ReaderOptions = {}, depth = 1) {
    if (depth > MAX_PROTO_DEPTH) refuse('messages are nested too deeply');
    this.#bytes = bytes;
    this.#options = options;
    this.#depth = depth;
  }

  /** Goes to the next field; false at the end. The value of the field must then be read exactly once. */
  next(): boolean {
    if (this.#offset === this.#bytes.length) return false;
    const tag = this.#short() ?? this.#longTag();
    const field = tag >>> 3;
    if (field < 1 || field > MAX_FIELD) refuse('field number out of range');
    if (field < this.field) refuse('fields out of order');
    if (field === this.field && this.#options.repeated?.includes(field) !== true) {
      refuse(`field ${field} given twice`);
    }
    this.field = field;
    this.#wireType = tag & 7;
    return true;
  }

  #longTag(): number {
    const tag = this.#varint();
    if (tag > 0xffff_ffffn) refuse('field number too large');
    return Number(tag);
  }

  uint64(): bigint {
    this.#expect(VARINT);
    return this.#varint();
  }

  int64(): bigint {
    return BigInt.asIntN(64, this.uint64());
  }

  sint64(): bigint {
    const raw = this.uint64();
    return (raw >> 1n) ^ -(raw & 1n);
  }

  uint32(): number {
    this.#expect(VARINT);
    const short = this.#short();
    if (short !== undefined) return short;
    const value = this.#varint();
    if (value > 0xffff_ffffn) refuse('value does not fit uint32');
    return Number(value);
  }

  /** Also enums. */
  int32(): number {
    const value = this.int64();
    if (BigInt.asIntN(32, value) !== value) refuse('value does not fit int32');
    return Number(value);
  }

  /** An int64 or uint64 that this program keeps as a number: heights and the like. */
  safeInteger(): number {
    this.#expect(VARINT);
    const short = this.#short();
    if (short !== undefined) return short;
    const value = BigInt.asIntN(64, this.#varint());
    const small = Number(value);
    if (!Number.isSafeInteger(small)) refuse('integer too large');
    return small;
  }

  bool(): boolean {
    this.#expect(VARINT);
    const value = this.#short() ?? this.#varint();
    if (value > 1) refuse('not a boolean');
    return value === 1;
  }

  sfixed64(): bigint {
    this.#expect(FIXED64);
    const at = this.#take(8);
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset + at, 8).getBigInt64(0, true);
  }

  /** A copy, so that nobody can change it through the message it came in. */
  bytes(): Bytes {
    return this.#view().slice();
  }

  string(): string {
    const view = this.#view();
    try {
      return fromUtf8(view);
    } catch {
      return refuse('a string is not UTF-8');
    }
  }

  /** An embedded message, read by `decode` to its end. */
  message<T>(decode: (reader: ProtoReader) => T, options: ReaderOptions = {}): T {
    const nested = new ProtoReader(this.#view(), options, this.#depth + 1);
    const value = decode(nested);
    if (nested.#offset !== nested.#bytes.length) refuse('bytes left over in a message');
    return value;
  }

  /** For fields the caller does not know: skips when allowed, refuses otherwise. */
  unknown(): void {
    if (this.#options.allowUnknown !== true) refuse(`unknown field ${this.field}`);
    if (this.#wireType === VARINT) this.#varint();
    else if (this.#wireType === FIXED64) this.#take(8);
    else if (this.#wireType === LENGTH_DELIMITED) this.#view();
    else if (this.#wireType === FIXED32) this.#take(4);
    else refuse('groups are not supported');
  }

  #expect(wireType: number): void {
    if (this.#wireType !== wireType) refuse(`field ${this.field} has the wrong wire type`);
  }

  #take(length: number): number {
    const at = this.#offset;
    if (length > this.#bytes.length - at) refuse('unexpected end');
    this.#offset = at + length;
    return at;
  }

  #view(): Bytes {
    this.#expect(LENGTH_DELIMITED);
    const at = this.#take(this.#short() ?? this.#longLength());
    return this.#bytes.subarray(at, this.#offset);
  }

  #longLength(): number {
    const length = this.#varint();
    if (length > BigInt(this.#bytes.length)) refuse('unexpected end');
    return Number(length);
  }

  #varint(): bigint {
    const short = this.#short();
    return short === undefined ? this.#longVarint() : BigInt(short);
  }

  /** A varint of at most four bytes, as nearly all are; nothing is read of a longer one. */
  #short(): number | undefined {
    const bytes = this.#bytes;
    const start = this.#offset;
    let value = 0;
    for (let index = 0; index < 4; index++) {
      const byte = bytes[start + index];
      if (byte === undefined) refuse('unexpected end');
      value |= (byte & 127) << (7 * index);
      if (byte >= 128) continue;
      if (byte === 0 && index > 0) refuse('varint is not minimal');
      this.#offset = start + index + 1;
      return value;
    }
    return undefined;
  }

  #longVarint(): bigint {
    let value = 0n;
    for (let index = 0; index < 10; index++) {
      const byte = this.#bytes[this.#take(1)]!;
      value |= BigInt(byte & 127) << BigInt(7 * index);
      if (byte < 128) {
        if (byte === 0) refuse('varint is not minimal');
        if (value >> 64n !== 0n) refuse('varint too large');
        return value;
      }
    }
    return refuse('varint too long');
  }
}

/** Decodes, encodes again and requires the very same bytes: one message, one encoding. */
export function checkCanonical<T>(
  bytes: Bytes,
  decode: (bytes: Bytes) => T,
  encode: (value: T) => Bytes,
): T {
  const value = decode(bytes);
  if (!equal(encode(value), bytes)) refuse('encoding is not canonical');
  return value;
}

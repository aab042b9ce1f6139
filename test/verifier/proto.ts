/** Protobuf as far as blocks need it: read into fields, write field by field. */
export type Bytes = Uint8Array;

export const EMPTY: Bytes = new Uint8Array(0);

export class FormatError extends Error {
  override name = 'FormatError';
}

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;

export function join(parts: readonly Bytes[]): Bytes {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

export function same(a: Bytes, b: Bytes): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}

export function hex(bytes: Bytes): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}

export function unhex(text: string): Bytes {
  if (!/^(?:[0-9a-fA-F]{2})*$/.test(text)) throw new FormatError(`not hexadecimal: ${text}`);
  return new Uint8Array(Buffer.from(text, 'hex'));
}

/** The fields of one message; a field that is given twice has its last value, as protobuf says. */
export class Fields {
  readonly #numbers = new Map<number, bigint>();
  readonly #delimited = new Map<number, Bytes[]>();

  constructor(bytes: Bytes) {
    let at = 0;
    const varint = (): bigint => {
      let value = 0n;
      for (let shift = 0n; shift < 70n; shift += 7n) {
        const byte = bytes[at++];
        if (byte === undefined) throw new FormatError('a number is cut off');
        value |= BigInt(byte & 0x7f) << shift;
        if (byte < 0x80) return BigInt.asUintN(64, value);
      }
      throw new FormatError('a number is too long');
    };
    while (at < bytes.length) {
      const tag = varint();
      const [field, wire] = [Number(tag >> 3n), Number(tag & 7n)];
      if (field === 0 || tag > 0xffff_ffffn) throw new FormatError('no such field');
      if (wire === VARINT) this.#numbers.set(field, varint());
      else if (wire === DELIMITED) {
        const length = Number(varint());
        const end = at + length;
        if (end > bytes.length) throw new FormatError('a field is cut off');
        const list = this.#delimited.get(field) ?? [];
        list.push(bytes.subarray(at, end));
        this.#delimited.set(field, list);
        at = end;
      } else throw new FormatError(`no field has wire type ${wire}`);
    }
  }

  int(field: number): bigint {
    return BigInt.asIntN(64, this.#numbers.get(field) ?? 0n);
  }

  /** A number that fits JavaScript's. */
  small(field: number): number {
    const value = this.int(field);
    if (value < -0x8000_0000n || value > 0xffff_ffffn) throw new FormatError('number too large');
    return Number(value);
  }

  bytes(field: number): Bytes {
    return this.#delimited.get(field)?.at(-1) ?? EMPTY;
  }

  has(field: number): boolean {
    return this.#delimited.has(field);
  }

  text(field: number): string {
    return Buffer.from(this.bytes(field)).toString('utf8');
  }

  all(field: number): readonly Bytes[] {
    return this.#delimited.get(field) ?? [];
  }

  message(field: number): Fields {
    return new Fields(this.bytes(field));
  }
}

export function uvarint(value: bigint | number): Bytes {
  const out: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest >= 0x80n; rest >>= 7n) out.push(Number(rest & 0x7fn) | 0x80);
  out.push(Number(rest));
  return Uint8Array.from(out);
}

/** Left out when zero. */
export function int(field: number, value: bigint | number): Bytes {
  return BigInt(value) === 0n ? EMPTY : join([uvarint((field << 3) | VARINT), uvarint(value)]);
}

/** sfixed64, left out when zero. */
export function fixed(field: number, value: bigint | number): Bytes {
  if (BigInt(value) === 0n) return EMPTY;
  const eight = new Uint8Array(8);
  new DataView(eight.buffer).setBigInt64(0, BigInt(value), true);
  return join([uvarint((field << 3) | FIXED64), eight]);
}

/** Written even when empty: sub-messages that CometBFT never leaves out, items of lists. */
export function message(field: number, ...content: readonly Bytes[]): Bytes {
  const bytes = join(content);
  return join([uvarint((field << 3) | DELIMITED), uvarint(bytes.length), bytes]);
}

/** Left out when empty. */
export function bytes(field: number, value: Bytes | string): Bytes {
  const content = typeof value === 'string' ? new Uint8Array(Buffer.from(value)) : value;
  return content.length === 0 ? EMPTY : message(field, content);
}

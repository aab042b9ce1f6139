/** Unpacks one raw Snappy block, the compression of LevelDB's tables. */
import type { Bytes } from '../../base/bytes.ts';
import { FieldReader } from './varint.ts';

const LITERAL = 0;
const COPY_1 = 1;
const COPY_2 = 2;
/** Literal lengths from here on stand in the following 1 to 4 bytes. */
const LONG_LITERAL = 60;

/** Throws RangeError when the bytes are not a whole block, or unpack to more than `most` bytes. */
export function unpackSnappy(packed: Bytes, most: number): Bytes {
  const reader = new FieldReader(packed);
  const length = reader.varint();
  if (length > most) throw new RangeError('a packed block is too large');
  const out = new Uint8Array(length);
  let at = 0;
  while (!reader.isAtEnd) {
    const tag = reader.take(1)[0]!;
    const kind = tag & 3;
    if (kind === LITERAL) {
      const literal = reader.take(literalLength(reader, tag >> 2));
      if (literal.length > length - at) throw new RangeError('a packed block is too long');
      out.set(literal, at);
      at += literal.length;
    } else at = copy(out, at, copySpec(reader, tag, kind));
  }
  if (at !== length) throw new RangeError('a packed block is too short');
  return out;
}

function literalLength(reader: FieldReader, code: number): number {
  if (code < LONG_LITERAL) return code + 1;
  return littleEndian(reader.take(code - LONG_LITERAL + 1)) + 1;
}

function littleEndian(bytes: Bytes): number {
  return bytes.reduceRight((value, byte) => value * 256 + byte, 0);
}

interface CopySpec {
  readonly length: number;
  readonly distance: number;
}

function copySpec(reader: FieldReader, tag: number, kind: number): CopySpec {
  if (kind === COPY_1) {
    return { length: ((tag >> 2) & 7) + 4, distance: (tag >> 5) * 256 + reader.take(1)[0]! };
  }
  const distance = littleEndian(reader.take(kind === COPY_2 ? 2 : 4));
  return { length: (tag >> 2) + 1, distance };
}

/** Source and target may overlap: then the bytes just written are repeated. */
function copy(out: Bytes, start: number, { length, distance }: CopySpec): number {
  if (distance === 0 || distance > start || length > out.length - start) {
    throw new RangeError('a packed block refers to what is not there');
  }
  for (let at = start; at < start + length; at += 1) out[at] = out[at - distance]!;
  return start + length;
}

/** Bends protobuf messages, and other bytes, in the ways in which encodings can be bent. */
import { concat, type Bytes } from '../../node/base/bytes.ts';
import { encodeVarint } from '../../node/base/proto-writer.ts';
import type { Random } from '../simulation/random.ts';

export type Bend = (bytes: Bytes, random: Random) => Bytes;

interface Field {
  readonly start: number;
  readonly end: number;
  readonly wireType: number;
  /** Where its value begins, behind tag and length. */
  readonly value: number;
}

const VARINT = 0;
const DELIMITED = 2;
const FIXED_BYTES: Readonly<Record<number, number>> = { 1: 8, 5: 4 };
/** Values at which programs count wrongly. */
const EDGES = [0n, 1n, 127n, 128n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n]
  .concat([2n ** 53n - 1n, 2n ** 53n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n])
  .map((value) => encodeVarint(value));
const LONG_VARINTS = [
  Uint8Array.of(...Array<number>(9).fill(0xff), 0x7f),
  Uint8Array.of(...Array<number>(10).fill(0xff), 1),
  Uint8Array.of(...Array<number>(20).fill(0x80), 0),
];
const MAX_DEPTH = 60;
const DEEPEST = 5_000;
const MAX_REPEATS = 200;

function readVarint(bytes: Bytes, from: number): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let at = from, scale = 1; at < bytes.length; at++, scale *= 128) {
    const byte = bytes[at] as number;
    value += (byte & 127) * scale;
    if (byte < 128) return { value, next: at + 1 };
  }
  return { value: -1, next: -1 };
}

/** The fields of a message; empty when these bytes are none. */
function fieldsOf(bytes: Bytes): readonly Field[] {
  const fields: Field[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = readVarint(bytes, at);
    const wireType = tag.value % 8;
    if (tag.next < 0 || tag.value < 8) return [];
    const field = fieldAt(bytes, tag.next, wireType);
    if (field === undefined || field.end > bytes.length) return [];
    fields.push({ start: at, wireType, ...field });
    at = field.end;
  }
  return fields;
}

function fieldAt(
  bytes: Bytes,
  from: number,
  wireType: number,
): { readonly value: number; readonly end: number } | undefined {
  const fixed = FIXED_BYTES[wireType];
  if (fixed !== undefined) return { value: from, end: from + fixed };
  const number = readVarint(bytes, from);
  if (number.next < 0) return undefined;
  if (wireType === VARINT) return { value: from, end: number.next };
  if (wireType !== DELIMITED) return undefined;
  return { value: number.next, end: number.next + number.value };
}

const slice = (bytes: Bytes, { start, end }: Field): Bytes => bytes.slice(start, end);

/** The same message with its fields in another order, or one twice, or one missing. */
const shuffle: Bend = (bytes, random) => {
  const parts = fieldsOf(bytes).map((field) => slice(bytes, field));
  if (parts.length === 0) return bytes;
  const [a, b] = [random.below(parts.length), random.below(parts.length)];
  const [one, other] = [parts[a] as Bytes, parts[b] as Bytes];
  const kind = random.below(3);
  if (kind === 0) parts.splice(b, 0, one);
  else if (kind === 1) parts.splice(a, 1);
  else [parts[a], parts[b]] = [other, one];
  return concat(...parts);
};

/** One field many times. */
const repeat: Bend = (bytes, random) => {
  const fields = fieldsOf(bytes);
  if (fields.length === 0) return bytes;
  const field = random.pick(fields);
  const times = random.below(MAX_REPEATS);
  const part = slice(bytes, field);
  return concat(
    bytes.slice(0, field.end),
    ...Array<Bytes>(times).fill(part),
    bytes.slice(field.end),
  );
};

const unknownField: Bend = (bytes, random) => {
  const number = random.below(3000) + 1;
  const value = random.below(2) === 0 ? Uint8Array.of(0) : Uint8Array.of(random.below(128));
  const field = concat(encodeVarint(number * 8), value);
  return random.below(2) === 0 ? concat(bytes, field) : concat(field, bytes);
};

/** A number or a length with a byte more than it needs. */
const longVarint: Bend = (bytes, random) => {
  const fields = fieldsOf(bytes).filter(({ wireType }) => FIXED_BYTES[wireType] === undefined);
  if (fields.length === 0) return bytes;
  const { wireType, value, end } = random.pick(fields);
  const at = (wireType === VARINT ? end : value) - 1;
  const last = (bytes[at] as number) | 0x80;
  return concat(bytes.slice(0, at), Uint8Array.of(last, 0), bytes.slice(at + 1));
};

/** Another number in the place of a number, or of a length. */
const edgeNumber: Bend = (bytes, random) => {
  const fields = fieldsOf(bytes);
  if (fields.length === 0) return bytes;
  const { start, wireType, value, end } = random.pick(fields);
  const number = random.below(8) === 0 ? random.pick(LONG_VARINTS) : random.pick(EDGES);
  if (wireType === VARINT) return concat(bytes.slice(0, value), number, bytes.slice(end));
  const tag = readVarint(bytes, start);
  return concat(bytes.slice(0, tag.next), number, bytes.slice(value));
};

/** The same field number with another kind of value. */
const otherWireType: Bend = (bytes, random) => {
  const fields = fieldsOf(bytes);
  if (fields.length === 0) return bytes;
  const bent = bytes.slice();
  const { start } = random.pick(fields);
  bent[start] = ((bent[start] as number) & 0xf8) | random.below(8);
  return bent;
};

const badText: Bend = (bytes, random) => {
  const texts = fieldsOf(bytes).filter(({ wireType, value, end }) => {
    return wireType === DELIMITED && end > value;
  });
  if (texts.length === 0) return bytes;
  const bent = bytes.slice();
  const { value, end } = random.pick(texts);
  bent[value + random.below(end - value)] = random.pick([0, 0x80, 0xc0, 0xed, 0xff]);
  return bent;
};

const flip: Bend = (bytes, random) => {
  const bent = bytes.slice();
  for (let times = random.below(4) + 1; times > 0; times--) {
    bent[random.below(bent.length)] = random.below(256);
  }
  return bent;
};

const flipBit: Bend = (bytes, random) => {
  const bent = bytes.slice();
  const at = random.below(bent.length);
  bent[at] = (bent[at] as number) ^ (1 << random.below(8));
  return bent;
};

const cut: Bend = (bytes, random) => bytes.slice(0, random.below(bytes.length));

const insert: Bend = (bytes, random) => {
  const at = random.below(bytes.length + 1);
  return concat(bytes.slice(0, at), noise(random, random.below(9)), bytes.slice(at));
};

/** Something from elsewhere in the same input. */
const splice: Bend = (bytes, random) => {
  const [from, to] = [random.below(bytes.length), random.below(bytes.length)];
  const piece = bytes.slice(from, from + random.below(bytes.length - from) + 1);
  return concat(bytes.slice(0, to), piece, bytes.slice(to + random.below(2) * piece.length));
};

const nest: Bend = (bytes, random) => {
  let nested = bytes;
  const deepest = random.below(500) === 0 ? DEEPEST : MAX_DEPTH;
  for (let depth = random.below(deepest); depth > 0; depth--) {
    nested = concat(Uint8Array.of(0x0a), encodeVarint(nested.length), nested);
    if (nested.length > 4 * DEEPEST) break;
  }
  return nested;
};

export function noise(random: Random, length: number): Bytes {
  return Uint8Array.from({ length }, () => random.below(256));
}

const ANY_BYTES: readonly Bend[] = [flip, flipBit, cut, insert, splice];
const MESSAGES: readonly Bend[] = [
  ...ANY_BYTES,
  shuffle,
  repeat,
  unknownField,
  longVarint,
  edgeNumber,
  otherWireType,
  badText,
  nest,
];

/** Bends this message, or one inside it, and puts right the lengths around it. */
function bendInside(bytes: Bytes, random: Random, depth: number): Bytes {
  if (bytes.length === 0) return unknownField(bytes, random);
  const inner = fieldsOf(bytes).filter(({ wireType }) => wireType === DELIMITED);
  if (inner.length === 0 || depth === 0 || random.below(4) === 0) {
    return random.pick(MESSAGES)(bytes, random);
  }
  const field = random.pick(inner);
  const content = bendInside(bytes.slice(field.value, field.end), random, depth - 1);
  const tag = readVarint(bytes, field.start);
  const head = bytes.slice(0, tag.next);
  return concat(head, encodeVarint(content.length), content, bytes.slice(field.end));
}

export const bendMessage: Bend = (bytes, random) => bendInside(bytes, random, 6);

/** For what is not protobuf. */
export const bendBytes: Bend = (bytes, random) =>
  bytes.length === 0 ? noise(random, random.below(20)) : random.pick(ANY_BYTES)(bytes, random);

/** Bytes that are almost transactions: good ones, bent in the ways that encodings can be bent. */
import { readFileSync } from 'node:fs';
import { concat, fromHex, type Bytes } from '../../node/base/bytes.ts';
import { encodeVarint } from '../../node/base/proto-writer.ts';
import type { Random } from '../simulation/random.ts';

interface Recording {
  readonly chain_id: string;
  readonly genesis: Record<string, unknown>;
  readonly txs: readonly { readonly tx_raw: string }[];
  readonly blocks: readonly Pick<Recording, 'txs'>[];
}

function read(name: string): Recording {
  const file = new URL(`../vectors/tx/${name}`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as Recording;
}

/** The chain on which they were recorded. */
export function recordedChain(): {
  readonly chainId: string;
  readonly state: Record<string, unknown>;
} {
  const { chain_id: chainId, genesis } = read('results.json');
  const { auth, bank } = genesis;
  return { chainId, state: { auth, bank } };
}

/** Recorded transactions, good and bad. */
export function recordedTxs(): readonly Bytes[] {
  const all = [read('signed.json'), ...read('results.json').blocks].flatMap(({ txs }) => txs);
  return all.map(({ tx_raw: hex }) => fromHex(hex)).filter(({ length }) => length > 0);
}

type Bend = (bytes: Bytes, random: Random) => Bytes;

interface Field {
  readonly start: number;
  readonly end: number;
  /** Where the content of a field with a length begins. */
  readonly content: number | undefined;
}

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
    if (tag.next < 0 || ![0, 2].includes(tag.value % 8)) return [];
    const first = readVarint(bytes, tag.next);
    if (first.next < 0) return [];
    const isVarint = tag.value % 8 === 0;
    const end = isVarint ? first.next : first.next + first.value;
    if (end > bytes.length) return [];
    fields.push({ start: at, end, content: isVarint ? undefined : first.next });
    at = end;
  }
  return fields;
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

const unknownField: Bend = (bytes, random) => {
  const number = random.below(3000) + 1;
  const value = random.below(2) === 0 ? Uint8Array.of(0) : Uint8Array.of(random.below(128));
  const field = concat(encodeVarint(number * 8), value);
  return random.below(2) === 0 ? concat(bytes, field) : concat(field, bytes);
};

const longVarint: Bend = (bytes, random) => {
  const fields = fieldsOf(bytes);
  const field = fields[random.below(Math.max(1, fields.length))];
  if (!field) return bytes;
  const at = (field.content ?? field.end) - 1;
  const last = (bytes[at] as number) | 0x80;
  return concat(bytes.slice(0, at), Uint8Array.of(last, 0), bytes.slice(at + 1));
};

const flip: Bend = (bytes, random) => {
  const bent = bytes.slice();
  for (let times = random.below(4) + 1; times > 0; times--) {
    bent[random.below(bent.length)] = random.below(256);
  }
  return bent;
};

const cut: Bend = (bytes, random) => bytes.slice(0, random.below(bytes.length));

const insert: Bend = (bytes, random) => {
  const at = random.below(bytes.length + 1);
  return concat(bytes.slice(0, at), noise(random, random.below(9)), bytes.slice(at));
};

const nest: Bend = (bytes, random) => {
  let nested = bytes;
  for (let depth = random.below(60); depth > 0; depth--) {
    nested = concat(Uint8Array.of(0x0a), encodeVarint(nested.length), nested);
  }
  return nested;
};

export function noise(random: Random, length: number): Bytes {
  return Uint8Array.from({ length }, () => random.below(256));
}

const BENDS: readonly Bend[] = [shuffle, unknownField, longVarint, flip, cut, insert, nest];

/** Bends this message, or one inside it, and puts right the lengths around it. */
function bendInside(bytes: Bytes, random: Random, depth: number): Bytes {
  const inner = fieldsOf(bytes).filter(({ content }) => content !== undefined);
  const field = inner[random.below(Math.max(1, inner.length))];
  if (!field || depth === 0 || random.below(4) === 0) {
    const bend = BENDS[random.below(BENDS.length)] as Bend;
    return bytes.length === 0 ? unknownField(bytes, random) : bend(bytes, random);
  }
  const content = bendInside(bytes.slice(field.content, field.end), random, depth - 1);
  const tag = readVarint(bytes, field.start);
  const head = bytes.slice(0, tag.next);
  return concat(head, encodeVarint(content.length), content, bytes.slice(field.end));
}

export function bentTx(corpus: readonly Bytes[], random: Random): Bytes {
  if (random.below(50) === 0) return noise(random, random.below(400));
  const tx = corpus[random.below(corpus.length)] as Bytes;
  if (random.below(100) === 0) return tx;
  return bendInside(tx, random, 6);
}

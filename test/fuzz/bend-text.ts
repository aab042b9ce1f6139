/** Bends texts: JSON, queries, paths. */
import { fromUtf8, utf8, type Bytes } from '../../node/base/bytes.ts';
import type { Random } from '../simulation/random.ts';
import { bendBytes, type Bend } from './bend-proto.ts';

type TextBend = (text: string, random: Random) => string;

/** Values that readers of JSON take for something else. */
const VALUES = ['null', 'true', 'false', '0', '-0', '-1', '1.5', '1e400', '1e3', '""', '" "', '[]']
  .concat(['{}', '[[]]', '"0x1"', '"01"', '"1.0"', '"\\u0000"', '"\\ud800"', '"__proto__"'])
  .concat(['9007199254740993', '"18446744073709551616"', `"${2n ** 256n}"`, '"-1"', '"+1"'])
  .concat([`"${'a'.repeat(600)}"`, '{"__proto__":{"a":1}}', '{"constructor":1}', '{"toString":0}']);
const NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'length', '', 'a.b', '0'];
const MAX_DEPTH = 100;
const DEEPEST = 100_000;

interface Place {
  readonly holder: Record<string, unknown>;
  readonly key: string;
}

/** Stands for text that goes into JSON as it is. */
const RAW = '\u{f8ff}raw';

function placesIn(value: unknown, found: Place[] = [], depth = 0): Place[] {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return found;
  const holder = value as Record<string, unknown>;
  for (const key of Object.keys(holder)) {
    found.push({ holder, key });
    placesIn(holder[key], found, depth + 1);
  }
  return found;
}

/** A value replaced, taken away, doubled or renamed somewhere in the document. */
const bendValue: TextBend = (text, random) => {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return text;
  }
  const places = placesIn(document);
  if (places.length === 0) return random.pick(VALUES);
  const { holder, key } = random.pick(places);
  const kind = random.below(6);
  if (kind === 0) delete holder[key];
  else if (kind === 1 && !Array.isArray(holder)) {
    // Not by assignment: `__proto__` must become a key of its own.
    const name = random.pick(NAMES);
    Object.defineProperty(holder, name, { value: holder[key], enumerable: true });
    delete holder[key];
  } else if (kind === 2) holder[key] = random.pick(places).holder;
  else holder[key] = RAW;
  return written(document, random);
};

function written(document: unknown, random: Random): string {
  const raw = random.below(10) === 0 ? nested(random, '[', ']') : random.pick(VALUES);
  try {
    return JSON.stringify(document).replace(JSON.stringify(RAW), () => raw);
  } catch {
    // A document that contains itself has no text.
    return raw;
  }
}

function nested(random: Random, open: string, close: string): string {
  const depth = random.below(random.below(200) === 0 ? DEEPEST : MAX_DEPTH);
  return open.repeat(depth) + (random.below(2) === 0 ? close.repeat(depth) : '');
}

const doubleKey: TextBend = (text) =>
  text.replace(/"(\w+)":("[^"]*"|\d+)/, (member) => `${member},${member}`);

const wrap: TextBend = (text, random) => {
  const count = random.below(13);
  return random.below(2) === 0
    ? `[${Array(count).fill(text).join(',')}]`
    : nested(random, '{"a":', '}').replace('"a":}', `"a":${text}}`);
};

/** Puts one of `words` somewhere, or in the place of something. */
const insertWord =
  (words: readonly string[]): TextBend =>
  (text, random) => {
    const at = random.below(text.length + 1);
    const gone = random.below(2) * random.below(6);
    return text.slice(0, at) + random.pick(words) + text.slice(at + gone);
  };

const cutText: TextBend = (text, random) => text.slice(0, random.below(text.length + 1));

const moveText: TextBend = (text, random) => {
  const [from, to] = [random.below(text.length + 1), random.below(text.length + 1)];
  return text.slice(0, to) + text.slice(from, from + random.below(30)) + text.slice(to);
};

const MAX_TIMES = 3;

/** Bends a text by `bends`, one to three times, and now and then its bytes. */
function bendText(bends: readonly TextBend[]): Bend {
  return (bytes, random) => {
    if (random.below(20) === 0) return bendBytes(bytes, random);
    let text: string;
    try {
      text = fromUtf8(bytes);
    } catch {
      return bendBytes(bytes, random);
    }
    for (let times = random.below(MAX_TIMES) + 1; times > 0; times--) {
      text = random.pick(bends)(text, random);
    }
    return utf8(text);
  };
}

const JSON_WORDS = ['{', '}', '[', ']', ',', ':', '"', '\\', '\u0000', '\u{1f600}', '\ufeff', ' '];

const bendDocument: Bend = bendText([bendValue]);
const bendJsonText: Bend = bendText([
  bendValue,
  doubleKey,
  wrap,
  insertWord([...JSON_WORDS, ...VALUES]),
  cutText,
  moveText,
]);

/** Mostly JSON still, so that what reads its values is reached. */
export const bendJson: Bend = (bytes, random) =>
  random.below(4) > 0 ? bendDocument(bytes, random) : bendJsonText(bytes, random);

/** Texts of a small language whose words are `words`. */
export const bendWords = (words: readonly string[]): Bend =>
  bendText([insertWord(words), insertWord(words), insertWord(words), cutText, moveText]);

export const textOf = (bytes: Bytes): string => Buffer.from(bytes).toString();

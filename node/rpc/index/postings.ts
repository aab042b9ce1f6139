/**
 * What one block adds to a table of the index. A block says the same of many of its transactions, so there is one
 * record for each value of a tag, with all places of that value in the block.
 */
import type { Event } from '../../app/abci.ts';
import { toHex, type Bytes } from '../../base/bytes.ts';
import { MAX_INDEXED_VALUE_BYTES, MAX_KNOWN_EVENT_TAGS } from '../../base/limits.ts';
import type { DbOp } from '../../store/db.ts';
import * as keys from './keys.ts';
import type { RecordWriter } from './record-writer.ts';

/** At most, for one unit of a JavaScript string. */
const UTF8_BYTES_PER_UNIT = 3;

/** Places in one block, ascending, as numbers (keys.placeInBlock). Mostly there is one. */
type Places = number | number[];

interface Tag {
  readonly prefix: Bytes;
  /** By value; of a long one, the bytes that are indexed as latin1. */
  readonly places: Map<string, Places>;
}

export class BlockPostings {
  readonly #table: Bytes;
  /** By their prefixes. Modules name a few dozen, the same in every block. */
  readonly #tags = new Map<string, Tag>();
  /** By event type and attribute key; "a.b" with "c" is the tag that "a" with "b.c" is. */
  readonly #known = new Map<string, Map<string, Tag>>();

  constructor(table: Bytes) {
    this.#table = table;
  }

  /** The events of the next place; those of places before it were added already. */
  add(events: readonly Event[], position: number): void {
    for (let number = 0; number < events.length; number++) {
      const { type, attributes } = events[number] as Event;
      if (type === '') continue;
      const place = keys.placeInBlock(position, number);
      for (const { key, value, index } of attributes) {
        if (index && key !== '') addPlace(this.#tag(type, key), value, place);
      }
    }
  }

  /** The records of all that was added; nothing of it is left here then. */
  take(height: number, writer: RecordWriter): DbOp[] {
    const ops: DbOp[] = [];
    const end = keys.u64(height);
    for (const { prefix, places } of this.#tags.values()) {
      places.forEach((list, value) => {
        const key = beginRecord(writer, prefix, value, list).bytes(end).cut();
        ops.push({ type: 'put', key, value: writePlaces(writer, list).cut() });
      });
      places.clear();
    }
    if (this.#tags.size > MAX_KNOWN_EVENT_TAGS) {
      this.#known.clear();
      this.#tags.clear();
    }
    return ops;
  }

  #tag(type: string, key: string): Tag {
    let ofType = this.#known.get(type);
    if (ofType === undefined) {
      ofType = new Map();
      this.#known.set(type, ofType);
    }
    let tag = ofType.get(key);
    if (tag === undefined) {
      tag = this.#tagOf(`${type}.${key}`);
      ofType.set(key, tag);
    }
    return tag;
  }

  #tagOf(text: string): Tag {
    const prefix = keys.tagPrefix(this.#table, text);
    const name = toHex(prefix);
    let tag = this.#tags.get(name);
    if (tag === undefined) {
      tag = { prefix, places: new Map() };
      this.#tags.set(name, tag);
    }
    return tag;
  }
}

/** Values that are equal as UTF-8 must come to one list, or the record of one would replace that of the other. */
function addPlace({ prefix, places }: Tag, value: string, place: number): void {
  const indexed = isLong(value) ? firstBytes(value) : value;
  const list = places.get(indexed);
  if (list === undefined) {
    if (indexed.isWellFormed()) places.set(indexed, place);
    else addPlace({ prefix, places }, indexed.toWellFormed(), place);
  } else if (typeof list === 'number') {
    if (list !== place) places.set(indexed, [list, place]);
  } else if (list.at(-1) !== place) list.push(place);
}

function isLong(value: string): boolean {
  if (value.length * UTF8_BYTES_PER_UNIT <= MAX_INDEXED_VALUE_BYTES) return false;
  return Buffer.byteLength(value) > MAX_INDEXED_VALUE_BYTES;
}

/** A character for each byte. */
function firstBytes(value: string): string {
  return Buffer.from(value).toString('latin1', 0, MAX_INDEXED_VALUE_BYTES);
}

/** The key up to the value. */
function beginRecord(
  writer: RecordWriter,
  prefix: Bytes,
  value: string,
  list: Places,
): RecordWriter {
  const most = prefix.length + keys.VALUE_SIZE_BYTES + MAX_INDEXED_VALUE_BYTES;
  const count = typeof list === 'number' ? 1 : list.length;
  writer.begin(most + keys.HEIGHT_BYTES + count * keys.PLACE_BYTES);
  // With so many characters it is ASCII, or what `firstBytes` left.
  const encoding = value.length === MAX_INDEXED_VALUE_BYTES ? 'latin1' : 'utf8';
  return writer.bytes(prefix).sizedText(value, encoding);
}

function writePlaces(writer: RecordWriter, list: Places): RecordWriter {
  if (typeof list === 'number') return writer.number(list, keys.PLACE_BYTES);
  for (let i = 0; i < list.length; i++) writer.number(list[i] as number, keys.PLACE_BYTES);
  return writer;
}

/**
 * Events of transactions as they are stored. Most of their texts are the same in every transaction, and an address
 * stands in several events of one: a record holds each text once, and events name texts by their numbers.
 *
 *   texts    (size, UTF-8)...
 *   events   (type, number of attributes, (2 * key + 1 if indexed, value)...)...
 */
import type { Event, EventAttribute } from '../app/abci.ts';
import { EMPTY, fromUtf8, type Bytes } from '../base/bytes.ts';
import { ByteReader } from '../store/byte-reader.ts';
import { ByteWriter } from '../store/byte-writer.ts';
import { DamagedStoreError } from '../store/errors.ts';

export class ShortEventsWriter {
  readonly #numbers = new Map<string, number>();
  readonly #texts = new ByteWriter();
  readonly #events = new ByteWriter();

  /** The events of one transaction, as bytes that the next call overwrites. */
  events(events: readonly Event[]): Bytes {
    if (events.length === 0) return EMPTY;
    const out = this.#events;
    out.clear();
    for (const { type, attributes } of events) {
      out.number(this.#numberOf(type));
      out.number(attributes.length);
      for (const { key, value, index } of attributes) {
        out.number(2 * this.#numberOf(key) + (index ? 1 : 0));
        out.number(this.#numberOf(value));
      }
    }
    return out.view();
  }

  /** The texts of all of them, as bytes that the next call overwrites; then it is empty again. */
  takeTexts(): Bytes {
    const texts = this.#texts.view();
    this.#texts.clear();
    this.#numbers.clear();
    return texts;
  }

  #numberOf(text: string): number {
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(text, number);
      this.#texts.text(text);
    }
    return number;
  }
}

/** The texts of one record. Each is decoded when it is asked for: of many records one transaction is wanted. */
export class ShortTexts {
  readonly #bytes: Bytes;
  /** Where each begins and ends. */
  readonly #places: number[] = [];
  readonly #decoded: string[] = [];

  /** Throws DamagedStoreError. */
  constructor(bytes: Bytes) {
    this.#bytes = bytes;
    const reader = new ByteReader(bytes);
    while (!reader.done) {
      const size = reader.number();
      const start = reader.skip(size);
      this.#places.push(start, start + size);
    }
  }

  /** Throws DamagedStoreError. */
  at(number: number): string {
    return (this.#decoded[number] ??= this.#decode(number));
  }

  #decode(number: number): string {
    const [start, end] = [this.#places[2 * number], this.#places[2 * number + 1]];
    if (start === undefined) throw new DamagedStoreError('an event names a text that is not there');
    try {
      return fromUtf8(this.#bytes.subarray(start, end));
    } catch (error) {
      throw new DamagedStoreError('a text is not UTF-8', { cause: error });
    }
  }
}

/** Throws DamagedStoreError. */
export function readShortEvents(bytes: Bytes, texts: ShortTexts): Event[] {
  const reader = new ByteReader(bytes);
  const events: Event[] = [];
  while (!reader.done) {
    const type = texts.at(reader.number());
    const attributes: EventAttribute[] = [];
    for (let left = reader.number(); left > 0; left--) {
      const key = reader.number();
      const value = texts.at(reader.number());
      attributes.push({ key: texts.at(Math.floor(key / 2)), value, index: key % 2 === 1 });
    }
    events.push({ type, attributes });
  }
  return events;
}

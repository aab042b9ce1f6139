/** Reads the records of the state database, or a part of one. Anything but a whole one is damage. */
import type { Bytes } from '../base/bytes.ts';
import { DamagedStoreError } from './errors.ts';
import { partToText } from './kv.ts';

export class ByteReader {
  readonly #bytes: Bytes;
  readonly #end: number;
  #at: number;

  constructor(bytes: Bytes, at = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
  }

  /** The place of the next byte. */
  get at(): number {
    return this.#at;
  }

  byte(): number {
    return this.#bytes[this.skip(1)] as number;
  }

  /** An unsigned varint that is a safe integer, in its shortest form. */
  number(): number {
    let value = 0;
    for (let factor = 1; factor <= Number.MAX_SAFE_INTEGER; factor *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (value > Number.MAX_SAFE_INTEGER) break;
      if (byte === 0 && factor > 1) throw new DamagedStoreError('a record holds a long number');
      if (byte < 0x80) return value;
    }
    throw new DamagedStoreError('a record holds a number that is too large');
  }

  /** A copy. */
  take(length: number): Bytes {
    const start = this.skip(length);
    return Uint8Array.prototype.slice.call(this.#bytes, start, this.#at);
  }

  /** Bytes as text of code units 0 to 255. */
  text(length: number): string {
    const start = this.skip(length);
    return partToText(this.#bytes, start, this.#at);
  }

  rest(): Bytes {
    return this.take(this.#end - this.#at);
  }

  /** Returns where the skipped part starts. */
  skip(length: number): number {
    const start = this.#at;
    if (start + length > this.#end) throw new DamagedStoreError('a record is cut off');
    this.#at = start + length;
    return start;
  }

  get done(): boolean {
    return this.#at === this.#end;
  }

  end(): void {
    if (!this.done) throw new DamagedStoreError('a record is too long');
  }
}

/** Reads the records of the state database. Anything but a whole record is damage. */
import type { Bytes } from '../base/bytes.ts';
import { DamagedStoreError } from './errors.ts';

export class ByteReader {
  readonly #bytes: Bytes;
  #at = 0;

  constructor(bytes: Bytes) {
    this.#bytes = bytes;
  }

  byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new DamagedStoreError('a record is cut off');
    return byte;
  }

  /** An unsigned varint that is a safe integer. */
  number(): number {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (value > Number.MAX_SAFE_INTEGER) {
        throw new DamagedStoreError('a record holds a number that is too large');
      }
      if (byte < 0x80) return value;
      factor *= 0x80;
    }
  }

  take(length: number): Bytes {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new DamagedStoreError('a record is cut off');
    const part = this.#bytes.slice(this.#at, end);
    this.#at = end;
    return part;
  }

  rest(): Bytes {
    return this.take(this.#bytes.length - this.#at);
  }

  get done(): boolean {
    return this.#at === this.#bytes.length;
  }

  end(): void {
    if (!this.done) throw new DamagedStoreError('a record is too long');
  }
}

/** Reads the records of the state database. Anything but a whole record is damage. */
import type { Bytes } from '../base/bytes.ts';
import { DamagedStoreError } from './errors.ts';

export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Bytes) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new DamagedStoreError('a record is cut off');
    return byte;
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

  take(length: number): Bytes {
    const start = this.#skip(length);
    return new Uint8Array(this.#bytes.subarray(start, this.#at));
  }

  /** Bytes as text of code units 0 to 255. */
  text(length: number): string {
    const start = this.#skip(length);
    return this.#bytes.toString('latin1', start, this.#at);
  }

  rest(): Bytes {
    return this.take(this.#bytes.length - this.#at);
  }

  get done(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** Returns where the skipped part starts. */
  #skip(length: number): number {
    const start = this.#at;
    if (start + length > this.#bytes.length) throw new DamagedStoreError('a record is cut off');
    this.#at = start + length;
    return start;
  }

  end(): void {
    if (!this.done) throw new DamagedStoreError('a record is too long');
  }
}

/** Writes records that ByteReader reads. Its memory is used again after `clear`. */
import type { Bytes } from '../base/bytes.ts';

const FIRST_BYTES = 4_096;
const MOST_VARINT_BYTES = 8;
/** At most, for one unit of a JavaScript string. */
const UTF8_BYTES_PER_UNIT = 3;

export class ByteWriter {
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #at = 0;

  /** A safe integer that is not negative, as a varint. */
  number(value: number): void {
    this.#reserve(MOST_VARINT_BYTES);
    let rest = value;
    while (rest > 0x7f) {
      this.#bytes[this.#at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#at++] = rest;
  }

  /** Its size in bytes, then UTF-8. */
  text(text: string): void {
    const most = text.length * UTF8_BYTES_PER_UNIT;
    this.#reserve(most + MOST_VARINT_BYTES);
    if (most > 0x7f) {
      this.number(Buffer.byteLength(text));
      this.#at += this.#bytes.write(text, this.#at);
    } else {
      const size = this.#bytes.write(text, this.#at + 1);
      this.#bytes[this.#at] = size;
      this.#at += 1 + size;
    }
  }

  /** What was written, until something else is. */
  view(): Bytes {
    return new Uint8Array(this.#bytes.buffer, 0, this.#at);
  }

  clear(): void {
    this.#at = 0;
  }

  #reserve(more: number): void {
    if (this.#at + more <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#at + more, 2 * this.#bytes.length));
    larger.set(this.view());
    this.#bytes = larger;
  }
}

/** Writes keys and values of one batch one behind the other: a few large pieces of memory instead of many small ones. */
import type { Bytes } from '../../base/bytes.ts';

const PIECE_BYTES = 65_536;

export class RecordWriter {
  #piece = Buffer.allocUnsafeSlow(PIECE_BYTES);
  #start = 0;
  #at = 0;

  /** Begins a record of at most so many bytes. */
  begin(most: number): void {
    if (this.#at + most > this.#piece.length) {
      this.#piece = Buffer.allocUnsafeSlow(Math.max(PIECE_BYTES, most));
      this.#at = 0;
    }
    this.#start = this.#at;
  }

  /** What was written since `begin` or the last `cut`. */
  cut(): Bytes {
    const part = new Uint8Array(this.#piece.buffer, this.#start, this.#at - this.#start);
    this.#start = this.#at;
    return part;
  }

  bytes(part: Bytes): this {
    this.#piece.set(part, this.#at);
    this.#at += part.length;
    return this;
  }

  /** Big-endian, of up to six bytes. */
  number(value: number, size: number): this {
    this.#at = this.#piece.writeUIntBE(value, this.#at, size);
    return this;
  }

  u64(value: number): this {
    this.#at = this.#piece.writeUInt32BE(Math.floor(value / 2 ** 32), this.#at);
    this.#at = this.#piece.writeUInt32BE(value % 2 ** 32, this.#at);
    return this;
  }

  /** Size in two bytes, then the text. */
  sizedText(text: string, encoding: 'utf8' | 'latin1'): this {
    const size = this.#piece.write(text, this.#at + 2, encoding);
    this.#piece.writeUInt16BE(size, this.#at);
    this.#at += 2 + size;
    return this;
  }
}

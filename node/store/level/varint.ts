/** Reads LevelDB's little numbers and length-prefixed texts; going past the end is a RangeError. */
import type { Bytes } from '../../base/bytes.ts';

export class FieldReader {
  readonly #data: Bytes;
  readonly #end: number;
  #at: number;

  constructor(data: Bytes, start = 0, end = data.length) {
    this.#data = data;
    this.#at = start;
    this.#end = end;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#end;
  }

  get position(): number {
    return this.#at;
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 49; scale *= 128) {
      if (this.#at >= this.#end) throw new RangeError('a number is cut off');
      const byte = this.#data[this.#at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80 && Number.isSafeInteger(value)) return value;
    }
    throw new RangeError('a number is too large');
  }

  take(length: number): Bytes {
    if (length > this.#end - this.#at) throw new RangeError('a field is cut off');
    this.#at += length;
    return this.#data.subarray(this.#at - length, this.#at);
  }

  text(): Bytes {
    return this.take(this.varint());
  }
}

/** Makes keys in one piece: parts joined as bytes or texts would be garbage as soon as the key is there. */
import { utf8, type Bytes } from '../base/bytes.ts';
import { partToText, type TextKey } from './kv.ts';

const FIRST_ROOM = 512;

class KeyWriter {
  #room = new Uint8Array(FIRST_ROOM);
  #length = 0;

  /** Begins a key with this byte. */
  start(prefix: number): this {
    this.#length = 0;
    return this.byte(prefix);
  }

  byte(value: number): this {
    this.#reserve(1);
    this.#room[this.#length++] = value;
    return this;
  }

  bytes(part: Bytes): this {
    this.#reserve(part.length);
    this.#room.set(part, this.#length);
    this.#length += part.length;
    return this;
  }

  /** In UTF-8. */
  text(part: string): this {
    this.#reserve(part.length);
    for (let i = 0; i < part.length; i++) {
      const unit = part.charCodeAt(i);
      if (unit > 127) return this.bytes(utf8(part.slice(i)));
      this.#room[this.#length++] = unit;
    }
    return this;
  }

  end(): TextKey {
    const key = partToText(this.#room, 0, this.#length) as TextKey;
    if (this.#room.length > FIRST_ROOM) this.#room = new Uint8Array(FIRST_ROOM);
    return key;
  }

  #reserve(more: number): void {
    const wanted = this.#length + more;
    if (wanted <= this.#room.length) return;
    const larger = new Uint8Array(2 * wanted);
    larger.set(this.#room.subarray(0, this.#length));
    this.#room = larger;
  }
}

const writer = new KeyWriter();

/** A key that begins with this byte. Finish it before the next one is begun. */
export function textKey(prefix: number): KeyWriter {
  return writer.start(prefix);
}

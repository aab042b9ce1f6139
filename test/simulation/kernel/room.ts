/**
 * Bytes that grow at their end without being copied each time. What was given out never changes: only what ends
 * where the last append ended is grown in place, everything else is copied first.
 */
import type { Bytes } from '../../../node/base/bytes.ts';

const FIRST_BYTES = 4_096;

export class Room {
  #bytes: Bytes = new Uint8Array(0);
  #used = 0;

  append(content: Bytes, more: Bytes): Bytes {
    const length = content.length + more.length;
    const isOurs = content.buffer === this.#bytes.buffer && content.length === this.#used;
    if (!isOurs || length > this.#bytes.length) {
      this.#bytes = new Uint8Array(Math.max(FIRST_BYTES, 2 * length));
      this.#bytes.set(content);
    }
    this.#bytes.set(more, content.length);
    this.#used = length;
    return this.#bytes.subarray(0, length);
  }
}

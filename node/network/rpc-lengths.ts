/** Follows the lengths in a stream of gossip RPCs, each preceded by its length as a varint, as bytes pass by. */
import type { Bytes } from '../base/bytes.ts';
import { BitscaleError } from '../base/errors.ts';
import { ErrFrame } from './frames.ts';

const MAX_VARINT_BYTES = 5;
const MORE = 0x80;
const BITS = 0x7f;
const BASE = 0x80;

export class RpcLengths {
  readonly #maxBytes: number;
  /** Bytes of the RPC at hand that have not come yet. */
  #left = 0;
  #value = 0;
  #digits = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** How many RPCs begin in `chunk`. Throws BitscaleError network/1 when one declares too much. */
  push(chunk: Bytes): number {
    let started = 0;
    for (let at = 0; at < chunk.length;) {
      if (this.#left > 0) {
        const skipped = Math.min(this.#left, chunk.length - at);
        this.#left -= skipped;
        at += skipped;
        continue;
      }
      const byte = chunk[at]!;
      at += 1;
      this.#value += (byte & BITS) * BASE ** this.#digits;
      this.#digits += 1;
      if (this.#value > this.#maxBytes || this.#digits > MAX_VARINT_BYTES) {
        throw new BitscaleError(ErrFrame, `gossip RPC of ${this.#value} bytes`);
      }
      if ((byte & MORE) !== 0) continue;
      this.#left = this.#value;
      this.#value = 0;
      this.#digits = 0;
      started += 1;
    }
    return started;
  }
}

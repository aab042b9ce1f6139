/** Cuts a stream of bytes into chunks of one size; only the last may be shorter. */
import type { Bytes } from '../../base/bytes.ts';
import { SNAPSHOT_CHUNK_BYTES } from '../../base/limits.ts';

export class Chunker {
  readonly #size: number;
  #chunk: Bytes;
  #used = 0;

  constructor(size = SNAPSHOT_CHUNK_BYTES) {
    this.#size = size;
    this.#chunk = new Uint8Array(size);
  }

  /** The chunks that `bytes` completes. */
  *push(bytes: Bytes): IterableIterator<Bytes> {
    let at = 0;
    while (at < bytes.length) {
      const taken = Math.min(bytes.length - at, this.#size - this.#used);
      this.#chunk.set(bytes.subarray(at, at + taken), this.#used);
      this.#used += taken;
      at += taken;
      if (this.#used < this.#size) continue;
      yield this.#chunk;
      this.#chunk = new Uint8Array(this.#size);
      this.#used = 0;
    }
  }

  /** What is left. */
  *end(): IterableIterator<Bytes> {
    if (this.#used > 0) yield this.#chunk.subarray(0, this.#used);
  }
}

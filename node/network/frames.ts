/** Messages on a byte stream: four bytes of length, most significant first, then the message. */
import { concat, type Bytes } from '../base/bytes.ts';
import { BitscaleError, defineError } from '../base/errors.ts';

export const ErrFrame = defineError('network', 1, 'malformed frame');

const LENGTH_BYTES = 4;
/** What a frame adds to its message. */
export const FRAME_HEAD_BYTES = LENGTH_BYTES;

export function frame(message: Bytes): Bytes {
  const out = new Uint8Array(LENGTH_BYTES + message.length);
  new DataView(out.buffer).setUint32(0, message.length);
  out.set(message, LENGTH_BYTES);
  return out;
}

/**
 * Cuts chunks as they arrive into messages. A declared length above the bound is refused before anything
 * is kept for it; below it, memory grows only with what has really arrived.
 */
export class FrameReader {
  readonly #maxBytes: number;
  #chunks: Bytes[] = [];
  #buffered = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The messages that are complete now. Throws BitscaleError network/1. */
  push(chunk: Bytes): Bytes[] {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    const messages: Bytes[] = [];
    for (let next = this.#next(); next !== undefined; next = this.#next()) messages.push(next);
    return messages;
  }

  /** Bytes of a message that is not complete yet. */
  get pendingBytes(): number {
    return this.#buffered;
  }

  #next(): Bytes | undefined {
    if (this.#buffered < LENGTH_BYTES) return undefined;
    const length = this.#declaredLength();
    if (length === 0) throw new BitscaleError(ErrFrame, 'empty message');
    if (length > this.#maxBytes) throw new BitscaleError(ErrFrame, `message of ${length} bytes`);
    if (this.#buffered < LENGTH_BYTES + length) return undefined;
    const all = this.#chunks.length === 1 ? this.#chunks[0]! : concat(...this.#chunks);
    const end = LENGTH_BYTES + length;
    this.#chunks = all.length === end ? [] : [all.subarray(end)];
    this.#buffered = all.length - end;
    return all.slice(LENGTH_BYTES, end);
  }

  #declaredLength(): number {
    if (this.#chunks[0]!.length < LENGTH_BYTES) this.#chunks = [concat(...this.#chunks)];
    const head = this.#chunks[0]!;
    return new DataView(head.buffer, head.byteOffset, LENGTH_BYTES).getUint32(0);
  }
}

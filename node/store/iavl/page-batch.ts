/**
 * The pages that one commit of one store writes, as they lie in memory: key and record one after the other in large
 * chunks, found by number. Afterwards the same bytes spare reading a page that is needed again.
 */
import type { Bytes } from '../../base/bytes.ts';
import { assert } from '../../base/errors.ts';
import type { DbOp } from '../db.ts';
import { NODE_PLACE_BYTES, writeNodeKey } from '../layout.ts';
import type { TreeNode } from './node.ts';
import { roomFor, writePage } from './page.ts';

const CHUNK_BYTES = 1 << 20;
/** What a batch and each of its pages cost in memory beside their bytes. */
const BATCH_COST = 512;
const PAGE_COST = 16;
/** A batch of which fewer bytes than this share are in use is not worth its memory. */
const MIN_USED_SHARE = 1 / 32;
/** Not more of a batch stays unused: less would mean more copying, more would mean fewer pages in memory. */
const MAX_UNUSED_SHARE = 1 / 6;

/** Where the record of a page lies. */
export interface PageRecord {
  readonly bytes: Bytes;
  readonly start: number;
  readonly end: number;
  /** It never left this process: nothing in it has to be checked. */
  readonly trusted: boolean;
}

export class PageBatch {
  readonly version: number;
  readonly #prefix: Bytes;
  readonly #first: number;
  #chunks: Buffer[] = [];
  #at = 0;
  /** By number: the chunk's index times its size, plus the place in it; and the length, negative once forgotten. */
  #starts: number[] = [];
  #lengths: number[] = [];
  #usedBytes = 0;
  #writtenBytes = 0;

  /** `first`: the number of the first page. */
  constructor(prefix: Bytes, version: number, first = 1) {
    this.#prefix = prefix;
    this.version = version;
    this.#first = first;
  }

  /** The number that the next page gets. */
  get next(): number {
    return this.#first + this.#starts.length;
  }

  /** About what it takes in memory. */
  get bytes(): number {
    const chunks = this.#chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    return BATCH_COST + this.#starts.length * PAGE_COST + chunks;
  }

  /** A number for a page that is written later. */
  claim(): number {
    this.#starts.push(0);
    this.#lengths.push(0);
    return this.next - 1;
  }

  /** Writes the page whose root has got its number by `claim`. */
  write(root: TreeNode): void {
    const start = this.#begin(roomFor(root), root.nonce);
    this.#end(root.nonce, start, writePage(this.#chunk, start, root));
  }

  /** Takes over a record; returns its number. */
  add(record: Buffer, length: number): number {
    const nonce = this.claim();
    const start = this.#begin(length, nonce);
    record.copy(this.#chunk, start, 0, length);
    this.#end(nonce, start, start + length);
    return nonce;
  }

  find(nonce: number): PageRecord | undefined {
    const index = nonce - this.#first;
    const length = this.#lengths[index] ?? 0;
    if (length === 0) return undefined;
    const place = this.#starts[index] as number;
    const bytes = this.#chunks[Math.floor(place / CHUNK_BYTES)] as Buffer;
    const start = place % CHUNK_BYTES;
    return { bytes, start, end: start + Math.abs(length), trusted: true };
  }

  /** Nobody refers to this page any more; until `tidy` it can still be found. */
  forget(nonce: number): void {
    const index = nonce - this.#first;
    const length = this.#lengths[index] ?? 0;
    if (length <= 0) return;
    this.#lengths[index] = -length;
    this.#usedBytes -= length;
  }

  /** What stores all pages that were not forgotten. */
  ops(): DbOp[] {
    const ops: DbOp[] = [];
    const keyBytes = this.#prefix.length + NODE_PLACE_BYTES;
    this.#lengths.forEach((length, index) => {
      if (length <= 0) return;
      const { bytes, start, end } = this.find(this.#first + index) as PageRecord;
      const key = bytes.subarray(start - keyBytes, start);
      ops.push({ type: 'put', key, value: bytes.subarray(start, end) });
    });
    return ops;
  }

  /** Gives up what is no longer used when that is much of the memory. False: hardly anything is left. */
  tidy(): boolean {
    if (this.#usedBytes <= this.#writtenBytes * MIN_USED_SHARE) return false;
    const taken = this.#chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    if (taken - this.#usedBytes < taken * MAX_UNUSED_SHARE) return true;
    const old = this.#chunks;
    const [starts, lengths] = [this.#starts, this.#lengths];
    let left = this.#usedBytes;
    this.#chunks = [];
    lengths.forEach((length, index) => {
      if (length <= 0) {
        lengths[index] = 0;
        return;
      }
      const place = starts[index] as number;
      const from = place % CHUNK_BYTES;
      const start = this.#reserve(length, Math.min(CHUNK_BYTES, left));
      (old[Math.floor(place / CHUNK_BYTES)] as Buffer).copy(
        this.#chunk,
        start,
        from,
        from + length,
      );
      starts[index] = (this.#chunks.length - 1) * CHUNK_BYTES + start;
      this.#at = start + length;
      left -= length;
    });
    return true;
  }

  get #chunk(): Buffer {
    return this.#chunks.at(-1) as Buffer;
  }

  /** Writes the key; returns where the record begins. */
  #begin(room: number, nonce: number): number {
    const start = this.#reserve(this.#prefix.length + NODE_PLACE_BYTES + room, CHUNK_BYTES);
    return writeNodeKey(this.#chunk, start, this.#prefix, { page: this.version, nonce });
  }

  #end(nonce: number, start: number, end: number): void {
    const index = nonce - this.#first;
    assert(this.#lengths[index] === 0, 'a page is written once');
    this.#starts[index] = (this.#chunks.length - 1) * CHUNK_BYTES + start;
    this.#lengths[index] = end - start;
    this.#usedBytes += end - start;
    this.#writtenBytes += end - start;
    this.#at = end;
  }

  #reserve(room: number, chunkBytes: number): number {
    const isFull = this.#at + room > (this.#chunks.at(-1)?.length ?? 0);
    if (isFull || this.#at >= CHUNK_BYTES) {
      this.#chunks.push(Buffer.allocUnsafeSlow(Math.max(chunkBytes, room)));
      this.#at = 0;
    }
    return this.#at;
  }
}

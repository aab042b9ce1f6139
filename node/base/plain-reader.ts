/**
 * Reads protobuf in the form in which nearly all of it comes: each field where the canonical encoding has it, texts in
 * ASCII, numbers below 2^49. It knows no other form and does not say what is wrong with one: then `isDone` is false in
 * the end, and a decoder that knows all forms must begin anew. So it is fast, and what it takes is canonical.
 *
 *   const reader = new PlainReader(bytes);
 *   const coin = { denom: reader.text(1), amount: reader.text(2) };
 *   return reader.isDone ? coin : strictDecode(Coin, bytes);
 *
 * Ask for the fields in ascending order; it knows those below 16. What is not there reads as its default; a default
 * that is written out is not plain. After something that is not plain all answers are defaults, so loops end.
 */
import { EMPTY, latin1Text, type Bytes } from './bytes.ts';

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const MAX_VARINT_BYTES = 7;
const MAX_INT32 = 0x7fff_ffff;
const ASCII = 0x80;
const NOWHERE = -1;

export class PlainReader {
  readonly #bytes: Bytes;
  #at = 0;
  /** Where the message at hand ends; nowhere, once something was not plain. */
  #end: number;
  /** Where those around it end. */
  readonly #outer: number[] = [];

  constructor(bytes: Bytes) {
    this.#bytes = bytes;
    this.#end = bytes.length;
  }

  /** Has everything been read, and was it plain? */
  get isDone(): boolean {
    return this.#at === this.#end;
  }

  /** Bytes read so far. */
  get at(): number {
    return this.#at;
  }

  /** Is there such a message? Then its fields come next, and `leave` after them. */
  enter(field: number): boolean {
    const length = this.#lengthOf(field);
    if (length < 0) return false;
    this.#outer.push(this.#end);
    this.#end = this.#at + length;
    return true;
  }

  /** The end of the message that was entered last: there must be nothing left of it. */
  leave(): void {
    const outer = this.#outer.pop();
    this.#end = this.isDone && outer !== undefined ? outer : NOWHERE;
  }

  text(field: number): string {
    const length = this.#lengthOf(field);
    if (length < 0) return '';
    const start = this.#at;
    const end = start + length;
    for (let i = start; i < end; i++) if (this.#bytes[i]! >= ASCII) return this.#give('');
    this.#at = end;
    return length === 0 ? this.#give('') : latin1Text(this.#bytes, start, end);
  }

  /** A text, bytes or a message that nobody asks for. */
  skip(field: number): void {
    const length = this.#lengthOf(field);
    if (length > 0) this.#at += length;
  }

  /** A view, to be changed by nobody. */
  bytes(field: number): Bytes {
    const value = this.item(field);
    if (value === undefined) return EMPTY;
    return value.length === 0 ? this.#give(EMPTY) : value;
  }

  /** The next one of a list, which may be empty; undefined when there is no other. */
  item(field: number): Bytes | undefined {
    const length = this.#lengthOf(field);
    if (length < 0) return undefined;
    const start = this.#at;
    this.#at = start + length;
    return this.#bytes.subarray(start, this.#at);
  }

  uint64(field: number): bigint {
    return BigInt(this.#number(field));
  }

  /** An enum. */
  int32(field: number): number {
    const value = this.#number(field);
    return value > MAX_INT32 ? this.#give(0) : value;
  }

  flag(field: number): boolean {
    const value = this.#number(field);
    return value > 1 ? this.#give(false) : value === 1;
  }

  #number(field: number): number {
    if (!this.#isNext(field, VARINT)) return 0;
    const value = this.#varint();
    return value === 0 ? this.#give(0) : value;
  }

  #isNext(field: number, wireType: number): boolean {
    if (this.#at >= this.#end || this.#bytes[this.#at] !== ((field << 3) | wireType)) return false;
    this.#at += 1;
    return true;
  }

  /** -1 when there is no such field. */
  #lengthOf(field: number): number {
    if (!this.#isNext(field, LENGTH_DELIMITED)) return NOWHERE;
    const length = this.#varint();
    return this.#at + length > this.#end ? this.#give(NOWHERE) : length;
  }

  #varint(): number {
    let value = 0;
    let scale = 1;
    for (let count = 1; count <= MAX_VARINT_BYTES && this.#at < this.#end; count++) {
      const byte = this.#bytes[this.#at]!;
      this.#at += 1;
      value += (byte & 127) * scale;
      scale *= 128;
      if (byte < 128) return byte === 0 && count > 1 ? this.#give(0) : value;
    }
    return this.#give(0);
  }

  /** Gives up: nothing more is read. */
  #give<T>(value: T): T {
    this.#end = NOWHERE;
    return value;
  }
}

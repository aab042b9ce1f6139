/**
 * CometBFT's JSON, the scalar rules: 64-bit integers are strings, 32-bit ones numbers; hashes and
 * addresses are upper-case hexadecimal; other bytes are base64, and null when empty; times are RFC 3339.
 */
import { toBase64, type Bytes } from '../../base/bytes.ts';

export { toBase64 as base64, toUpperHex as hex } from '../../base/bytes.ts';
export { formatTime as time } from '../../base/time.ts';

export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

export type JsonObject = { readonly [key: string]: Json | undefined };

/** JSON text that is ready to be sent: large or often used answers are encoded once. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export function int64(value: number | bigint): string {
  return value.toString();
}

/** Go prints a slice without elements that was never made as null. */
export function base64OrNull(bytes: Bytes): string | null {
  return bytes.length === 0 ? null : toBase64(bytes);
}

export function nullIfEmpty(items: readonly Json[]): Json {
  return items.length === 0 ? null : items;
}

/** Leaves out empty and zero members, as Go's `omitempty`. */
export function withoutZeros(members: JsonObject): JsonObject {
  const isZero = (value: Json | undefined): boolean =>
    value === undefined ||
    value === null ||
    value === '' ||
    value === 0 ||
    value === '0' ||
    value === false ||
    (Array.isArray(value) && value.length === 0);
  return Object.fromEntries(Object.entries(members).filter(([, value]) => !isZero(value)));
}

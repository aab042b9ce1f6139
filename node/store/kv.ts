/**
 * The key-value interface that modules see. Everything is synchronous; keys are ordered as bytes.
 *
 * An iterator sees the store as it was when `iterate` was called: later writes and deletes, also of
 * keys it has not reached yet, do not change what it yields. An empty value is refused because no
 * ICS-23 proof can be made for it or for the absence of a key beside it.
 *
 * Bytes are handed over, not copied: nobody changes a value that was given to a store or got from one.
 */
import { latin1Text, type Bytes } from '../base/bytes.ts';
import { BitscaleError } from '../base/errors.ts';
import { MAX_STORE_KEY_BYTES, MAX_STORE_VALUE_BYTES } from '../base/limits.ts';
import { ErrInvalidKey, ErrInvalidValue } from './errors.ts';

export type KvPair = [Bytes, Bytes];

/** A key as text: see toText. Stores keep their entries under texts, so a key made as one costs least. */
export type TextKey = string & { readonly isTextKey: true };

export type Key = Bytes | TextKey;

export interface KvReader {
  get(key: Key): Bytes | undefined;
  has(key: Key): boolean;
  /** Keys from `start` on and below `end`, ascending unless `reverse`. */
  iterate(start?: Bytes, end?: Bytes, reverse?: boolean): IterableIterator<KvPair>;
}

export interface KvStore extends KvReader {
  set(key: Key, value: Bytes): void;
  delete(key: Key): void;
}

/** Ascending by key; null: deleted. */
export type Changes = readonly (readonly [TextKey, Bytes | null])[];

/** A store that takes many changes at once. */
export interface WholeKvStore extends KvStore {
  take(changes: Changes): void;
}

export const takesChanges = (store: KvStore): store is WholeKvStore => 'take' in store;

export function checkKey(key: Key): void {
  if (key.length === 0) throw new BitscaleError(ErrInvalidKey, 'the key is empty');
  if (key.length > MAX_STORE_KEY_BYTES) {
    throw new BitscaleError(ErrInvalidKey, `the key has ${key.length} bytes`);
  }
}

export function checkPair(key: Key, value: Bytes): void {
  checkKey(key);
  if (value.length === 0) throw new BitscaleError(ErrInvalidValue, 'the value is empty');
  if (value.length > MAX_STORE_VALUE_BYTES) {
    throw new BitscaleError(ErrInvalidValue, `the value has ${value.length} bytes`);
  }
}

/** The first key after all keys with this prefix; undefined when there is none. */
export function prefixEnd(prefix: Bytes): Bytes | undefined {
  for (let i = prefix.length - 1; i >= 0; i--) {
    const byte = prefix[i] as number;
    if (byte === 0xff) continue;
    const end = prefix.slice(0, i + 1);
    end[i] = byte + 1;
    return end;
  }
  return undefined;
}

export function iteratePrefix(
  store: KvReader,
  prefix: Bytes,
  reverse = false,
): IterableIterator<KvPair> {
  return store.iterate(prefix, prefixEnd(prefix), reverse);
}

/**
 * Bytes as a string of code units 0 to 255: a Map key whose order as a string is the order of the
 * bytes.
 */
export function toText(key: Bytes): TextKey {
  return latin1Text(key, 0, key.length) as TextKey;
}

export function keyText(key: Key): TextKey {
  return typeof key === 'string' ? key : toText(key);
}

export function keyBytes(key: Key): Bytes {
  return typeof key === 'string' ? fromText(key) : key;
}

/** The same for the bytes from `start` to `end`. */
export function partToText(bytes: Bytes, start: number, end: number): TextKey {
  return latin1Text(bytes, start, end) as TextKey;
}

export function fromText(text: string): Bytes {
  return new Uint8Array(Buffer.from(text, 'latin1'));
}

/** Strict decoding with generated protobuf code, which by itself forgives far too much. */
import { equal, type Bytes } from './bytes.ts';
import { BitscaleError } from './errors.ts';
import { MAX_PROTO_DEPTH } from './limits.ts';
import { TX_DECODE } from './sdk-errors.ts';
import './exact-buffers.ts';
import './exact-varints.ts';

/** What ts-proto and cosmjs-types generate for a message. */
export interface Codec<T> {
  decode(bytes: Bytes): T;
  encode(message: T): { finish(): Bytes };
}

/**
 * Decodes `bytes` and requires that encoding the result gives the same bytes back: this refuses unknown,
 * repeated and unordered fields, long varints and strings that are not UTF-8. `depth` is the number of
 * messages around this one, for a caller that unpacks Any inside Any. Throws sdk/2, whatever goes wrong.
 */
export function strictDecode<T>(codec: Codec<T>, bytes: Bytes, depth = 0): T {
  if (depth >= MAX_PROTO_DEPTH)
    throw new BitscaleError(TX_DECODE, 'messages are nested too deeply');
  let message: T;
  let again: Bytes;
  try {
    message = codec.decode(bytes);
    check(message, MAX_PROTO_DEPTH - depth);
    again = codec.encode(message).finish();
  } catch (cause) {
    if (cause instanceof BitscaleError) throw cause;
    // Foreign bytes may even exhaust the stack of a generated decoder; the answer stays the same.
    const why =
      cause instanceof RangeError ? 'malformed message' : String((cause as Error).message);
    throw new BitscaleError(TX_DECODE, why, { cause });
  }
  if (!equal(again, bytes)) throw new BitscaleError(TX_DECODE, 'encoding is not canonical');
  return message;
}

/** Not too deep; and no halves of characters, which generated code reads and writes as if they were UTF-8. */
function check(value: unknown, left: number): void {
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new BitscaleError(TX_DECODE, 'a string is not UTF-8');
    return;
  }
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return;
  if (Array.isArray(value)) {
    for (const item of value) check(item, left);
    return;
  }
  if (left === 0) throw new BitscaleError(TX_DECODE, 'messages are nested too deeply');
  for (const item of Object.values(value)) check(item, left - 1);
}

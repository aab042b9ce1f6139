/** Keys of the store `upgrade`, laid out as in the Cosmos SDK, and the authority. */
import {
  bytesToUint64,
  concat,
  fromUtf8,
  uint64ToBytes,
  utf8,
  type Bytes,
} from '../../node/base/bytes.ts';

export const STORE = 'upgrade';
export const PLAN_KEY = Uint8Array.of(0);
export const DONE_PREFIX = Uint8Array.of(1);
export const VERSION_PREFIX = Uint8Array.of(2);
export const PROTOCOL_VERSION_KEY = Uint8Array.of(3);
/** Not in the SDK, where the program knows the authority. */
export const AUTHORITY_KEY = utf8('authority');

/** What stands behind an upgrade that was made. */
export const PRESENT = Uint8Array.of(1);

export const versionKey = (module: string): Bytes => concat(VERSION_PREFIX, utf8(module));

export interface Done {
  readonly name: string;
  readonly height: bigint;
}

export const doneKey = ({ name, height }: Done): Bytes =>
  concat(DONE_PREFIX, uint64ToBytes(height), utf8(name));

export function readDoneKey(key: Bytes): Done {
  const rest = key.slice(DONE_PREFIX.length);
  return { height: bytesToUint64(rest), name: fromUtf8(rest.slice(8)) };
}

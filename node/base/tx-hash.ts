/**
 * The hash of a transaction, which is its name everywhere. It is computed once for each array of bytes, which
 * nobody changes any more: mempool, decoder, block and index all ask for it.
 */
import { fromHex, type Bytes } from './bytes.ts';
import { sha256Hex } from './hash.ts';

const names = new WeakMap<Bytes, string>();

/** The hash as clients print it, in upper-case hexadecimal. */
export function txName(tx: Bytes): string {
  let name = names.get(tx);
  if (name === undefined) {
    name = sha256Hex(tx).toUpperCase();
    names.set(tx, name);
  }
  return name;
}

/** SHA-256, 32 bytes. */
export function txHash(tx: Bytes): Bytes {
  return fromHex(txName(tx));
}

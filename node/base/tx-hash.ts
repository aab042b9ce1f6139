/**
 * The hash of a transaction, which is its name everywhere. It is computed once for each array of bytes, which
 * nobody changes any more: mempool, decoder, block and index all ask for it.
 */
import { toUpperHex, type Bytes } from './bytes.ts';
import { sha256 } from './hash.ts';

interface Known {
  readonly hash: Bytes;
  name: string | undefined;
}

const known = new WeakMap<Bytes, Known>();

function find(tx: Bytes): Known {
  let found = known.get(tx);
  if (found === undefined) {
    found = { hash: sha256(tx), name: undefined };
    known.set(tx, found);
  }
  return found;
}

/** SHA-256, 32 bytes, not to be changed. */
export function txHash(tx: Bytes): Bytes {
  return find(tx).hash;
}

/** The hash as clients print it, in upper-case hexadecimal. */
export function txName(tx: Bytes): string {
  const found = find(tx);
  return (found.name ??= toUpperHex(found.hash));
}

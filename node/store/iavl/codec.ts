/** Records that name pages: the root of a store, and the pages that a version no longer refers to. */
import type { Bytes } from '../../base/bytes.ts';
import { ByteReader } from '../byte-reader.ts';
import { DamagedStoreError } from '../errors.ts';
import { writeUvarint, type NodeRef, type PagePlace } from './node.ts';

const MAX_REF_BYTES = 72;

export function encodeRef(ref: NodeRef): Bytes {
  const out = Buffer.alloc(MAX_REF_BYTES);
  let at = writeUvarint(out, 0, ref.version);
  at = writeUvarint(out, at, ref.page);
  at = writeUvarint(out, at, ref.nonce);
  out[at++] = ref.height;
  at = writeUvarint(out, at, ref.size);
  at += out.write(ref.hash, at, 32, 'latin1');
  return new Uint8Array(out.subarray(0, at));
}

export function readRef(reader: ByteReader): NodeRef {
  const version = reader.number();
  const page = reader.number();
  const nonce = reader.number();
  if (nonce === 0) throw new DamagedStoreError('a record names a node that was never saved');
  const height = reader.byte();
  const size = reader.number();
  return { version, page, nonce, height, size, hash: reader.text(32) };
}

export function encodePlaces(places: readonly PagePlace[]): Bytes {
  const out = new Uint8Array(places.length * 16);
  let at = 0;
  for (const place of places) {
    at = writeUvarint(out, at, place.page);
    at = writeUvarint(out, at, place.nonce);
  }
  return out.slice(0, at);
}

export function decodePlaces(record: Bytes): PagePlace[] {
  const reader = new ByteReader(record);
  const places: PagePlace[] = [];
  while (!reader.done) places.push({ page: reader.number(), nonce: reader.number() });
  return places;
}

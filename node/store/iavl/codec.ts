/**
 * Records of tree nodes. A parent's record carries position, size and hash of both children, so that
 * a change never has to read the sibling of a changed node, and everything read can be checked.
 */
import type { Bytes } from '../../base/bytes.ts';
import { assert } from '../../base/errors.ts';
import { ByteReader } from '../byte-reader.ts';
import { refOf, stubOf, writeUvarint, type NodeRef, type TreeNode } from './node.ts';
import type { Orphan } from './tree.ts';

const MAX_REF_BYTES = 64;

export function writeRef(out: Uint8Array, start: number, ref: NodeRef): number {
  let at = writeUvarint(out, start, ref.version);
  at = writeUvarint(out, at, ref.nonce);
  out[at++] = ref.height;
  at = writeUvarint(out, at, ref.size);
  out.set(ref.hash, at);
  return at + 32;
}

export function readRef(reader: ByteReader): NodeRef {
  const version = reader.number();
  const nonce = reader.number();
  const height = reader.byte();
  const size = reader.number();
  return { version, nonce, height, size, hash: reader.take(32) };
}

export function encodeRef(ref: NodeRef): Bytes {
  const out = new Uint8Array(MAX_REF_BYTES);
  return out.slice(0, writeRef(out, 0, ref));
}

export function encodeNode(node: TreeNode): Bytes {
  assert(node.key, 'only a loaded node can be stored');
  const tail = node.height === 0 ? (node.value as Bytes).length : 2 * MAX_REF_BYTES;
  const out = new Uint8Array(node.key.length + 4 + tail);
  let at = writeUvarint(out, 0, node.key.length);
  out.set(node.key, at);
  at += node.key.length;
  if (node.height === 0) {
    out.set(node.value as Bytes, at);
    at += tail;
  } else {
    at = writeRef(out, at, refOf(node.left as TreeNode));
    at = writeRef(out, at, refOf(node.right as TreeNode));
  }
  return out.subarray(0, at);
}

/** Fills a stub from its record. */
export function decodeNode(node: TreeNode, record: Bytes): void {
  const reader = new ByteReader(record);
  const key = reader.take(reader.number());
  if (node.height === 0) {
    node.value = reader.rest();
  } else {
    node.left = stubOf(readRef(reader));
    node.right = stubOf(readRef(reader));
    reader.end();
  }
  node.key = key;
}

export function encodeOrphans(orphans: readonly Orphan[]): Bytes {
  const out = new Uint8Array(orphans.length * 16);
  let at = 0;
  for (const orphan of orphans) {
    at = writeUvarint(out, at, orphan.version);
    at = writeUvarint(out, at, orphan.nonce);
  }
  return out.slice(0, at);
}

export function decodeOrphans(record: Bytes): Orphan[] {
  const reader = new ByteReader(record);
  const orphans: Orphan[] = [];
  while (!reader.done) orphans.push({ version: reader.number(), nonce: reader.number() });
  return orphans;
}

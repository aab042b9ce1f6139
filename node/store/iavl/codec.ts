/**
 * Records of tree nodes. A parent's record carries position, size and hash of both children, so
 * that a change never has to read the sibling of a changed node, and everything read can be
 * checked.
 */
import type { Bytes } from '../../base/bytes.ts';
import { assert } from '../../base/errors.ts';
import { ByteReader } from '../byte-reader.ts';
import { DamagedStoreError } from '../errors.ts';
import type { DbOp } from '../db.ts';
import { NODE_PLACE_BYTES, writeNodeKey } from '../layout.ts';
import { refOf, stubOf, writeUvarint, type NodeRef, type TreeNode } from './node.ts';
import type { Orphan } from './tree.ts';

const MAX_REF_BYTES = 64;

function writeRef(out: Buffer, start: number, ref: NodeRef): number {
  let at = writeUvarint(out, start, ref.version);
  at = writeUvarint(out, at, ref.nonce);
  out[at++] = ref.height;
  at = writeUvarint(out, at, ref.size);
  return at + out.write(ref.hash, at, 32, 'latin1');
}

export function readRef(reader: ByteReader): NodeRef {
  const version = reader.number();
  const nonce = reader.number();
  if (nonce === 0) throw new DamagedStoreError('a record names a node that was never saved');
  const height = reader.byte();
  const size = reader.number();
  return { version, nonce, height, size, hash: reader.text(32) };
}

export function encodeRef(ref: NodeRef): Bytes {
  const out = Buffer.alloc(MAX_REF_BYTES);
  return new Uint8Array(out.subarray(0, writeRef(out, 0, ref)));
}

const CHUNK_BYTES = 1 << 20;

/**
 * Writes the keys and records of many nodes one after the other into large chunks, because tens of
 * thousands of small arrays per commit cost more than their content.
 */
export class NodeWriter {
  readonly #prefix: Bytes;
  #chunk = Buffer.alloc(0);
  #at = 0;

  constructor(prefix: Bytes) {
    this.#prefix = prefix;
  }

  put(node: TreeNode): DbOp {
    assert(node.key !== undefined, 'only a loaded node can be stored');
    const tail = node.height === 0 ? (node.value as Bytes).length : 2 * MAX_REF_BYTES;
    const start = this.#reserve(
      this.#prefix.length + NODE_PLACE_BYTES + 4 + node.key.length + tail,
    );
    const record = writeNodeKey(this.#chunk, start, this.#prefix, node);
    this.#at = writeRecord(this.#chunk, record, node);
    return {
      type: 'put',
      key: this.#chunk.subarray(start, record),
      value: this.#chunk.subarray(record, this.#at),
    };
  }

  #reserve(bytes: number): number {
    if (this.#at + bytes > this.#chunk.length) {
      this.#chunk = Buffer.alloc(Math.max(CHUNK_BYTES, bytes));
      this.#at = 0;
    }
    return this.#at;
  }
}

function writeRecord(out: Buffer, start: number, node: TreeNode): number {
  const key = node.key as string;
  let at = writeUvarint(out, start, key.length);
  at += out.write(key, at, key.length, 'latin1');
  if (node.height === 0) {
    out.set(node.value as Bytes, at);
    return at + (node.value as Bytes).length;
  }
  at = writeRef(out, at, refOf(node.left as TreeNode));
  return writeRef(out, at, refOf(node.right as TreeNode));
}

/** Fills a stub from its record. */
export function decodeNode(node: TreeNode, record: Bytes): void {
  const reader = new ByteReader(record);
  const key = reader.text(reader.number());
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

/**
 * Pages: the records that tree nodes are stored in. A page holds a node and the nodes below it down to the
 * next page, so that a path of twenty nodes is read and written as six or seven records. Which nodes share a
 * page counts in no hash: it follows from their heights when they are written, and stays as long as they do.
 *
 * A child is written with its hash in front. So a change never has to read the sibling of a changed node, a part
 * of a page can be taken over into another without being understood, and everything read can be checked.
 */
import type { Bytes } from '../../base/bytes.ts';
import { assert } from '../../base/errors.ts';
import { ByteReader } from '../byte-reader.ts';
import type { DbOp } from '../db.ts';
import { partToText } from '../kv.ts';
import { NODE_PLACE_BYTES, writeNodeKey } from '../layout.ts';
import { stubOf, writeUvarint, type NodeRef, type TreeNode } from './node.ts';

/**
 * Levels of the tree that share a page: heights 0 to 3, where a page has eight leaves at most, then 4 to 6, 7 to 9
 * and so on. More levels would mean fewer pages, but more bytes for each change.
 */
const LEAF_LEVELS = 4;
const PAGE_LEVELS = 3;
/** A node whose key and value are longer has a page of its own. */
export const MAX_INLINE_BYTES = 512;
/** Version, height, size, hash, place or length of a child. */
export const MAX_CHILD_BYTES = 80;
/** The nodes of a page but its root, each with both children. */
export const MAX_INLINE_PART =
  (2 ** LEAF_LEVELS - 2) * (MAX_INLINE_BYTES + 2 * MAX_CHILD_BYTES + 8);
export const HASH_BYTES = 32;

const bandOf = (height: number): number =>
  height < LEAF_LEVELS ? 0 : Math.floor((height - LEAF_LEVELS) / PAGE_LEVELS) + 1;

/** Is this node, whose place is still open, the root of a page? */
export function beginsPage(node: TreeNode, parent: TreeNode | undefined): boolean {
  if (!parent || bandOf(node.height) !== bandOf(parent.height)) return true;
  if (node.key === undefined) return false;
  return node.key.length + (node.value?.length ?? 0) > MAX_INLINE_BYTES;
}

const CHUNK_BYTES = 1 << 20;

/** Writes the keys and records of many pages one after the other into large chunks. */
export class PageWriter {
  readonly #prefix: Bytes;
  #chunk = Buffer.alloc(0);
  #at = 0;

  constructor(prefix: Bytes) {
    this.#prefix = prefix;
  }

  put(root: TreeNode): DbOp {
    const head = this.#prefix.length + NODE_PLACE_BYTES;
    const start = this.#reserve(head + roomFor(root));
    const record = writeNodeKey(this.#chunk, start, this.#prefix, root);
    this.#at = writePage(this.#chunk, record, root);
    return {
      type: 'put',
      key: this.#chunk.subarray(start, record),
      value: this.#chunk.subarray(record, this.#at),
    };
  }

  #reserve(bytes: number): number {
    if (this.#at + bytes > this.#chunk.length) {
      this.#chunk = Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, bytes));
      this.#at = 0;
    }
    return this.#at;
  }
}

/** No page with this root is longer. */
export function roomFor(root: TreeNode): number {
  const own = (root.key?.length ?? 0) + (root.value?.length ?? 0) + (root.end - root.at);
  return own + 2 * MAX_CHILD_BYTES + 8 + MAX_INLINE_PART;
}

/** Writes the record of a page. Returns the next free place. */
export function writePage(out: Buffer, start: number, root: TreeNode): number {
  return writeContent(out, start, root);
}

function writeContent(out: Buffer, start: number, node: TreeNode): number {
  if (node.record !== undefined) {
    out.set(node.record.subarray(node.at, node.end), start);
    return start + node.end - node.at;
  }
  assert(node.key !== undefined, 'a page is written from nodes that have been read');
  let at = writeUvarint(out, start, node.key.length);
  at = writeText(out, at, node.key);
  if (node.height === 0) {
    out.set(node.value as Bytes, at);
    return at + (node.value as Bytes).length;
  }
  at = writeChild(out, at, node.left as TreeNode);
  return writeChild(out, at, node.right as TreeNode);
}

function writeText(out: Buffer, at: number, text: string): number {
  return at + out.write(text, at, text.length, 'latin1');
}

function writeChild(out: Buffer, start: number, child: TreeNode): number {
  let at = writeUvarint(out, start, child.version);
  out[at++] = child.height;
  if (child.height > 0) at = writeUvarint(out, at, child.size);
  at = writeText(out, at, child.hash as string);
  at = writeUvarint(out, at, child.nonce);
  if (child.nonce > 0) return writeUvarint(out, at, child.page);
  const end = writeContent(out, at + 2, child);
  out.writeUInt16BE(end - at - 2, at);
  return end;
}

/** A child as it stands in the record of its parent's page. */
export class ChildHead implements NodeRef {
  readonly record: Bytes;
  readonly start: number;
  readonly version: number;
  readonly height: number;
  readonly size: number;
  readonly hashAt: number;
  readonly nonce: number;
  readonly page: number;
  /** Where the content is, when it is in the same page. */
  readonly at: number;
  /** Behind all of it. */
  readonly end: number;

  /** `page`: the page that is being read. */
  constructor(reader: ByteReader, record: Bytes, page: number) {
    this.record = record;
    this.start = reader.at;
    this.version = reader.number();
    this.height = reader.byte();
    this.size = this.height > 0 ? reader.number() : 1;
    this.hashAt = reader.skip(HASH_BYTES);
    this.nonce = reader.number();
    this.page = this.nonce > 0 ? reader.number() : page;
    this.at = this.nonce > 0 ? 0 : reader.skip(reader.byte() * 256 + reader.byte());
    this.end = reader.at;
  }

  get hash(): string {
    return partToText(this.record, this.hashAt, this.hashAt + HASH_BYTES);
  }
}

/** Fills a stub whose record is known. */
export function decodeContent(node: TreeNode): void {
  const record = node.record as Bytes;
  const reader = new ByteReader(record, node.at, node.end);
  const key = reader.text(reader.number());
  if (node.height === 0) {
    node.value = reader.rest();
  } else {
    node.left = readChild(reader, record, node);
    node.right = readChild(reader, record, node);
    reader.end();
  }
  node.key = key;
}

function readChild(reader: ByteReader, record: Bytes, parent: TreeNode): TreeNode {
  const head = new ChildHead(reader, record, parent.page);
  const node = stubOf(head);
  if (head.nonce > 0) return node;
  node.record = record;
  node.trusted = parent.trusted;
  node.at = head.at;
  node.end = head.end;
  return node;
}

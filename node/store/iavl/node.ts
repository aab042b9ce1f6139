/**
 * Nodes of the IAVL tree, version 1, and their hashes. A leaf holds a key and a value; an inner
 * node holds the smallest key of its right subtree, which is not hashed.
 *
 * A node of a saved tree may be a stub: version, size and hash are known from its parent, the
 * content is read when somebody needs it. Saved nodes never change, so they can become stubs again.
 * They are stored in pages of a few nodes: see page.ts.
 *
 * Keys and hashes are held as text of code units 0 to 255 (see toText): a quarter of the memory of
 * a byte array, compared faster, and in the same order.
 */
import { hash as nodeHash } from 'node:crypto';
import { EMPTY, type Bytes } from '../../base/bytes.ts';
import { assert } from '../../base/errors.ts';
import { sha256 } from '../../base/hash.ts';
import { MAX_STORE_KEY_BYTES } from '../../base/limits.ts';

export const EMPTY_ROOT: Bytes = sha256(EMPTY);

export class TreeNode {
  /** 0 for a leaf. */
  height: number;
  /** Number of leaves below and including this node. */
  size: number;
  /** The version that created the node. */
  version: number;
  /** The version whose commit stored it; 0 while it is not saved. A saved node never changes. */
  page = 0;
  /** Its page's number in that version, from 1, when the node is the root of a page; else 0. */
  nonce = 0;
  hash: string | undefined;
  /** The content is loaded exactly when the key is there. */
  key: string | undefined;
  value: Bytes | undefined;
  left: TreeNode | undefined;
  right: TreeNode | undefined;
  /** The record that holds the content, from `at` to `end`: known when its page has been read. */
  record: Bytes | undefined;
  at = 0;
  end = 0;
  /** The record never left this process: its hashes need no check. */
  trusted = false;
  /** Only the writer with this number may change the node in place. */
  owner = 0;
  /** The newest round in which somebody looked at the node. */
  used = 0;

  constructor(height: number, size: number, version: number) {
    this.height = height;
    this.size = size;
    this.version = version;
  }
}

export function leafNode(key: string, value: Bytes, version: number): TreeNode {
  const node = new TreeNode(0, 1, version);
  node.key = key;
  node.value = value;
  return node;
}

/** Where a page lies. */
export interface PagePlace {
  readonly page: number;
  readonly nonce: number;
}

/** What a parent knows of a saved child that is the root of a page. */
export interface NodeRef extends PagePlace {
  readonly version: number;
  readonly height: number;
  readonly size: number;
  readonly hash: string;
}

export function stubOf(ref: NodeRef): TreeNode {
  const node = new TreeNode(ref.height, ref.size, ref.version);
  node.page = ref.page;
  node.nonce = ref.nonce;
  node.hash = ref.hash;
  return node;
}

export function refOf(node: TreeNode): NodeRef {
  assert(node.hash && node.nonce > 0, 'only the root of a saved page can be referred to');
  return node as NodeRef;
}

/** Room for three varints, a key or a hash with its length, and a hash with its length. */
const scratch = Buffer.alloc(MAX_STORE_KEY_BYTES + 128);
/** Its beginnings by length: made once, not for each of the many nodes of a commit. */
const beginnings: Buffer[] = [];

function hashOfScratch(length: number): string {
  const bytes = (beginnings[length] ??= scratch.subarray(0, length));
  return nodeHash('sha256', bytes, 'binary');
}

/** Writes Go's signed varint of a number that is not negative. Returns the next free place. */
function writeVarint(out: Uint8Array, at: number, value: number): number {
  return writeUvarint(out, at, value * 2);
}

export function writeUvarint(out: Uint8Array, at: number, value: number): number {
  let rest = value;
  let place = at;
  while (rest >= 0x80) {
    out[place++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  out[place++] = rest;
  return place;
}

/** What stands in front of every node's hash. */
export type HashedHead = Pick<TreeNode, 'height' | 'size' | 'version'>;

/** height, size and version as they stand in front of every node's hash. */
export function writeNodePrefix(out: Uint8Array, node: HashedHead): number {
  let at = writeVarint(out, 0, node.height);
  at = writeVarint(out, at, node.size);
  return writeVarint(out, at, node.version);
}

/** The hash from the loaded content; the children's hashes must be known. */
export function hashNode(node: TreeNode): string {
  if (node.height === 0) {
    const { key, value } = node;
    assert(key !== undefined && value, 'a leaf is loaded before it is hashed');
    return hashLeaf(node, key, value);
  }
  const left = node.left?.hash;
  const right = node.right?.hash;
  assert(left && right, 'the children are hashed before their parent');
  return hashInner(node, left, right);
}

/** 32 bytes of a record that are a hash. */
export interface HashPlace {
  readonly record: Bytes;
  readonly hashAt: number;
}

function writeHash(at: number, hash: string | HashPlace): number {
  scratch[at] = 32;
  if (typeof hash === 'string') scratch.write(hash, at + 1, 32, 'latin1');
  else scratch.set(hash.record.subarray(hash.hashAt, hash.hashAt + 32), at + 1);
  return at + 33;
}

export function hashInner(
  head: HashedHead,
  left: string | HashPlace,
  right: string | HashPlace,
): string {
  const at = writeHash(writeNodePrefix(scratch, head), left);
  return hashOfScratch(writeHash(at, right));
}

export function hashLeaf(head: HashedHead, key: string, value: Bytes): string {
  // Stores refuse longer keys; the tree itself takes them.
  const out = key.length <= MAX_STORE_KEY_BYTES ? scratch : Buffer.alloc(key.length + 128);
  let at = writeNodePrefix(out, head);
  at = writeUvarint(out, at, key.length);
  at += out.write(key, at, key.length, 'latin1');
  out[at++] = 32;
  out.write(nodeHash('sha256', value, 'binary'), at, 32, 'latin1');
  if (out === scratch) return hashOfScratch(at + 32);
  return nodeHash('sha256', out.subarray(0, at + 32), 'binary');
}

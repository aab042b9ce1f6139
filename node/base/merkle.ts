/**
 * The simple Merkle tree of CometBFT (RFC 6962 over SHA-256): leaves and inner nodes are hashed under
 * different prefixes, and the left subtree holds the largest power of two below the number of items.
 */
import { concat, equal, type Bytes } from './bytes.ts';
import { sha256 } from './hash.ts';
import { MAX_MERKLE_AUNTS } from './limits.ts';

const LEAF_PREFIX = 0;
const INNER_PREFIX = 1;
const HASH_BYTES = 32;
const EMPTY_ROOT = sha256(new Uint8Array(0));

export interface MerkleProof {
  /** Number of items in the tree. */
  readonly total: number;
  /** Position of the proved item, from 0. */
  readonly index: number;
  readonly leafHash: Bytes;
  /** Sibling hashes from the leaf up. */
  readonly aunts: readonly Bytes[];
}

/** What is hashed is put together here: a tree of many leaves would make two arrays for each. */
const leaf = new Uint8Array(1_024);
const hashLeaf = leaf.subarray(0, 1 + HASH_BYTES);
const inner = new Uint8Array(1 + 2 * HASH_BYTES);
leaf[0] = LEAF_PREFIX;
inner[0] = INNER_PREFIX;

function merkleLeafHash(item: Bytes): Bytes {
  const size = 1 + item.length;
  if (size > leaf.length) return sha256(concat(Uint8Array.of(LEAF_PREFIX), item));
  leaf.set(item, 1);
  return sha256(size === hashLeaf.length ? hashLeaf : leaf.subarray(0, size));
}

function merkleInnerHash(left: Bytes, right: Bytes): Bytes {
  inner.set(left, 1);
  inner.set(right, 1 + HASH_BYTES);
  return sha256(inner);
}

/** The largest power of two below `count`; `count` is at least 2. */
function splitPoint(count: number): number {
  let split = 1;
  while (split * 2 < count) split *= 2;
  return split;
}

function rootOf(hashes: readonly Bytes[], start: number, end: number): Bytes {
  const count = end - start;
  if (count === 1) return hashes[start]!;
  const middle = start + splitPoint(count);
  return merkleInnerHash(rootOf(hashes, start, middle), rootOf(hashes, middle, end));
}

/** 32 bytes; the hash of nothing for an empty list. */
export function merkleRoot(items: readonly Bytes[]): Bytes {
  if (items.length === 0) return EMPTY_ROOT;
  return rootOf(items.map(merkleLeafHash), 0, items.length);
}

/** Fills the aunts of the leaves from `start` to `end`, bottom up, and returns the root of that part. */
function collectAunts(
  hashes: readonly Bytes[],
  aunts: Bytes[][],
  start: number,
  end: number,
): Bytes {
  if (end - start === 1) return hashes[start]!;
  const middle = start + splitPoint(end - start);
  const left = collectAunts(hashes, aunts, start, middle);
  const right = collectAunts(hashes, aunts, middle, end);
  for (let i = start; i < middle; i++) aunts[i]!.push(right);
  for (let i = middle; i < end; i++) aunts[i]!.push(left);
  return merkleInnerHash(left, right);
}

/** The root and one proof per item. */
export function merkleProofs(items: readonly Bytes[]): {
  readonly root: Bytes;
  readonly proofs: readonly MerkleProof[];
} {
  if (items.length === 0) return { root: EMPTY_ROOT, proofs: [] };
  const hashes = items.map(merkleLeafHash);
  const aunts: Bytes[][] = items.map(() => []);
  const root = collectAunts(hashes, aunts, 0, items.length);
  const total = items.length;
  const proofs = hashes.map((leafHash, index) => ({
    total,
    index,
    leafHash,
    aunts: aunts[index]!,
  }));
  return { root, proofs };
}

/** True for each level, from the leaf up, on which the item is in the left half. */
export function pathFromLeaf(index: number, total: number): boolean[] {
  const path: boolean[] = [];
  let [position, count] = [index, total];
  while (count > 1) {
    const split = splitPoint(count);
    const isLeft = position < split;
    path.push(isLeft);
    position = isLeft ? position : position - split;
    count = isLeft ? split : count - split;
  }
  return path.reverse();
}

/** True when `item` is item `proof.index` of `proof.total` under `root`. Never throws on foreign data. */
export function verifyMerkleProof(proof: MerkleProof, root: Bytes, item: Bytes): boolean {
  const { total, index, aunts } = proof;
  if (!Number.isSafeInteger(total) || !Number.isSafeInteger(index)) return false;
  if (total < 1 || index < 0 || index >= total || aunts.length > MAX_MERKLE_AUNTS) return false;
  const path = pathFromLeaf(index, total);
  if (path.length !== aunts.length) return false;
  let hash = merkleLeafHash(item);
  if (!equal(hash, proof.leafHash)) return false;
  for (const [level, isLeft] of path.entries()) {
    const aunt = aunts[level]!;
    if (aunt.length !== HASH_BYTES) return false;
    hash = isLeft ? merkleInnerHash(hash, aunt) : merkleInnerHash(aunt, hash);
  }
  return equal(hash, root);
}

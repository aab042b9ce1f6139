/** The hashes inside headers, and what signatures stand for. */
import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import * as p from './proto.ts';
import { same, type Bytes } from './proto.ts';
import {
  writeBlockId,
  writeCommitSig,
  writeDuplicateVotes,
  writeTime,
  writeVersion,
  type BlockId,
  type Commit,
  type DuplicateVotes,
  type Header,
  type Timestamp,
} from './formats.ts';

export interface Validator {
  readonly address: Bytes;
  readonly pubKey: Bytes;
  readonly power: bigint;
}

const PART_BYTES = 65_536;
const LEAF = Uint8Array.of(0);
const INNER = Uint8Array.of(1);

export function sha256(...parts: readonly Bytes[]): Bytes {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

/** RFC 6962. */
export function merkleRoot(items: readonly Bytes[]): Bytes {
  if (items.length === 0) return sha256();
  if (items.length === 1) return sha256(LEAF, items[0]!);
  let half = 1;
  while (half * 2 < items.length) half *= 2;
  return sha256(INNER, merkleRoot(items.slice(0, half)), merkleRoot(items.slice(half)));
}

export function headerHash(header: Header): Bytes {
  return merkleRoot([
    writeVersion(header),
    p.bytes(1, header.chainId),
    p.int(1, header.height),
    writeTime(header.time),
    writeBlockId(header.lastBlockId),
    ...[
      header.lastCommitHash,
      header.dataHash,
      header.validatorsHash,
      header.nextValidatorsHash,
      header.consensusHash,
      header.appHash,
      header.lastResultsHash,
      header.evidenceHash,
      header.proposer,
    ].map((value) => p.bytes(1, value)),
  ]);
}

/** Total and root of the 64 KiB parts of a block's bytes. */
export function partsOf(block: Bytes): Pick<BlockId, 'total' | 'partsHash'> {
  const parts: Bytes[] = [];
  for (let at = 0; at < block.length; at += PART_BYTES) {
    parts.push(block.subarray(at, at + PART_BYTES));
  }
  return { total: parts.length, partsHash: merkleRoot(parts) };
}

export const dataHash = (txs: readonly Bytes[]): Bytes => merkleRoot(txs.map((tx) => sha256(tx)));

export const commitHash = (commit: Commit): Bytes =>
  merkleRoot(commit.signatures.map(writeCommitSig));

export const evidenceHash = (list: readonly DuplicateVotes[]): Bytes =>
  merkleRoot(list.map(writeDuplicateVotes));

export const addressOf = (pubKey: Bytes): Bytes => sha256(pubKey).slice(0, 20);

/** The set must be in its order: see `inOrder`. */
export const validatorsHash = (set: readonly Validator[]): Bytes =>
  merkleRoot(
    set.map(({ pubKey, power }) => p.join([p.message(1, p.bytes(1, pubKey)), p.int(2, power)])),
  );

/** Power descending, then address ascending. */
export function inOrder(set: readonly Validator[]): Validator[] {
  return set.toSorted((a, b) =>
    a.power !== b.power ? (a.power > b.power ? -1 : 1) : Buffer.compare(a.address, b.address),
  );
}

export const powerOf = (set: readonly Validator[]): bigint =>
  set.reduce((sum, { power }) => sum + power, 0n);

export const consensusHash = (maxBytes: bigint, maxGas: bigint): Bytes =>
  sha256(p.join([p.int(1, maxBytes), p.int(2, maxGas)]));

export interface SignedVote {
  readonly type: number;
  readonly height: bigint;
  readonly round: number;
  readonly blockId: BlockId;
  readonly time: Timestamp;
}

/** CanonicalVote with its length in front; nil has no block id. */
export function voteSignBytes(chainId: string, vote: SignedVote): Bytes {
  const { hash, total, partsHash } = vote.blockId;
  const isNil = hash.length === 0 && total === 0 && partsHash.length === 0;
  const content = p.join([
    p.int(1, vote.type),
    p.fixed(2, vote.height),
    p.fixed(3, vote.round),
    isNil ? p.EMPTY : p.message(4, writeBlockId(vote.blockId)),
    p.message(5, writeTime(vote.time)),
    p.bytes(6, chainId),
  ]);
  return p.join([p.uvarint(content.length), content]);
}

const ED25519_DER = p.unhex('302a300506032b6570032100');
const keyObjects = new Map<string, KeyObject>();
const MAX_KEY_OBJECTS = 10_000;

function keyObject(pubKey: Bytes): KeyObject {
  const name = p.hex(pubKey);
  let key = keyObjects.get(name);
  if (key === undefined) {
    const der = Buffer.from(p.join([ED25519_DER, pubKey]));
    key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    if (keyObjects.size >= MAX_KEY_OBJECTS) keyObjects.clear();
    keyObjects.set(name, key);
  }
  return key;
}

/** ZIP-215. OpenSSL accepts less than that, so its yes is final and its no is asked again. */
export function verifySignature(pubKey: Bytes, message: Bytes, signature: Bytes): boolean {
  if (pubKey.length !== 32 || signature.length !== 64) return false;
  try {
    if (verify(null, message, keyObject(pubKey), signature)) return true;
  } catch {
    // A key that OpenSSL refuses may still be one for ZIP-215.
  }
  try {
    return ed25519.verify(signature, message, pubKey, { zip215: true });
  } catch {
    return false;
  }
}

/** Power 0 removes; anything else adds or changes. */
export function updated(set: readonly Validator[], changes: readonly Validator[]): Validator[] {
  const untouched = set.filter(({ pubKey }) => !changes.some((one) => same(one.pubKey, pubKey)));
  return inOrder([...untouched, ...changes.filter(({ power }) => power > 0n)]);
}

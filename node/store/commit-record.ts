/** The record of a commit: the roots of all stores at one version, and the app hash over them. */
import { concat, equal, fromUtf8, utf8, type Bytes } from '../base/bytes.ts';
import { sha256 } from '../base/hash.ts';
import { merkleProofs, merkleRoot, pathFromLeaf } from '../base/merkle.ts';
import { lengthPrefixed } from '../base/proto-writer.ts';
import { ByteReader } from './byte-reader.ts';
import type { StoreKind } from './committed-store.ts';
import { DamagedStoreError } from './errors.ts';
import { encodeRef, readRef } from './iavl/codec.ts';
import { EMPTY_ROOT, writeUvarint, type NodeRef } from './iavl/node.ts';
import { encodeProof } from './ics23/codec.ts';
import { HashOp, TENDERMINT_SPEC, type CommitmentProof, type InnerOp } from './ics23/types.ts';
import { fromText } from './kv.ts';
import { storeLabel } from './layout.ts';

export interface StoreRoot {
  readonly name: string;
  readonly kind: StoreKind;
  /** undefined: the store is empty. */
  readonly root: NodeRef | undefined;
}

export interface CommitRecord {
  readonly version: number;
  /** Sorted by name. */
  readonly stores: readonly StoreRoot[];
}

/** The order of store names in the app hash: as bytes; names are ASCII. */
export function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

interface NamedHash {
  readonly name: string;
  readonly hash: Bytes;
}

function leafOf(store: NamedHash): Bytes {
  return concat(lengthPrefixed(utf8(store.name)), lengthPrefixed(sha256(store.hash)));
}

/** The Merkle root over (name, hash of the store root), for stores sorted by name. */
export function appHashOf(stores: readonly NamedHash[]): Bytes {
  return merkleRoot(stores.map(leafOf));
}

export function hashedStores(record: CommitRecord): NamedHash[] {
  return record.stores
    .filter((store) => store.kind === 'iavl')
    .map((store) => ({
      name: store.name,
      hash: store.root ? fromText(store.root.hash) : EMPTY_ROOT,
    }));
}

/** The ICS-23 proof of one store's root under the app hash. */
function proveStore(record: CommitRecord, name: string): CommitmentProof {
  const stores = hashedStores(record);
  const index = stores.findIndex((store) => store.name === name);
  const store = stores[index] as NamedHash;
  const proof = merkleProofs(stores.map(leafOf)).proofs[index];
  const path = pathFromLeaf(index, stores.length).map((isLeft, level): InnerOp => {
    const aunt = proof?.aunts[level] as Bytes;
    const side = Uint8Array.of(1);
    return isLeft
      ? { hash: HashOp.SHA256, prefix: side, suffix: aunt }
      : { hash: HashOp.SHA256, prefix: concat(side, aunt), suffix: new Uint8Array(0) };
  });
  const leaf = TENDERMINT_SPEC.leafSpec;
  return { exist: { key: utf8(store.name), value: store.hash, leaf, path } };
}

const encodedProofs = new WeakMap<CommitRecord, Map<string, Bytes>>();

/** The same in protobuf, kept for as long as the record: all proofs of a version end with one of them. */
export function encodedStoreProof(record: CommitRecord, name: string): Bytes {
  const known = encodedProofs.get(record) ?? new Map<string, Bytes>();
  encodedProofs.set(record, known);
  let proof = known.get(name);
  if (!proof) {
    proof = encodeProof(proveStore(record, name));
    known.set(name, proof);
  }
  return proof;
}

/** Followed by 32 bytes of SHA-256, so that damage inside a record is noticed. */
export function encodeCommitRecord(record: CommitRecord): Bytes {
  const head = new Uint8Array(20);
  const at = writeUvarint(head, writeUvarint(head, 0, record.version), record.stores.length);
  const parts: Bytes[] = [head.subarray(0, at)];
  for (const store of record.stores) {
    const flags = (store.kind === 'plain' ? 1 : 0) + (store.root ? 2 : 0);
    parts.push(storeLabel(store.name), Uint8Array.of(flags));
    if (store.root) parts.push(encodeRef(store.root));
  }
  const body = concat(...parts);
  return concat(body, sha256(body));
}

function readName(reader: ByteReader): string {
  const bytes = reader.take(reader.byte());
  try {
    return fromUtf8(bytes);
  } catch (cause) {
    throw new DamagedStoreError('the name of a store is not UTF-8', { cause });
  }
}

export function decodeCommitRecord(bytes: Bytes): CommitRecord {
  const body = bytes.subarray(0, Math.max(0, bytes.length - 32));
  if (!equal(sha256(body), bytes.subarray(body.length))) {
    throw new DamagedStoreError('a commit record does not match its checksum');
  }
  const reader = new ByteReader(body);
  const version = reader.number();
  const count = reader.number();
  const stores: StoreRoot[] = [];
  for (let i = 0; i < count; i++) {
    const name = readName(reader);
    const flags = reader.byte();
    if (flags > 3) throw new DamagedStoreError('a commit record names an unknown kind of store');
    const root = flags & 2 ? readRef(reader) : undefined;
    stores.push({ name, kind: flags & 1 ? 'plain' : 'iavl', root });
  }
  reader.end();
  return { version, stores };
}

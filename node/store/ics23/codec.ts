/** Protobuf of ICS-23 proofs. Batched and compressed proofs are not accepted. */
import type { Bytes } from '../../base/bytes.ts';
import { BitscaleError } from '../../base/errors.ts';
import { checkCanonical, ProtoReader } from '../../base/proto-reader.ts';
import { ProtoWriter } from '../../base/proto-writer.ts';
import { ErrInvalidProof } from '../errors.ts';
import type {
  CommitmentProof,
  ExistenceProof,
  InnerOp,
  LeafOp,
  NonExistenceProof,
} from './types.ts';

export function encodeProof(proof: CommitmentProof): Bytes {
  const writer = new ProtoWriter();
  const always = { always: true };
  if (proof.exist) return writer.message(1, encodeExistence(proof.exist), always).finish();
  return writer.message(2, encodeNonExistence(proof.nonexist), always).finish();
}

function encodeExistence(proof: ExistenceProof): Bytes {
  const writer = new ProtoWriter().bytes(1, proof.key).bytes(2, proof.value);
  if (proof.leaf) writer.message(3, encodeLeaf(proof.leaf), { always: true });
  for (const step of proof.path) writer.message(4, encodeInner(step), { always: true });
  return writer.finish();
}

function encodeNonExistence(proof: NonExistenceProof): Bytes {
  const writer = new ProtoWriter().bytes(1, proof.key);
  if (proof.left) writer.message(2, encodeExistence(proof.left), { always: true });
  if (proof.right) writer.message(3, encodeExistence(proof.right), { always: true });
  return writer.finish();
}

function encodeLeaf(leaf: LeafOp): Bytes {
  return new ProtoWriter()
    .int64(1, leaf.hash)
    .int64(2, leaf.prehashKey)
    .int64(3, leaf.prehashValue)
    .int64(4, leaf.length)
    .bytes(5, leaf.prefix)
    .finish();
}

function encodeInner(step: InnerOp): Bytes {
  return new ProtoWriter().int64(1, step.hash).bytes(2, step.prefix).bytes(3, step.suffix).finish();
}

/** Throws BitscaleError on anything that is not one existence or absence proof in its only encoding. */
export function decodeProof(bytes: Bytes): CommitmentProof {
  return checkCanonical(bytes, readProof, encodeProof);
}

function readProof(bytes: Bytes): CommitmentProof {
  const reader = new ProtoReader(bytes);
  let proof: CommitmentProof | undefined;
  while (reader.next()) {
    if (proof || reader.field > 2) {
      throw new BitscaleError(ErrInvalidProof, 'neither one existence nor one absence proof');
    }
    if (reader.field === 1) proof = { exist: reader.message(decodeExistence, { repeated: [4] }) };
    else proof = { nonexist: reader.message(decodeNonExistence) };
  }
  if (!proof) throw new BitscaleError(ErrInvalidProof, 'the proof is empty');
  return proof;
}

const NOTHING: Bytes = new Uint8Array(0);

function decodeExistence(reader: ProtoReader): ExistenceProof {
  let key = NOTHING;
  let value = NOTHING;
  let leaf: LeafOp | undefined;
  const path: InnerOp[] = [];
  while (reader.next()) {
    if (reader.field === 1) key = reader.bytes();
    else if (reader.field === 2) value = reader.bytes();
    else if (reader.field === 3) leaf = reader.message(decodeLeaf);
    else if (reader.field === 4) path.push(reader.message(decodeInner));
    else reader.unknown();
  }
  return { key, value, leaf, path };
}

function decodeNonExistence(reader: ProtoReader): NonExistenceProof {
  let key = NOTHING;
  let left: ExistenceProof | undefined;
  let right: ExistenceProof | undefined;
  while (reader.next()) {
    if (reader.field === 1) key = reader.bytes();
    else if (reader.field === 2) left = reader.message(decodeExistence, { repeated: [4] });
    else if (reader.field === 3) right = reader.message(decodeExistence, { repeated: [4] });
    else reader.unknown();
  }
  return { key, left, right };
}

function decodeLeaf(reader: ProtoReader): LeafOp {
  const leaf = { hash: 0, prehashKey: 0, prehashValue: 0, length: 0, prefix: NOTHING };
  while (reader.next()) {
    if (reader.field === 1) leaf.hash = reader.int32();
    else if (reader.field === 2) leaf.prehashKey = reader.int32();
    else if (reader.field === 3) leaf.prehashValue = reader.int32();
    else if (reader.field === 4) leaf.length = reader.int32();
    else if (reader.field === 5) leaf.prefix = reader.bytes();
    else reader.unknown();
  }
  return leaf;
}

function decodeInner(reader: ProtoReader): InnerOp {
  const step = { hash: 0, prefix: NOTHING, suffix: NOTHING };
  while (reader.next()) {
    if (reader.field === 1) step.hash = reader.int32();
    else if (reader.field === 2) step.prefix = reader.bytes();
    else if (reader.field === 3) step.suffix = reader.bytes();
    else reader.unknown();
  }
  return step;
}

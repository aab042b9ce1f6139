/** The hash steps of an ICS-23 proof and the check of each step against the spec of its tree. */
import { hash as nodeHash } from 'node:crypto';
import { compare, concat, type Bytes } from '../../base/bytes.ts';
import { BitscaleError } from '../../base/errors.ts';
import { ripemd160, sha256 } from '../../base/hash.ts';
import { encodeVarint } from '../../base/proto-writer.ts';
import { ErrInvalidProof } from '../errors.ts';
import {
  HashOp,
  IAVL_SPEC,
  LengthOp,
  TENDERMINT_SPEC,
  type InnerOp,
  type LeafOp,
  type ProofSpec,
} from './types.ts';

export function refuse(why: string): never {
  throw new BitscaleError(ErrInvalidProof, why);
}

const nodeNames = new Map<number, string>([
  [HashOp.SHA512, 'sha512'],
  [HashOp.SHA512_256, 'sha512-256'],
  [HashOp.BLAKE2B_512, 'blake2b512'],
  [HashOp.BLAKE2S_256, 'blake2s256'],
]);

export function applyHash(op: number, data: Bytes): Bytes {
  if (op === HashOp.SHA256) return sha256(data);
  if (op === HashOp.RIPEMD160) return ripemd160(data);
  if (op === HashOp.BITCOIN) return ripemd160(sha256(data));
  const name = nodeNames.get(op);
  if (name === undefined) refuse(`unsupported hash operation ${op}`);
  return new Uint8Array(nodeHash(name, data, 'buffer'));
}

function applyLength(op: number, data: Bytes): Bytes {
  switch (op) {
    case LengthOp.NONE:
      return data;
    case LengthOp.VAR_PROTO:
      return concat(encodeVarint(data.length), data);
    case LengthOp.FIXED32_BIG:
    case LengthOp.FIXED32_LITTLE:
      return concat(fixedLength(data.length, 4, op === LengthOp.FIXED32_LITTLE), data);
    case LengthOp.FIXED64_BIG:
    case LengthOp.FIXED64_LITTLE:
      return concat(fixedLength(data.length, 8, op === LengthOp.FIXED64_LITTLE), data);
    case LengthOp.REQUIRE_32_BYTES:
      return data.length === 32 ? data : refuse(`data has ${data.length} bytes, not 32`);
    case LengthOp.REQUIRE_64_BYTES:
      return data.length === 64 ? data : refuse(`data has ${data.length} bytes, not 64`);
    default:
      return refuse(`unsupported length operation ${op}`);
  }
}

function fixedLength(length: number, width: 4 | 8, little: boolean): Bytes {
  const out = new Uint8Array(width);
  new DataView(out.buffer).setUint32(little ? 0 : width - 4, length, little);
  return out;
}

function leafPart(hashOp: number, lengthOp: number, data: Bytes): Bytes {
  return applyLength(lengthOp, hashOp === HashOp.NONE ? data : applyHash(hashOp, data));
}

export function applyLeaf(op: LeafOp, key: Bytes, value: Bytes): Bytes {
  if (key.length === 0) refuse('a leaf needs a key');
  if (value.length === 0) refuse('a leaf needs a value');
  const keyPart = leafPart(op.prehashKey, op.length, key);
  const valuePart = leafPart(op.prehashValue, op.length, value);
  return applyHash(op.hash, concat(op.prefix, keyPart, valuePart));
}

export function applyInner(op: InnerOp, child: Bytes): Bytes {
  if (child.length === 0) refuse('an inner step needs a child');
  return applyHash(op.hash, concat(op.prefix, child, op.suffix));
}

export function checkLeaf(op: LeafOp, spec: ProofSpec): void {
  const wanted = spec.leafSpec;
  if (looksLike(IAVL_SPEC, spec)) checkIavlPrefix(op, 0);
  if (op.hash !== wanted.hash) refuse(`unexpected leaf hash ${op.hash}`);
  if (op.prehashKey !== wanted.prehashKey) refuse(`unexpected key hash ${op.prehashKey}`);
  if (op.prehashValue !== wanted.prehashValue) refuse(`unexpected value hash ${op.prehashValue}`);
  if (op.length !== wanted.length) refuse(`unexpected length operation ${op.length}`);
  if (!startsWith(op.prefix, wanted.prefix)) refuse('the leaf prefix is not the one of the spec');
}

/** `layer`: distance from the leaf, 1 for the step directly above it. */
export function checkInner(op: InnerOp, spec: ProofSpec, layer: number): void {
  const wanted = spec.innerSpec;
  if (op.hash !== wanted.hash) refuse(`unexpected inner hash ${op.hash}`);
  if (looksLike(IAVL_SPEC, spec)) checkIavlPrefix(op, layer);
  if (looksLike(TENDERMINT_SPEC, spec)) checkTendermintPrefix(op);
  if (startsWith(op.prefix, spec.leafSpec.prefix)) refuse('an inner prefix looks like a leaf');
  if (op.prefix.length < wanted.minPrefixLength) refuse('an inner prefix is too short');
  const leftBytes = (wanted.childOrder.length - 1) * wanted.childSize;
  if (op.prefix.length > wanted.maxPrefixLength + leftBytes) refuse('an inner prefix is too long');
  if (wanted.childSize <= 0) refuse('the spec has no child size');
  if (wanted.maxPrefixLength >= wanted.minPrefixLength + wanted.childSize) {
    refuse('by this spec a prefix could hide a child');
  }
  if (op.suffix.length % wanted.childSize !== 0) refuse('an inner suffix is malformed');
}

/** A tree of CometBFT writes 1 in front of an inner node, and its left child behind it for a right one. */
function checkTendermintPrefix(op: InnerOp): void {
  if (op.prefix[0] !== 1) refuse('an inner prefix does not begin with 1');
  if (op.suffix.length > 0 && op.prefix.length !== 1) refuse('an inner prefix before a left child');
}

/** An IAVL prefix starts with height, size and version; the height is at least the layer. */
function checkIavlPrefix(op: LeafOp | InnerOp, layer: number): void {
  let at = 0;
  const numbers = [0, 1, 2].map(() => {
    const { value, next } = signedVarint(op.prefix, at);
    if (value < 0n) refuse('a negative number in an IAVL prefix');
    at = next;
    return value;
  }) as [bigint, bigint, bigint];
  if (numbers[0] < BigInt(layer)) refuse('the height in an IAVL prefix is too small');
  const rest = op.prefix.length - at;
  if (layer === 0) {
    if (rest !== 0) refuse('an IAVL leaf prefix is too long');
    if (numbers[0] !== 0n || numbers[1] !== 1n) refuse('an IAVL leaf has height 0 and size 1');
    return;
  }
  // A left child is preceded by its length byte, a right one by its whole sibling as well.
  if (rest !== 1 && rest !== 34) refuse('an IAVL prefix has the wrong length');
  if (op.hash !== HashOp.SHA256) refuse('IAVL uses SHA-256');
}

function signedVarint(bytes: Bytes, start: number): { value: bigint; next: number } {
  let raw = 0n;
  for (let i = 0; i < 10; i++) {
    const byte = bytes[start + i];
    if (byte === undefined) refuse('an IAVL prefix is cut off');
    if (i === 9 && byte > 1) refuse('a number in an IAVL prefix is too large');
    raw |= BigInt(byte & 0x7f) << BigInt(7 * i);
    if (byte < 0x80) return { value: (raw >> 1n) ^ -(raw & 1n), next: start + i + 1 };
  }
  return refuse('a number in an IAVL prefix is too long');
}

function startsWith(bytes: Bytes, prefix: Bytes): boolean {
  return bytes.length >= prefix.length && compare(bytes.subarray(0, prefix.length), prefix) === 0;
}

/**
 * By its operations and sizes, as the reference decides it: other specs keep the checks of a tree off.
 */
function looksLike(tree: ProofSpec, spec: ProofSpec): boolean {
  const [leaf, inner] = [spec.leafSpec, spec.innerSpec];
  return (
    leaf.hash === tree.leafSpec.hash &&
    leaf.prehashKey === tree.leafSpec.prehashKey &&
    leaf.prehashValue === tree.leafSpec.prehashValue &&
    leaf.length === tree.leafSpec.length &&
    inner.hash === tree.innerSpec.hash &&
    inner.minPrefixLength === tree.innerSpec.minPrefixLength &&
    inner.maxPrefixLength === tree.innerSpec.maxPrefixLength &&
    inner.childSize === tree.innerSpec.childSize &&
    inner.childOrder.length === tree.innerSpec.childOrder.length
  );
}

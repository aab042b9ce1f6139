/**
 * Verifies ICS-23 proofs by the rules of the reference. Where the reference would panic on a
 * foreign proof, this refuses it. Every function throws BitscaleError(store/8) with the reason.
 */
import { compare, equal, type Bytes } from '../../base/bytes.ts';
import { MAX_PROOF_DEPTH } from '../../base/limits.ts';
import { areNeighbours, isLeftMost, isRightMost } from './neighbours.ts';
import { applyHash, applyInner, applyLeaf, checkInner, checkLeaf, refuse } from './ops.ts';
import {
  HashOp,
  type CommitmentProof,
  type ExistenceProof,
  type NonExistenceProof,
  type ProofSpec,
} from './types.ts';

/**
 * The root that an existence proof leads to. With a spec, no step may grow beyond its child size.
 */
export function rootOfExistence(proof: ExistenceProof, spec?: ProofSpec): Bytes {
  if (!proof.leaf) refuse('the proof has no leaf step');
  let hash = applyLeaf(proof.leaf, proof.key, proof.value);
  for (const step of proof.path) {
    hash = applyInner(step, hash);
    const childSize = spec?.innerSpec.childSize ?? 0;
    if (childSize >= 32 && hash.length > childSize) refuse('a step is longer than a child');
  }
  return hash;
}

/** The root a proof leads to, not checked against anything. */
export function rootOfProof(proof: CommitmentProof): Bytes {
  if (proof.exist) return rootOfExistence(proof.exist);
  const side = proof.nonexist.left ?? proof.nonexist.right;
  if (!side) refuse('the absence proof has neither a left nor a right neighbour');
  return rootOfExistence(side);
}

export function checkExistence(proof: ExistenceProof, spec: ProofSpec): void {
  if (!proof.leaf) refuse('the proof has no leaf step');
  checkLeaf(proof.leaf, spec);
  const depth = proof.path.length;
  const most = spec.maxDepth > 0 ? spec.maxDepth : MAX_PROOF_DEPTH;
  if (depth > most) refuse(`the proof has ${depth} steps`);
  if (spec.minDepth > 0 && depth < spec.minDepth) refuse(`the proof has only ${depth} steps`);
  proof.path.forEach((step, index) => checkInner(step, spec, index + 1));
}

interface Claim {
  readonly root: Bytes;
  readonly key: Bytes;
}

function verifyExistence(
  proof: ExistenceProof,
  spec: ProofSpec,
  claim: Claim & { readonly value: Bytes },
): void {
  checkExistence(proof, spec);
  if (!equal(proof.key, claim.key)) refuse('the proof is for another key');
  if (!equal(proof.value, claim.value)) refuse('the proof is for another value');
  if (!equal(rootOfExistence(proof, spec), claim.root)) refuse('the proof leads to another root');
}

function comparable(spec: ProofSpec, key: Bytes): Bytes {
  const op = spec.leafSpec.prehashKey;
  return spec.prehashKeyBeforeComparison && op !== HashOp.NONE ? applyHash(op, key) : key;
}

function verifyNonExistence(proof: NonExistenceProof, spec: ProofSpec, claim: Claim): void {
  const { left, right } = proof;
  if (left) verifyExistence(left, spec, { root: claim.root, key: left.key, value: left.value });
  if (right) verifyExistence(right, spec, { root: claim.root, key: right.key, value: right.value });
  const key = comparable(spec, claim.key);
  if (right && compare(key, comparable(spec, right.key)) >= 0)
    refuse('the key is not left of right');
  if (left && compare(key, comparable(spec, left.key)) <= 0) refuse('the key is not right of left');
  if (left && right) {
    if (!areNeighbours(spec.innerSpec, left.path, right.path)) refuse('there is room between them');
  } else if (right) {
    if (!isLeftMost(spec.innerSpec, right.path))
      refuse('the right neighbour is not the first leaf');
  } else if (left) {
    if (!isRightMost(spec.innerSpec, left.path)) refuse('the left neighbour is not the last leaf');
  } else {
    refuse('the absence proof has neither a left nor a right neighbour');
  }
}

/** Proves that `key` has `value` in the tree with this root. */
export function verifyMembership(
  spec: ProofSpec,
  proof: CommitmentProof,
  claim: { readonly root: Bytes; readonly key: Bytes; readonly value: Bytes },
): void {
  if (!proof.exist) refuse('not an existence proof');
  verifyExistence(proof.exist, spec, claim);
}

/** Proves that `key` is not in the tree with this root. */
export function verifyNonMembership(
  spec: ProofSpec,
  proof: CommitmentProof,
  claim: { readonly root: Bytes; readonly key: Bytes },
): void {
  if (!proof.nonexist) refuse('not an absence proof');
  // Trees that compare hashed keys name the hash here, the others the key itself.
  const named = proof.nonexist.key;
  if (!spec.prehashKeyBeforeComparison && !equal(named, claim.key)) {
    refuse('the proof is for another key');
  }
  verifyNonExistence(proof.nonexist, spec, claim);
}

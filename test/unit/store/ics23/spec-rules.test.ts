/** Rules of the reference verifier that its published cases do not show. */
import assert from 'node:assert/strict';
import { concat } from '../../../../node/base/bytes.ts';
import { MAX_PROOF_DEPTH } from '../../../../node/base/limits.ts';
import { checkInner, checkLeaf } from '../../../../node/store/ics23/ops.ts';
import {
  IAVL_SPEC,
  SMT_SPEC,
  TENDERMINT_SPEC,
  type InnerOp,
  type ProofSpec,
} from '../../../../node/store/ics23/types.ts';
import {
  checkExistence,
  rootOfExistence,
  verifyNonMembership,
} from '../../../../node/store/ics23/verify.ts';

const HASH = new Uint8Array(32).fill(7);
const step = (prefix: Uint8Array, suffix = new Uint8Array(0)): InnerOp => ({
  hash: 1,
  prefix,
  suffix,
});
const refused = (run: () => void, why: RegExp) => assert.throws(run, why);

describe('an inner step of a CometBFT tree', () => {
  const check = (op: InnerOp) => checkInner(op, TENDERMINT_SPEC, 1);
  const one = Uint8Array.of(1);

  it('has 1 in front of a left child, and 1 with the left child in front of a right one', () => {
    check(step(one, HASH));
    check(step(concat(one, HASH)));
  });

  for (const [name, op, why] of [
    ['nothing in front', step(new Uint8Array(0), HASH), /does not begin with 1/],
    ['another byte in front of a left child', step(Uint8Array.of(2), HASH), /begin with 1/],
    ['another byte in front of a right child', step(concat(Uint8Array.of(2), HASH)), /with 1/],
    ['a hash on both sides', step(concat(one, HASH), HASH), /before a left child/],
    ['a suffix that is no hash', step(one, HASH.slice(1)), /suffix is malformed/],
  ] as const) {
    it(`is refused with ${name}`, () => refused(() => check(op), why));
  }
});

describe('a step of an IAVL tree', () => {
  /** Zig-zag varints of height, size and version. */
  const leaf = (...prefix: number[]) => ({
    ...IAVL_SPEC.leafSpec,
    prefix: Uint8Array.from(prefix),
  });
  const check = (...prefix: number[]) => checkLeaf(leaf(...prefix), IAVL_SPEC);

  it('is a leaf only with height 0 and size 1', () => {
    check(0, 2, 8);
    refused(() => check(0, 4, 8), /height 0 and size 1/);
    refused(() => check(0, 0, 8), /height 0 and size 1/);
    refused(() => check(2, 2, 8), /height 0 and size 1/);
  });

  it('has no negative number, nothing cut off and nothing behind', () => {
    refused(() => check(0, 2, 7), /negative/);
    refused(() => check(0, 2), /cut off/);
    refused(() => check(0, 2, 8, 0), /too long/);
  });

  it('is at least as high as it stands above the leaf', () => {
    const inner = (height: number) => step(Uint8Array.of(2 * height, 12, 8, 32), HASH);
    const withLength = { ...inner(3), suffix: concat(Uint8Array.of(32), HASH) };
    checkInner(withLength, IAVL_SPEC, 3);
    refused(() => checkInner(withLength, IAVL_SPEC, 4), /height in an IAVL prefix is too small/);
  });
});

describe('a proof', () => {
  const deep = (spec: ProofSpec, steps: number) => ({
    key: HASH,
    value: HASH,
    leaf: spec.leafSpec,
    path: Array.from({ length: steps }, () => step(Uint8Array.of(1), HASH)),
  });

  it('has at most as many steps as its spec says, or 128', () => {
    assert.equal(MAX_PROOF_DEPTH, 128);
    checkExistence(deep(TENDERMINT_SPEC, 128), TENDERMINT_SPEC);
    refused(() => checkExistence(deep(TENDERMINT_SPEC, 129), TENDERMINT_SPEC), /129 steps/);
    checkExistence(deep(SMT_SPEC, 256), SMT_SPEC);
    refused(() => checkExistence(deep(SMT_SPEC, 257), SMT_SPEC), /257 steps/);
  });

  it('is refused under a spec by which a prefix could hide a child', () => {
    const innerSpec = { ...TENDERMINT_SPEC.innerSpec, maxPrefixLength: 33 };
    const spec = { ...TENDERMINT_SPEC, innerSpec };
    refused(() => checkExistence(deep(spec, 1), spec), /could hide a child/);
  });
});

describe('an absence proof in a tree that compares hashed keys', () => {
  const existence = (key: number) => ({
    key: Uint8Array.of(key),
    value: HASH,
    leaf: SMT_SPEC.leafSpec,
    path: [],
  });

  it('is judged by the order of the hashes, not of the keys', () => {
    // By SHA-256: 2 (dbc1..) < 5 (e77b..); 3 (084f..) is smaller than both.
    const right = existence(2);
    const root = rootOfExistence(right);
    const claim = (key: number) => ({ root, key: Uint8Array.of(key) });
    const proof = { nonexist: { key: HASH, right } };
    verifyNonMembership(SMT_SPEC, proof, claim(3));
    refused(() => verifyNonMembership(SMT_SPEC, proof, claim(5)), /not left of right/);
    refused(() => verifyNonMembership(SMT_SPEC, proof, claim(2)), /not left of right/);
  });
});

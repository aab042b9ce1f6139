import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { fromBase64, fromHex, toBase64, toHex, utf8 } from '../../../../node/base/bytes.ts';
import { decodeProof, encodeProof } from '../../../../node/store/ics23/codec.ts';
import {
  leftBranchesAreEmpty,
  rightBranchesAreEmpty,
} from '../../../../node/store/ics23/neighbours.ts';
import { applyHash, applyInner, applyLeaf, checkLeaf } from '../../../../node/store/ics23/ops.ts';
import {
  IAVL_SPEC,
  SMT_SPEC,
  TENDERMINT_SPEC,
  type ExistenceProof,
  type InnerOp,
  type LeafOp,
  type ProofSpec,
} from '../../../../node/store/ics23/types.ts';
import {
  checkExistence,
  rootOfExistence,
  verifyMembership,
  verifyNonMembership,
} from '../../../../node/store/ics23/verify.ts';
import { assertFields, readVector, vectorFiles, vectorFolders } from '../vectors.ts';

/** Every field that occurs somewhere in the files. */
interface Json {
  hash?: number;
  prehash_key?: number;
  prehash_value?: number;
  length?: number;
  prefix?: string;
  suffix?: string;
  key?: string;
  value?: string;
  leaf?: Json;
  path?: Json[];
  leaf_spec?: Json;
  inner_spec?: Json;
  child_order?: number[];
  child_size?: number;
  min_prefix_length?: number;
  max_prefix_length?: number;
  empty_child?: string;
  max_depth?: number;
  min_depth?: number;
  prehash_key_before_comparison?: boolean;
  Op?: Json;
  Spec?: Json;
  Proof?: Json;
  Leaf?: Json;
  Key?: string;
  Value?: string;
  Child?: string;
  HashOp?: number;
  Preimage?: string;
  PreImage?: string;
  ExpectedHash?: string;
  Expected?: string;
  IsErr?: boolean;
  Err?: string;
  IsLeft?: boolean;
  IsRight?: boolean;
}

const bytes = (text: unknown) => (text ? fromBase64(String(text)) : new Uint8Array(0));

function leafOp(json: Json = {}): LeafOp {
  return {
    hash: json.hash ?? 0,
    prehashKey: json.prehash_key ?? 0,
    prehashValue: json.prehash_value ?? 0,
    length: json.length ?? 0,
    prefix: bytes(json.prefix),
  };
}

function innerOp(json: Json = {}): InnerOp {
  return { hash: json.hash ?? 0, prefix: bytes(json.prefix), suffix: bytes(json.suffix) };
}

function existence(json: Json = {}): ExistenceProof {
  const path = json.path ?? [];
  return {
    key: bytes(json.key),
    value: bytes(json.value),
    leaf: json.leaf && leafOp(json.leaf),
    path: path.map(innerOp),
  };
}

function specOf(json: Json = {}): ProofSpec {
  const inner = json.inner_spec ?? {};
  return {
    leafSpec: leafOp(json.leaf_spec),
    innerSpec: {
      childOrder: inner.child_order ?? [],
      childSize: inner.child_size ?? 0,
      minPrefixLength: inner.min_prefix_length ?? 0,
      maxPrefixLength: inner.max_prefix_length ?? 0,
      emptyChild: bytes(inner.empty_child),
      hash: inner.hash ?? 0,
    },
    maxDepth: json.max_depth ?? 0,
    minDepth: json.min_depth ?? 0,
    prehashKeyBeforeComparison: json.prehash_key_before_comparison ?? false,
  };
}

function cases(name: string): [string, Json][] {
  return Object.entries(readVector<Record<string, Json>>(`ics23/${name}.json`));
}

const CASE_FIELDS =
  'Op Spec Proof Leaf Key Value Child HashOp Preimage PreImage ExpectedHash Expected IsErr Err IsLeft IsRight';

function expectVerdict(isWrong: unknown, check: () => void): void {
  if (isWrong) assert.throws(check, { name: 'BitscaleError' });
  else check();
}

/** The result, or a refusal, as the case says. */
function expectResult(json: Json, run: () => Uint8Array): void {
  if (json.IsErr) assert.throws(run, { name: 'BitscaleError' });
  else assert.equal(toBase64(run()), json.Expected);
}

const specs = { iavl: IAVL_SPEC, tendermint: TENDERMINT_SPEC, smt: SMT_SPEC };

/** One check per file of the folder; a file without one fails the suite. */
const CHECKS: Readonly<Record<string, (json: Json) => void>> = {
  TestLeafOpData: (json) =>
    expectResult(json, () => applyLeaf(leafOp(json.Op), bytes(json.Key), bytes(json.Value))),
  TestInnerOpData: (json) =>
    expectResult(json, () => applyInner(innerOp(json.Op), bytes(json.Child))),
  TestDoHashData: (json) => {
    const preimage = utf8(json.Preimage ?? json.PreImage ?? '');
    assert.equal(toHex(applyHash(json.HashOp ?? 0, preimage)), json.ExpectedHash);
  },
  TestExistenceProofData: (json) =>
    expectResult(json, () => rootOfExistence(existence(json.Proof))),
  TestCheckLeafData: (json) => {
    const spec = { ...TENDERMINT_SPEC, leafSpec: leafOp(json.Spec) };
    expectVerdict(json.IsErr, () => checkLeaf(leafOp(json.Leaf), spec));
  },
  TestCheckAgainstSpecData: (json) =>
    expectVerdict(json.Err, () => checkExistence(existence(json.Proof), specOf(json.Spec))),
  TestEmptyBranchData: (json) => {
    const spec = specOf(json.Spec).innerSpec;
    assert.equal(leftBranchesAreEmpty(spec, innerOp(json.Op)), json.IsLeft);
    assert.equal(rightBranchesAreEmpty(spec, innerOp(json.Op)), json.IsRight);
  },
};

describe('ICS-23 operations follow the reference', () => {
  const files = vectorFiles('ics23').map((file) => basename(file, '.json'));
  it('no file is left out', () => assert.deepEqual(files, Object.keys(CHECKS).sort()));
  for (const file of files) {
    for (const [name, json] of cases(file)) {
      it(`${file}: ${name}`, () => {
        assertFields('a case', json, CASE_FIELDS);
        CHECKS[file]?.(json);
      });
    }
  }
});

describe('ICS-23 proofs of the reference trees', () => {
  it('no tree is left out', () => {
    assert.deepEqual(vectorFolders('ics23'), Object.keys(specs).sort());
  });
  for (const [folder, spec] of Object.entries(specs)) {
    for (const file of vectorFiles(`ics23/${folder}`)) {
      it(`${file} is accepted, and nothing beside its claim`, () => {
        const json = readVector<{ root: string; proof: string; key: string; value: string }>(file);
        assertFields('a proof', json, 'root proof key value');
        const [root, key, value] = [json.root, json.key, json.value].map(fromHex) as [
          Uint8Array,
          Uint8Array,
          Uint8Array,
        ];
        const proof = decodeProof(fromHex(json.proof));
        assert.equal(toHex(encodeProof(proof)), json.proof);
        const other = Object.values(specs).filter((s) => s !== spec);
        if (proof.exist) {
          verifyMembership(spec, proof, { root, key, value });
          for (const s of other) {
            assert.throws(() => verifyMembership(s, proof, { root, key, value }));
          }
          assert.throws(() => verifyMembership(spec, proof, { root, key, value: key }));
          assert.throws(() => verifyMembership(spec, proof, { root: key, key, value }));
          assert.throws(() => verifyNonMembership(spec, proof, { root, key }));
        } else {
          verifyNonMembership(spec, proof, { root, key });
          assert.throws(() => verifyNonMembership(spec, proof, { root: key, key }));
          assert.throws(() => verifyMembership(spec, proof, { root, key, value: key }));
        }
      });
    }
  }
});

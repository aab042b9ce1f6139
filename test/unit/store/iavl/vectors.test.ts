import assert from 'node:assert/strict';
import { compare, fromHex, toHex } from '../../../../node/base/bytes.ts';
import { encodeProof, decodeProof } from '../../../../node/store/ics23/codec.ts';
import { IAVL_SPEC } from '../../../../node/store/ics23/types.ts';
import { verifyMembership, verifyNonMembership } from '../../../../node/store/ics23/verify.ts';
import type { TreeNode } from '../../../../node/store/iavl/node.ts';
import { proveKey } from '../../../../node/store/iavl/proof.ts';
import { valueOf, walk } from '../../../../node/store/iavl/walk.ts';
import { fromText, toText } from '../../../../node/store/kv.ts';
import { ABOUT, assertFields, readVector, vectorFiles } from '../vectors.ts';
import { SavedTree } from './saved-tree.ts';

type Op = [string, string | number, string | null, (boolean | string)?];
interface Version {
  version: number;
  ops: Op[];
  root: string;
  size: number;
  height: number;
  nodes?: [string, number, number, number, string][];
}
interface Proof {
  version: number;
  key: string;
  exists: boolean;
  value?: string;
  left?: boolean;
  right?: boolean;
  proof?: string;
  verifies?: boolean;
  error?: string;
}
interface Vector {
  initial_version?: number;
  versions: Version[];
  proofs: Proof[];
  available_versions: number[];
}

const text = (hex: string | number): string => toText(fromHex(String(hex)));

async function applyOp(saved: SavedTree, op: Op): Promise<void> {
  const [kind, key, value, updated] = op;
  if (kind === 'prune') {
    if (value === null) await saved.prune(Number(key));
    else assert.ok(Number(key) >= saved.tree.nextVersion - 1, 'the newest version stays');
  } else if (kind === 'set') {
    if (value === null) {
      assert.match(String(updated), /^error: attempt to store nil value/);
      return;
    }
    assert.equal(saved.tree.set(text(key), fromHex(value)), updated);
  } else {
    const old = saved.tree.remove(text(key));
    assert.equal(old === undefined ? null : toHex(old), value);
  }
}

function allNodes(saved: SavedTree, node: TreeNode | undefined): unknown[] {
  if (!node) return [];
  saved.nodes.load(node);
  const self = [
    toHex(fromText(node.key!)),
    node.height,
    node.version,
    node.size,
    toHex(fromText(node.hash!)),
  ];
  return [...allNodes(saved, node.left), self, ...allNodes(saved, node.right)];
}

function checkProof(saved: SavedTree, expected: Proof): void {
  if (expected.error) {
    assert.ok(!saved.roots.has(expected.version));
    return;
  }
  const key = fromHex(expected.key);
  const root = saved.root(expected.version);
  const proof = proveKey(saved.nodes, root, key);
  assert.equal(toHex(encodeProof(proof)), expected.proof);
  assert.deepEqual(decodeProof(encodeProof(proof)).exist?.key, proof.exist?.key);
  const value = valueOf(saved.nodes, root, key);
  assert.equal(value !== undefined, expected.exists);
  if (value) assert.equal(toHex(value), expected.value);
  const claim = { root: root ? fromText(root.hash!) : new Uint8Array(32), key };
  assert.equal(proof.nonexist?.left !== undefined, expected.left ?? false);
  assert.equal(proof.nonexist?.right !== undefined, expected.right ?? false);
  const verify = () =>
    value
      ? verifyMembership(IAVL_SPEC, proof, { ...claim, value })
      : verifyNonMembership(IAVL_SPEC, proof, claim);
  if (expected.verifies) verify();
  else assert.throws(verify, /invalid proof/);
}

function checkFields(vector: Vector): void {
  assertFields('a tree', vector, `${ABOUT} initial_version versions proofs available_versions`);
  for (const version of vector.versions) {
    assertFields('a version', version, 'version ops root size height nodes');
  }
  for (const proof of vector.proofs) {
    assertFields('a proof', proof, 'version key exists value left right proof verifies error');
  }
}

describe('the IAVL tree answers as the reference does', () => {
  for (const file of vectorFiles('iavl')) {
    it(file, async () => {
      const vector = readVector<Vector>(file);
      checkFields(vector);
      const saved = new SavedTree(vector.initial_version);
      for (const version of vector.versions) {
        for (const op of version.ops) await applyOp(saved, op);
        assert.equal(saved.tree.nextVersion, version.version);
        assert.equal(toHex(saved.tree.rootHash()), version.root, 'before saving');
        assert.equal(toHex(await saved.save()), version.root);
        assert.equal(saved.tree.size, version.size);
        assert.equal(saved.tree.root?.height ?? 0, version.height);
        if (version.nodes) assert.deepEqual(allNodes(saved, saved.tree.root), version.nodes);
      }
      for (const proof of vector.proofs) checkProof(saved, proof);
      assert.deepEqual([...saved.roots.keys()], vector.available_versions);
    });
  }

  it('every kept version can be walked in both directions after pruning', async () => {
    const saved = new SavedTree();
    for (let version = 1; version <= 30; version++) {
      for (let i = 0; i < 20; i++)
        saved.tree.set(String.fromCharCode((version * 7 + i * 13) % 251), key(i));
      saved.tree.remove(String.fromCharCode((version * 31) % 251));
      await saved.save();
    }
    await saved.prune(20);
    for (let version = 21; version <= 30; version++) {
      const forward = [...walk(saved.nodes, saved.root(version), {})].map(([k]) => k);
      const back = [...walk(saved.nodes, saved.root(version), { reverse: true })].map(([k]) => k);
      assert.deepEqual(forward, back.reverse());
      assert.deepEqual(forward, forward.toSorted(compare));
    }
  });
});

describe('tree nodes in memory', () => {
  it('stay within the bound after a commit, the hot ones kept, and are read again when needed', async () => {
    const saved = new SavedTree();
    const write = (from: number, to: number) => {
      for (let i = from; i < to; i++) saved.tree.set(`key ${i}`.padEnd(9), key(i % 200));
    };
    write(0, 2_000);
    await saved.save(Infinity);
    assert.equal(saved.nodes.loaded, 3_999);
    for (let round = 0; round < 20; round++) {
      write(0, 20);
      await saved.save(500);
      assert.ok(saved.nodes.loaded <= 500, `${saved.nodes.loaded} nodes are loaded`);
    }
    assert.ok(saved.nodes.loaded >= 39, 'the nodes of every round are still there');
    assert.equal([...walk(saved.nodes, saved.root(21), {})].length, 2_000);
  });
});

function key(i: number): Uint8Array {
  return Uint8Array.of(i + 1);
}

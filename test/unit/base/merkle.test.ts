import assert from 'node:assert/strict';
import { fromHex, toHex, type Bytes } from '../../../node/base/bytes.ts';
import { sha256 } from '../../../node/base/hash.ts';
import { merkleProofs, merkleRoot, verifyMerkleProof } from '../../../node/base/merkle.ts';
import { readVectors } from './vectors.ts';

interface Case {
  items: string[];
  root: string;
  proofs?: { index: number; total: number; leaf_hash: string; aunts: string[] }[];
}
interface Vectors {
  cases: Case[];
  data_hashes: { txs: string[]; data_hash: string }[];
}

const vectors = readVectors<Vectors>('simple-merkle/merkle.json');
const bytes = (items: readonly string[]): Bytes[] => items.map(fromHex);

describe('base/merkle', () => {
  it('gives the roots and proofs of CometBFT', () => {
    for (const { items, root, proofs: expected = [] } of vectors.cases) {
      assert.equal(toHex(merkleRoot(bytes(items))), root);
      const made = merkleProofs(bytes(items));
      assert.equal(toHex(made.root), root);
      const plain = made.proofs.map((proof) => ({
        index: proof.index,
        total: proof.total,
        leaf_hash: toHex(proof.leafHash),
        aunts: proof.aunts.map(toHex),
      }));
      const wanted = expected.map(({ index, total, leaf_hash, aunts }) => ({
        index,
        total,
        leaf_hash,
        aunts,
      }));
      assert.deepEqual(plain, wanted);
    }
  });

  it('gives the data hashes of CometBFT', () => {
    for (const { txs, data_hash: expected } of vectors.data_hashes) {
      assert.equal(toHex(merkleRoot(bytes(txs).map(sha256))), expected);
    }
  });

  it('accepts its own proofs for the right item only', () => {
    for (let count = 1; count <= 20; count++) {
      const items = Array.from({ length: count }, (_, i) => Uint8Array.of(i));
      const { root, proofs } = merkleProofs(items);
      for (const [i, proof] of proofs.entries()) {
        for (const [j, item] of items.entries()) {
          assert.equal(verifyMerkleProof(proof, root, item), i === j);
        }
      }
    }
  });

  it('refuses a proof altered in any place', () => {
    const items = Array.from({ length: 7 }, (_, i) => Uint8Array.of(i));
    const { root, proofs } = merkleProofs(items);
    const proof = proofs[2]!;
    const flipped = proof.aunts.map((aunt, i) => (i === 1 ? aunt.map((b) => b ^ 1) : aunt));
    const altered = [
      { ...proof, index: 3 },
      { ...proof, index: -1 },
      { ...proof, index: 7 },
      { ...proof, index: 0.5 },
      { ...proof, total: 2 ** 60 },
      { ...proof, total: 0 },
      { ...proof, leafHash: new Uint8Array(32) },
      { ...proof, aunts: flipped },
      { ...proof, aunts: proof.aunts.slice(1) },
      { ...proof, aunts: [...proof.aunts, new Uint8Array(32)] },
      { ...proof, aunts: Array.from({ length: 101 }, () => new Uint8Array(32)) },
    ];
    for (const bad of altered) assert.equal(verifyMerkleProof(bad, root, items[2]!), false);
    assert.equal(verifyMerkleProof(proof, new Uint8Array(32), items[2]!), false);
  });
});

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { fromBase64, fromHex, toHex, toUpperHex, utf8 } from '../../../node/base/bytes.ts';
import { sha256 } from '../../../node/base/hash.ts';
import { merkleProofs, merkleRoot, verifyMerkleProof } from '../../../node/base/merkle.ts';
import { parseTime } from '../../../node/base/time.ts';
import {
  decodeBlock,
  decodeCommit,
  decodeDuplicateVoteEvidence,
  decodeEvidence,
  decodeHeader,
  decodeVote,
} from '../../../node/consensus/decoding.ts';
import {
  encodeBlock,
  encodeDuplicateVoteEvidence,
  encodeEvidence,
  encodeHeader,
  encodePartSetHeader,
  encodeSimpleValidator,
  encodeVote,
} from '../../../node/consensus/encoding.ts';
import { makeEvidence } from '../../../node/consensus/evidence.ts';
import {
  blockIdOf,
  commitHash,
  consensusHash,
  dataHash,
  encodeHashedResult,
  evidenceHash,
  headerHash,
  partSetHeader,
  resultsHash,
} from '../../../node/consensus/hashing.ts';
import { txHash } from '../../../node/base/tx-hash.ts';
import { ValidatorSet } from '../../../node/consensus/validator-set.ts';
import type { Header } from '../../../node/consensus/types.ts';
import { headerOfJson, hex, readVector, validatorOfRow, type Json } from './vectors.ts';

const FOLDER = 'simple-merkle';

/** Bytes of the big test items: byte i is (i*i + 7*i + k) mod 251. */
function patterned(length: number, k: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    bytes[i] = Number((BigInt(i) * BigInt(i) + 7n * BigInt(i) + BigInt(k)) % 251n);
  }
  return bytes;
}

function blockBytes(one: Json): Uint8Array {
  if (one.block_base64) return fromBase64(one.block_base64);
  const rest = decodeBlock(fromBase64(one.block_without_txs_base64));
  const txs = [...one.txs_before_the_last.map(hex), patterned(70_000, 4)];
  return encodeBlock({ ...rest, txs });
}

describe('hashes of consensus data', () => {
  it('has the header hash of the CometBFT test suite', () => {
    const named = (name: string) => new Uint8Array(createHash('sha256').update(name).digest());
    const header: Header = {
      version: { block: 1n, app: 2n },
      chainId: 'chainId',
      height: 3,
      time: parseTime('2019-10-13T16:14:44Z'),
      lastBlockId: { hash: new Uint8Array(32), parts: { total: 6, hash: new Uint8Array(32) } },
      lastCommitHash: named('last_commit_hash'),
      dataHash: named('data_hash'),
      validatorsHash: named('validators_hash'),
      nextValidatorsHash: named('next_validators_hash'),
      consensusHash: named('consensus_hash'),
      appHash: named('app_hash'),
      lastResultsHash: named('last_results_hash'),
      evidenceHash: named('evidence_hash'),
      proposerAddress: sha256(utf8('proposer_address')).slice(0, 20),
    };
    assert.equal(
      toUpperHex(headerHash(header)),
      'F740121F553B5418C3EFBD343C2DBFE9E007BB67B0D020A0741374BAB65242A4',
    );
  });

  it('has the Merkle roots of the CometBFT test suite', () => {
    const root = (...items: number[][]) => toHex(merkleRoot(items.map((i) => Uint8Array.from(i))));
    assert.equal(
      root([1, 2, 3]),
      '054edec1d0211f624fed0cbca9d4f9400b0e491c43742af2c5b0abebf0c990d8',
    );
    assert.equal(
      root([1, 2, 3], [4, 5, 6]),
      '82e6cfce00453804379b53962939eaa7906b39904be0813fcadd31b100773c4b',
    );
    assert.equal(
      root([1, 2], [3, 4], [5, 6], [7, 8], [9, 10]),
      'f326493eceab4f2d9ffbc78c59432a0a005d6ea98392045c74df5d14a113be18',
    );
  });

  for (const one of readVector(`${FOLDER}/merkle.json`).cases as Json[]) {
    it(`proves each of ${one.n} items`, () => {
      const items = one.items.map(hex);
      assert.equal(toHex(merkleRoot(items)), one.root);
      const { proofs } = merkleProofs(items);
      proofs.forEach((proof, index) => {
        const expected = one.proofs[index];
        assert.deepEqual(proof.aunts.map(toHex), expected.aunts);
        assert.equal(toHex(proof.leafHash), expected.leaf_hash);
        assert.ok(verifyMerkleProof(proof, hex(one.root), items[index]));
      });
    });
  }

  it('hashes transaction lists as the reference', () => {
    for (const one of readVector(`${FOLDER}/merkle.json`).data_hashes as Json[]) {
      const txs = one.txs.map(hex);
      assert.equal(toHex(dataHash(txs)), one.data_hash);
      assert.deepEqual(txs.map(txHash).map(toHex), one.tx_hashes);
    }
  });

  (readVector(`${FOLDER}/headers.json`).headers as Json[]).forEach((one, index) => {
    it(`hashes and encodes header ${index}: ${one.note ?? 'ordinary'}`, () => {
      const header = headerOfJson(one.header);
      assert.equal(toHex(encodeHeader(header)), one.proto);
      assert.equal(toHex(headerHash(header)), one.hash);
      assert.deepEqual(decodeHeader(hex(one.proto)), header);
    });
  });

  for (const one of readVector(`${FOLDER}/part-sets.json`).cases as Json[]) {
    it(`cuts ${one.length} bytes into ${one.total} parts`, () => {
      const parts = partSetHeader(patterned(one.length, one.k));
      assert.equal(parts.total, one.total);
      assert.equal(toHex(parts.hash), one.hash);
      assert.equal(toHex(encodePartSetHeader(parts)), one.part_set_header);
    });
  }

  for (const one of readVector(`${FOLDER}/validator-sets.json`).sets as Json[]) {
    it(`hashes a set of ${one.n} validators in set order`, () => {
      const rows = one.validators.map(validatorOfRow);
      rows.forEach((row: Json, index: number) => {
        assert.equal(toHex(encodeSimpleValidator(row)), one.validators[index][3]);
      });
      const set = ValidatorSet.create(rows.toReversed());
      assert.equal(toHex(set.hash()), one.hash);
      assert.equal(String(set.totalPower), one.total_power);
    });
  }

  it('hashes consensus parameters as the reference', () => {
    for (const one of readVector(`${FOLDER}/consensus-params.json`).params as Json[]) {
      const block = { maxBytes: BigInt(one.block_max_bytes), maxGas: BigInt(one.block_max_gas) };
      assert.equal(toHex(consensusHash({ block })), one.hash, one.note);
    }
  });

  it('hashes transaction results as the reference', () => {
    for (const one of readVector(`${FOLDER}/results.json`).lists as Json[]) {
      const results = one.results.map((result: Json) => ({
        code: result.code,
        data: hex(result.data),
        gasWanted: BigInt(result.gas_wanted),
        gasUsed: BigInt(result.gas_used),
      }));
      assert.deepEqual(results.map(encodeHashedResult).map(toHex), one.leaves);
      assert.equal(toHex(resultsHash(results)), one.last_results_hash);
    }
  });

  (readVector(`${FOLDER}/evidence.json`).evidence as Json[]).forEach((one, index) => {
    it(`makes evidence ${index}: ${one.note}`, () => {
      const votes = [decodeVote(hex(one.vote_1)), decodeVote(hex(one.vote_2))] as const;
      assert.equal(toHex(encodeVote(votes[0])), one.vote_1);
      const { address, index: position } = votes[0];
      const power = BigInt(one.validator_power);
      const rest = BigInt(one.total_voting_power) - power;
      const filler = { address: fromHex('00'.repeat(20)), pubKey: new Uint8Array(32), power: rest };
      const voter = { address, pubKey: new Uint8Array(32), power };
      const set = ValidatorSet.create(rest === 0n ? [voter] : [voter, filler]);
      assert.ok(position >= 0);
      const evidence = makeEvidence(votes, set, parseTime(one.block_time));
      assert.equal(toHex(encodeDuplicateVoteEvidence(evidence)), one.duplicate_vote_evidence);
      assert.equal(toHex(encodeEvidence(evidence)), one.evidence_wrapped);
      assert.deepEqual(decodeEvidence(hex(one.evidence_wrapped)), evidence);
      const reversed = makeEvidence([votes[1], votes[0]], set, parseTime(one.block_time));
      assert.deepEqual(reversed, evidence);
    });
  });

  it('hashes evidence lists without the wrapper', () => {
    const { evidence, lists } = readVector(`${FOLDER}/evidence.json`);
    const all = evidence.map((one: Json) =>
      decodeDuplicateVoteEvidence(hex(one.duplicate_vote_evidence)),
    );
    for (const list of lists) {
      assert.equal(toHex(evidenceHash(all.slice(0, list.first_n))), list.hash);
    }
  });

  (readVector(`${FOLDER}/blocks.json`).blocks as Json[]).forEach((one, index) => {
    it(`decodes block ${index} and finds its id`, () => {
      const bytes = blockBytes(one);
      const block = decodeBlock(bytes);
      assert.deepEqual(encodeBlock(block), bytes);
      const id = blockIdOf(block);
      assert.equal(toHex(id.hash), one.hash);
      assert.equal(id.parts.total, one.part_set_total);
      assert.equal(toHex(id.parts.hash), one.part_set_hash);
      assert.equal(toHex(dataHash(block.txs)), one.data_hash);
      assert.equal(toHex(commitHash(block.lastCommit)), one.last_commit_hash);
      assert.equal(toHex(evidenceHash(block.evidence)), one.evidence_hash);
    });
  });

  it('refuses a commit that is not in canonical form', () => {
    assert.throws(() => decodeCommit(fromHex('0800')), /canonical/);
  });
});

import assert from 'node:assert/strict';
import { toHex } from '../../../node/base/bytes.ts';
import { signEd25519, verifyEd25519 } from '../../../node/base/ed25519.ts';
import { parseTime } from '../../../node/base/time.ts';
import { decodeVote } from '../../../node/consensus/decoding.ts';
import { proposalSignBytes, voteSignBytes } from '../../../node/consensus/sign-bytes.ts';
import { ProtoReader } from '../../../node/base/proto-reader.ts';
import { PRECOMMIT, PREVOTE, type Commit } from '../../../node/consensus/types.ts';
import { ValidatorSet } from '../../../node/consensus/validator-set.ts';
import { verifyCommit } from '../../../node/consensus/verify-commit.ts';
import { commitHash } from '../../../node/consensus/hashing.ts';
import { blockIdOfJson, hex, readVector, type Json } from './vectors.ts';

const vector = readVector('simple-merkle/sign-bytes.json');
const seed = hex(vector.private_key).slice(0, 32);
const pubKey = hex(vector.public_key);

/** Heights here are JavaScript safe integers: 2^53 blocks take 285 million years. */
const possible = (one: Json) => Number.isSafeInteger(Number(one.height));

describe('sign bytes', () => {
  it('are those of the reference for every vote, and so are the signatures', () => {
    for (const one of (vector.votes as Json[]).filter(possible)) {
      const vote = {
        type: one.type === 'prevote' ? PREVOTE : PRECOMMIT,
        height: Number(one.height),
        round: one.round,
        blockId: blockIdOfJson(one.block_id),
        time: parseTime(one.time),
      } as const;
      const bytes = voteSignBytes(one.chain_id, vote);
      assert.equal(toHex(bytes), one.sign_bytes, one.note);
      assert.equal(toHex(signEd25519(seed, bytes)), one.signature, one.note);
      // Vote extensions are refused: this chain has none.
      if (!/extension/.test(JSON.stringify(one))) {
        assert.deepEqual(decodeVote(hex(one.vote_proto)).blockId, vote.blockId);
      }
    }
  });

  it('are those of the reference for every proposal', () => {
    for (const one of (vector.proposals as Json[]).filter(possible)) {
      const bytes = proposalSignBytes(one.chain_id, {
        height: Number(one.height),
        round: one.round,
        polRound: one.pol_round,
        blockId: blockIdOfJson(one.block_id),
        time: parseTime(one.time),
      });
      assert.equal(toHex(bytes), one.sign_bytes, one.note);
      assert.ok(verifyEd25519(pubKey, bytes, hex(one.signature)));
    }
  });
});

const FLAGS: Record<string, 1 | 2 | 3> = { absent: 1, commit: 2, nil: 3 };

function commitOfJson(one: Json): Commit {
  return {
    height: Number(one.height),
    round: one.round,
    blockId: blockIdOfJson(one.block_id),
    signatures: one.signatures.map((sig: Json) => ({
      flag: FLAGS[sig.flag],
      address: hex(sig.address ?? ''),
      time: parseTime(sig.time ?? '0001-01-01T00:00:00Z'),
      signature: hex(sig.signature ?? ''),
    })),
  };
}

/** tendermint.types.ValidatorSet: {1 validators {1 address, 2 key {1}, 3 power, 4 priority}, ...}. */
function setOfProto(bytes: Uint8Array): ValidatorSet {
  const validators: Json[] = [];
  const reader = new ProtoReader(bytes, { repeated: [1], allowUnknown: true });
  while (reader.next()) {
    if (reader.field !== 1) {
      reader.unknown();
      continue;
    }
    const one: Json = { priority: 0n };
    reader.message((inner) => {
      while (inner.next()) {
        if (inner.field === 1) one.address = inner.bytes();
        else if (inner.field === 2) {
          inner.message((key) => {
            while (key.next()) one.pubKey = key.bytes();
          });
        } else if (inner.field === 3) one.power = inner.int64();
        else one.priority = inner.int64();
      }
    });
    validators.push(one);
  }
  return ValidatorSet.restore(validators);
}

describe('commit verification', () => {
  const cases = readVector('simple-merkle/commits.json').commits as Json[];
  cases.forEach((one, index) => {
    it(`commit ${index}: ${String(one.verify_commit).slice(0, 60)}`, () => {
      const commit = commitOfJson(one);
      assert.equal(toHex(commitHash(commit)), one.commit_hash);
      const check = {
        validators: setOfProto(hex(one.validator_set_proto)),
        height: commit.height,
        blockId: commit.blockId,
        commit,
      };
      const verify = () => verifyCommit({ chainId: one.chain_id, ...check });
      if (one.verify_commit === 'ok') verify();
      else assert.throws(verify, /not enough voting power/);
      assert.throws(() => verifyCommit({ chainId: 'another-chain', ...check }));
      if (one.verify_commit !== 'ok') return;
      const forged = commit.signatures.map((sig, i) =>
        i === 0 ? { ...sig, address: new Uint8Array(20) } : sig,
      );
      const commitForged = { ...commit, signatures: forged };
      assert.throws(
        () => verifyCommit({ chainId: one.chain_id, ...check, commit: commitForged }),
        /wrong address at index 0|absent entry/,
      );
    });
  });
});

/** The edge cases E14, E14b and E14c: sizes and shapes of commits, and steps that only go up. */
import assert from 'node:assert/strict';
import { utf8 } from '../../../node/base/bytes.ts';
import { sha256 } from '../../../node/base/hash.ts';
import {
  MAX_BLOCK_BYTES,
  MAX_GENESIS_VALIDATORS,
  MAX_STREAM_MESSAGE_BYTES,
} from '../../../node/base/limits.ts';
import { makeCommit } from '../../../node/consensus/certificates.ts';
import type { QuorumCertificate } from '../../../node/consensus/messages.ts';
import { encodeCommit } from '../../../node/consensus/encoding.ts';
import { partSetHeader } from '../../../node/consensus/hashing.ts';
import type { BlockId, Commit, Vote } from '../../../node/consensus/types.ts';
import { ValidatorSet } from '../../../node/consensus/validator-set.ts';
import { certificateChecks } from '../../../node/consensus/verify-commit.ts';
import { addVote, emptyTally } from '../../../node/consensus/votes.ts';
import { commitVotes } from '../../../node/engine/chain-state.ts';
import { encodePayload } from '../../../node/engine/wire.ts';
import {
  A,
  B,
  Bench,
  NIL,
  P,
  Q,
  R,
  SET,
  certificate,
  follower,
  leaderIndex,
  precommitOf,
} from './harness.ts';

/** CometBFT refuses blocks of more parts. */
const MAX_COMET_PARTS = 1_601;

/** The commit for A of these precommits, by position; undefined: none came. */
function commitFor(blocks: readonly (BlockId | undefined)[]): Commit {
  let tally = emptyTally(SET.size);
  const votes: Vote[] = [];
  blocks.forEach((id, index) => {
    if (!id) return;
    const vote = precommitOf(index, id);
    const added = addVote(tally, vote, 10n);
    assert.equal(added.result, 'added');
    if (added.result === 'added') ({ tally } = added);
    votes.push(vote);
  });
  return makeCommit(
    tally,
    votes.find(({ blockId }) => blockId === A)!,
  );
}

describe('E14 a commit has a place for every validator', () => {
  it('whoever did not sign is ABSENT, without address and signature', () => {
    const { signatures } = commitFor([A, undefined, A, A]);
    assert.equal(signatures.length, SET.size);
    assert.deepEqual(
      [signatures[1]?.flag, signatures[1]?.address.length, signatures[1]?.signature.length],
      [1, 0, 0],
    );
  });

  const context = { chainId: 'chain-1', validators: SET, voteType: 2 as const };
  const good = certificate(A, 0);
  for (const [name, signatures] of [
    ['one place less', good.signatures.slice(1)],
    ['one place more', [...good.signatures, good.signatures[3]!]],
    ['none', []],
  ] as const) {
    it(`${name} is refused, as light clients do`, () => {
      assert.throws(() => certificateChecks(context, { ...good, signatures }), /signatures/);
    });
  }

  it(`with ${MAX_GENESIS_VALIDATORS} validators everything still fits its message`, () => {
    const set = ValidatorSet.create(
      Array.from({ length: MAX_GENESIS_VALIDATORS }, (_, index) => {
        const pubKey = sha256(utf8(`key ${index}`));
        return { pubKey, address: sha256(pubKey).slice(0, 20), power: 1n };
      }),
    );
    const signature = new Uint8Array(64).fill(255);
    const time = { seconds: 4_000_000_000n, nanos: 999_999_999 };
    const height = Number.MAX_SAFE_INTEGER;
    const blockId = { hash: A.hash, parts: { total: 64, hash: A.hash } };
    const round = 1_000_000;
    const signatures = set.validators.map(({ address }) => ({
      flag: 2 as const,
      address,
      time,
      signature,
    }));
    const justify: QuorumCertificate = { height, round, blockId, signatures };
    const timeouts = set.validators.map(({ address }, index): Vote => {
      return { type: 2, height, round, blockId, time, address, index, signature };
    });
    const proposal = { height, round, polRound: round, blockId, time, signature };
    const block = new Uint8Array(MAX_BLOCK_BYTES);
    const message = { type: 'proposal', proposal, justify, timeouts } as const;
    const bytes = encodePayload({ type: 'message', message, block });
    assert.ok(bytes.length <= MAX_STREAM_MESSAGE_BYTES, `${bytes.length} bytes`);
    assert.ok(encodeCommit(justify).length < MAX_BLOCK_BYTES / 10);
    assert.ok(partSetHeader(block).total <= MAX_COMET_PARTS);
  });
});

describe('E14b nil precommits are NIL in a commit, those for another block ABSENT', () => {
  const cases: readonly [string, readonly (BlockId | undefined)[], readonly number[]][] = [
    ['all for the block', [A, A, A, A], [2, 2, 2, 2]],
    ['one nil', [A, NIL, A, A], [2, 3, 2, 2]],
    ['one for another block', [A, B, A, A], [2, 1, 2, 2]],
    ['one nil, nothing of another', [A, NIL, A, undefined], [2, 3, 2, 1]],
  ];
  for (const [name, blocks, flags] of cases) {
    it(name, () => {
      const commit = commitFor(blocks);
      assert.deepEqual(
        commit.signatures.map(({ flag }) => flag),
        flags,
      );
      assert.deepEqual(
        commitVotes(commit, SET).map(({ flag }) => flag),
        flags,
      );
    });
  }

  it('the same for precommits that come while the next leader waits', () => {
    const own = leaderIndex(0);
    const lastCommit = { ...certificate(B, 1, [0, 1, 2]), height: 4 };
    const late = { height: 4, round: 1 };
    const bench = new Bench({ ownIndex: own, lastCommit, graceMs: 100 });
    bench.receiveVotes(precommitOf(3, A, late));
    assert.equal(bench.of('buildBlock').length, 0, 'for another block: still absent');
    bench.receiveVotes(precommitOf(3, NIL, late));
    const flags = bench.of('buildBlock')[0]?.lastCommit?.signatures.map(({ flag }) => flag);
    assert.deepEqual(flags, [2, 2, 2, 3]);
  });

  it('nil precommits do not make a quorum', () => {
    const bench = follower();
    bench.propose(A);
    bench.receiveVotes(precommitOf(P, A), precommitOf(Q, A), precommitOf(R, NIL));
    assert.equal(bench.of('commit').length, 0);
    assert.equal(bench.state.round, 1);
  });
});

describe('E14c after a precommit there is no prevote in its round', () => {
  const waysToNil: readonly [string, (bench: Bench) => void][] = [
    ['the round timer', (bench) => void bench.timer('round')],
    [
      'a proposal that is not acceptable',
      (bench) => {
        bench.propose(B);
        bench.feed({ type: 'blockReceived', height: 5, blockId: B });
        bench.validate(B, { valid: false });
      },
    ],
  ];
  for (const [name, giveUp] of waysToNil) {
    it(`nil because of ${name}; then the proposal, its block and its certificate come`, () => {
      const bench = follower({ manual: name !== 'the round timer' });
      giveUp(bench);
      assert.deepEqual(bench.votes(), ['precommit 0 nil']);
      bench.propose(A);
      bench.receive({ type: 'quorum', qc: certificate(A, 0) });
      assert.deepEqual(bench.votes(), ['precommit 0 nil']);
      assert.equal(bench.state.lock?.round, 0, 'the lock moves all the same');
    });
  }

  it('nor after a precommit for the block, by whoever never got the proposal', () => {
    const bench = follower();
    bench.receive({ type: 'quorum', qc: certificate(A, 0, [P, Q, R]) });
    assert.deepEqual(bench.votes(), ['precommit 0 A']);
    bench.propose(A);
    assert.deepEqual(bench.votes(), ['precommit 0 A']);
  });
});

/** The machine at one height among four equal validators; the bench plays the other three. */
import assert from 'node:assert/strict';
import { blockKey, isNil } from '../../../node/consensus/votes.ts';
import {
  A,
  B,
  Bench,
  NIL,
  P,
  Q,
  R,
  SET,
  blockNamed,
  certificate,
  endRound,
  follower,
  leaderIndex,
  lockedOnA,
  othersThan,
  precommitOf,
  prevoteOf,
  setOf,
} from './harness.ts';

describe('the ordinary way of a height', () => {
  it('prevote, certificate, lock, precommit, commit', () => {
    const bench = lockedOnA();
    assert.equal(bench.state.lock?.round, 0);
    bench.receiveVotes(precommitOf(P, A), precommitOf(Q, A));
    const [commit] = bench.of('commit');
    assert.equal(commit?.blockId, A);
    assert.deepEqual(commit?.commit.signatures.map(({ flag }) => flag).toSorted(), [1, 2, 2, 2]);
    assert.equal(bench.state.phase, 'decided');
  });

  it('the log has the record before every signature, and the lock before the precommit', () => {
    const order = lockedOnA()
      .effects.filter(({ type }) => type === 'persist' || type === 'sign')
      .map((one) => (one.type === 'persist' ? `persist ${one.record.type}` : one.type));
    assert.deepEqual(order, ['persist vote', 'sign', 'persist lock', 'persist vote', 'sign']);
  });

  it('the leader builds, proposes, and votes for its own block', () => {
    const bench = new Bench({ ownIndex: leaderIndex(0) });
    assert.equal(bench.of('buildBlock').length, 1);
    assert.equal(bench.sent('proposal').length, 1);
    assert.equal(bench.requests().length, 2);
  });

  it('a star’s leader forwards the certificate; its followers vote to it and to the next one', () => {
    const own = leaderIndex(0);
    const leader = new Bench({ ownIndex: own, mode: 'star' });
    const [P1, Q1] = othersThan(own) as [number, number];
    leader.receiveVotes(...[P1, Q1].map((i) => prevoteOf(i, blockNamed('own 0'))));
    assert.equal(leader.sent('quorum').length, 1);

    const bench = follower({ mode: 'star' });
    bench.propose(A);
    const [prevoteTo] = bench.of('send').map(({ to }) => to);
    assert.deepEqual(prevoteTo, [SET.proposer.address]);
    bench.receive({ type: 'quorum', qc: certificate(A, 0) });
    const last = bench.of('send').at(-1);
    assert.equal(last?.gossip, false);
    assert.deepEqual(last?.to, [SET.proposer.address, bench.context.nextProposer]);
  });

  it('a single validator decides alone', () => {
    const set = setOf([3n]);
    const bench = new Bench({ set, ownIndex: 0 });
    assert.equal(bench.of('commit').length, 1);
  });

  it('a node without a vote follows and decides, and signs nothing', () => {
    const bench = follower({ ownIndex: undefined });
    bench.propose(A);
    bench.receiveVotes(...[P, Q, R].map((index) => precommitOf(index, A)));
    assert.equal(bench.of('commit').length, 1);
    assert.equal(bench.requests().length, 0);
  });
});

describe('waiting before a proposal', () => {
  const own = leaderIndex(0);
  const lastCommit = { ...certificate(B, 1, [0, 1, 2]), height: 4 };

  it('pace: not before the interval has passed', () => {
    const bench = new Bench({ ownIndex: own, paceMs: 500 });
    assert.equal(bench.of('buildBlock').length, 0);
    bench.timer('pace');
    assert.equal(bench.of('buildBlock').length, 1);
  });

  it('grace: late precommits enter the last commit', () => {
    const bench = new Bench({ ownIndex: own, lastCommit, graceMs: 100 });
    assert.equal(bench.of('buildBlock').length, 0);
    bench.receiveVotes(precommitOf(3, B, { height: 4, round: 1 }));
    const [build] = bench.of('buildBlock');
    assert.deepEqual(
      build?.lastCommit?.signatures.map(({ flag }) => flag),
      [2, 2, 2, 2],
    );
  });

  it('grace: a nil precommit counts as NIL, one for another block or round not at all', () => {
    const bench = new Bench({ ownIndex: own, lastCommit, graceMs: 100 });
    const late = { height: 4, round: 1 };
    bench.receiveVotes(precommitOf(3, A, late), precommitOf(3, B, { height: 4, round: 0 }));
    assert.equal(bench.of('buildBlock').length, 0);
    bench.receiveVotes(precommitOf(3, NIL, late));
    const [build] = bench.of('buildBlock');
    assert.deepEqual(
      build?.lastCommit?.signatures.map(({ flag }) => flag),
      [2, 2, 2, 3],
    );
  });

  it('grace: is over after its time', () => {
    const bench = new Bench({ ownIndex: own, lastCommit, graceMs: 100 });
    bench.timer('grace');
    assert.equal(bench.of('buildBlock').length, 1);
  });
});

describe('the lock', () => {
  it('refuses another block at once, without waiting for the timer', () => {
    const bench = lockedOnA();
    endRound(bench, 0);
    bench.propose(B, 1);
    assert.deepEqual(bench.votes().slice(2), ['precommit 1 nil']);
  });

  it('accepts the locked block again', () => {
    const bench = lockedOnA();
    endRound(bench, 0);
    bench.propose(A, 1, certificate(A, 0));
    assert.deepEqual(bench.votes().slice(2), ['prevote 1 A']);
  });

  it('gives way to a certificate of a later round', () => {
    const bench = lockedOnA();
    endRound(bench, 0);
    endRound(bench, 1);
    bench.propose(B, 2, certificate(B, 1));
    assert.deepEqual(bench.votes().slice(2), ['prevote 2 B']);
    assert.equal(blockKey(bench.state.lock!.blockId), blockKey(B));
  });

  it('moves with a late certificate, which is not precommitted any more', () => {
    const bench = follower();
    bench.propose(A);
    endRound(bench, 0);
    bench.receive({ type: 'quorum', qc: certificate(A, 0) });
    assert.equal(bench.state.lock?.round, 0);
    assert.deepEqual(bench.votes(), ['prevote 0 A']);
    assert.equal(bench.sent('quorum').length, 1, 'the leader at work is told');
  });

  it('never goes down', () => {
    const bench = follower();
    bench.receive({ type: 'quorum', qc: certificate(A, 3) });
    bench.receive({ type: 'quorum', qc: certificate(B, 1) });
    assert.equal(bench.state.lock?.round, 3);
  });

  it('is proposed again by the next leader, with its certificate', () => {
    const own = leaderIndex(1);
    const bench = new Bench({ ownIndex: own });
    const [P1, Q1] = othersThan(own) as [number, number];
    bench.propose(A);
    bench.receiveVotes(prevoteOf(P1, A), prevoteOf(Q1, A));
    bench.timer('round');
    bench.receiveVotes(precommitOf(P1, NIL), precommitOf(Q1, NIL));
    const [message] = bench.sent('proposal');
    assert.equal(message?.proposal.blockId, A);
    assert.equal(message?.proposal.polRound, 0);
    assert.equal(message?.justify?.round, 0);
    assert.equal(message?.timeouts?.length, 3);
  });
});

describe('giving up a round', () => {
  it('at the timer: nil, to everybody, with the highest certificate', () => {
    const bench = follower();
    bench.receive({ type: 'quorum', qc: certificate(A, 0) });
    const other = follower();
    other.timer('round');
    assert.deepEqual(other.votes(), ['precommit 0 nil']);
    const [message] = other.sent('timeout');
    assert.ok(message && isNil(message.vote.blockId));
    bench.timer('round');
    assert.equal(bench.sent('timeout')[0]?.highQc?.round, 0);
  });

  it('a precommit for a block is repeated, never replaced', () => {
    const bench = lockedOnA();
    bench.timer('round');
    assert.deepEqual(bench.votes().slice(2), []);
    assert.equal(bench.sent('timeout')[0]?.vote.blockId, A);
    assert.equal(bench.sent('timeout')[0]?.highQc?.round, 0);
  });

  it('after nil there is no prevote and no other precommit in the round', () => {
    const bench = follower();
    bench.timer('round');
    bench.propose(A);
    bench.receive({ type: 'quorum', qc: certificate(A, 0) });
    assert.deepEqual(bench.votes(), ['precommit 0 nil']);
    assert.equal(bench.state.lock?.round, 0);
  });

  it('is repeated until the round ends', () => {
    const bench = follower();
    bench.timer('round');
    bench.timer('resend');
    bench.timer('resend');
    assert.equal(bench.sent('timeout').length, 3);
    endRound(bench, 0);
    assert.equal(bench.timer('resend', 0), 'a timer of another round');
  });

  it('comes at once for an invalid block, and for an untimely fresh one', () => {
    for (const verdict of [
      { valid: false, timely: true },
      { valid: true, timely: false },
    ]) {
      const bench = follower({ manual: true });
      bench.propose(A);
      bench.feed({ type: 'blockReceived', height: 5, blockId: A });
      bench.validate(A, verdict);
      assert.deepEqual(bench.votes(), ['precommit 0 nil']);
    }
  });
});

/** Rounds that fail, decisions that come late, peers that lie, crashes. Same bench as machine.test.ts. */
import assert from 'node:assert/strict';
import { step } from '../../../node/consensus/machine.ts';
import {
  A,
  B,
  Bench,
  NIL,
  P,
  Q,
  R,
  SET,
  TIME,
  certificate,
  endRound,
  follower,
  leaderIndex,
  lockedOnA,
  othersThan,
  precommitOf,
  prevoteOf,
  vote,
} from './harness.ts';

describe('changing rounds', () => {
  it('more than 2/3 precommits of any value end it; the new leader gets a report', () => {
    const bench = follower();
    bench.receiveVotes(precommitOf(P, A), precommitOf(Q, NIL), precommitOf(R, B));
    assert.equal(bench.state.round, 1);
    const [report] = bench.sent('newRound');
    assert.equal(report?.round, 1);
    assert.equal(report?.timeouts?.length, 3);
  });

  it('more than 1/3 in a later round pull it there', () => {
    const bench = follower();
    bench.receiveVotes(prevoteOf(P, A, { round: 4 }));
    assert.equal(bench.state.round, 0);
    bench.receiveVotes(precommitOf(Q, NIL, { round: 6 }));
    assert.equal(bench.state.round, 4);
  });

  it('however far ahead they are', () => {
    const bench = follower();
    bench.receiveVotes(precommitOf(P, NIL, { round: 5_000 }), precommitOf(Q, NIL, { round: 400 }));
    assert.equal(bench.state.round, 400);
    assert.ok(bench.state.rounds.size < 50);
  });

  it('a certificate of a later round pulls it there, and is precommitted', () => {
    const bench = follower();
    bench.receive({ type: 'quorum', qc: certificate(A, 2) });
    assert.equal(bench.state.round, 2);
    assert.deepEqual(bench.votes(), ['precommit 2 A']);
  });

  it('and so does one of a round much later', () => {
    const bench = follower();
    bench.receive({ type: 'quorum', qc: certificate(A, 50) });
    assert.equal(bench.state.round, 50);
    assert.deepEqual(bench.votes(), ['precommit 50 A']);
  });

  it('a proposal with its proof of timeouts brings a node that missed them', () => {
    const bench = follower();
    const proposal = {
      height: 5,
      round: 1,
      polRound: -1,
      blockId: B,
      time: TIME,
      signature: new Uint8Array(64),
    };
    const timeouts = [P, Q, R].map((index) => precommitOf(index, NIL));
    bench.receive({ type: 'proposal', proposal, timeouts });
    assert.equal(bench.state.round, 1);
    assert.deepEqual(bench.votes(), ['prevote 1 B']);
  });

  it('who repeats an old round is told where the others are', () => {
    const bench = follower();
    endRound(bench, 0);
    const stuck = { type: 'timeout', vote: precommitOf(P, NIL) } as const;
    bench.receive(stuck);
    const answer = bench.of('send').at(-1);
    assert.deepEqual(answer?.to, [SET.validators[P]!.address]);
    assert.equal(answer?.message.type === 'newRound' && answer.message.timeouts?.length, 3);
  });
});

describe('the leader of a later round', () => {
  const own = leaderIndex(1);
  const others = othersThan(own) as [number, number, number];
  const inRoundOne = () => {
    const bench = new Bench({ ownIndex: own });
    bench.timer('round');
    bench.receiveVotes(...others.map((index) => precommitOf(index, NIL)));
    assert.equal(bench.state.round, 1);
    return bench;
  };
  const report = (bench: Bench, index: number, highQc?: ReturnType<typeof certificate>) =>
    bench.receive(
      { type: 'newRound', height: 5, round: 1, ...(highQc && { highQc }) },
      SET.validators[index]!.address,
    );

  it('waits for the others, then builds afresh', () => {
    const bench = inRoundOne();
    assert.equal(bench.of('buildBlock').length, 0);
    bench.timer('newRound');
    assert.equal(bench.of('buildBlock').length, 1);
  });

  it('does not wait when all have reported', () => {
    const bench = inRoundOne();
    for (const index of others) report(bench, index);
    assert.equal(bench.of('buildBlock').length, 1);
  });

  it('does not count one reporter twice, nor a stranger', () => {
    const bench = inRoundOne();
    report(bench, others[0]);
    assert.equal(report(bench, others[0]), 'a report without news');
    bench.receive({ type: 'newRound', height: 5, round: 1 }, new Uint8Array(20));
    assert.equal(bench.of('buildBlock').length, 0);
  });

  it('goes at once with the certificate of the round before', () => {
    const bench = inRoundOne();
    report(bench, others[0], certificate(A, 0));
    assert.equal(bench.sent('proposal')[0]?.proposal.blockId, A);
  });

  it('drops the block it was building when a lock arrives', () => {
    const bench = new Bench({ ownIndex: own, manual: true });
    bench.receiveVotes(...others.map((index) => precommitOf(index, NIL)));
    bench.timer('newRound');
    assert.equal(bench.of('buildBlock').length, 1);
    report(bench, others[0], certificate(A, 0));
    bench.feed({ type: 'blockReceived', height: 5, blockId: A });
    bench.validate(A, { timely: false });
    bench.feed({ type: 'blockBuilt', height: 5, round: 1, blockId: B });
    const proposals = bench.requests().filter(({ type }) => type === 'proposal');
    assert.deepEqual(
      proposals.map(({ blockId }) => blockId),
      [A],
    );
  });
});

describe('deciding', () => {
  it('happens for a round that is over, too', () => {
    const bench = lockedOnA();
    bench.receiveVotes(precommitOf(P, A), precommitOf(Q, NIL));
    assert.equal(bench.state.round, 1);
    bench.receiveVotes(precommitOf(R, A));
    const [commit] = bench.of('commit');
    assert.equal(commit?.commit.round, 0);
    const flags = commit?.commit.signatures.map(({ flag }) => flag);
    assert.equal(flags?.[Q], 3);
  });

  it('never mixes rounds', () => {
    const bench = follower();
    bench.propose(A);
    bench.receiveVotes(precommitOf(P, A), precommitOf(Q, A));
    bench.receiveVotes(precommitOf(R, A, { round: 1 }));
    assert.equal(bench.of('commit').length, 0);
  });

  it('waits for the block and asks for it', () => {
    const bench = follower({ manual: true });
    bench.receiveVotes(...[P, Q, R].map((index) => precommitOf(index, A)));
    assert.equal(bench.of('commit').length, 0);
    const [request] = bench.of('requestBlock');
    assert.equal(request?.from.length, 3);
    bench.feed({ type: 'blockReceived', height: 5, blockId: A });
    bench.validate(A, { timely: false });
    assert.equal(bench.of('commit').length, 1);
  });

  it('by a commit message alone', () => {
    const bench = follower();
    bench.receive({ type: 'commit', commit: certificate(A, 7) });
    assert.equal(bench.of('commit')[0]?.commit.round, 7);
  });

  it('stops the node when the decided block is invalid here', () => {
    const bench = follower({ manual: true });
    bench.receive({ type: 'commit', commit: certificate(A, 0) });
    bench.feed({ type: 'blockReceived', height: 5, blockId: A });
    bench.validate(A, { valid: false });
    assert.equal(bench.of('halt').length, 1);
    assert.equal(bench.timer('round'), 'halted');
  });

  it('who gives up a decided height is sent its commit', () => {
    const bench = lockedOnA();
    bench.receiveVotes(precommitOf(P, A), precommitOf(Q, A));
    bench.receive({ type: 'timeout', vote: precommitOf(R, NIL) });
    const [assist] = bench.of('sendCommit');
    assert.equal(assist?.height, 5);
    assert.deepEqual(assist?.to, SET.validators[R]!.address);
  });
});

describe('bad behaviour', () => {
  it('two votes for one step are evidence; the first one counts', () => {
    const bench = follower();
    bench.receiveVotes(prevoteOf(P, A), prevoteOf(P, B));
    const [evidence] = bench.of('evidence');
    assert.deepEqual([evidence?.voteA.blockId, evidence?.voteB.blockId], [A, B]);
    assert.equal(bench.state.rounds.get(0)?.prevotes.votes[P]?.blockId, A);
  });

  it('a certificate that does not fit the proposal convinces nobody and blames nobody', () => {
    const bench = follower();
    endRound(bench, 0);
    const proposal = {
      height: 5,
      round: 1,
      polRound: 0,
      blockId: B,
      time: TIME,
      signature: new Uint8Array(64),
    };
    const misfit = { type: 'proposal', proposal, justify: certificate(A, 0) } as const;
    assert.equal(bench.receive(misfit), 'the certificate does not fit the proposal');
    bench.receive({ type: 'proposal', proposal, justify: certificate(B, 0) });
    assert.deepEqual(bench.votes(), ['prevote 1 B']);
  });

  it('a vote under a false address or index is refused', () => {
    const bench = follower();
    const forged = { ...prevoteOf(P, A), address: SET.validators[Q]!.address };
    const rejected = 'not a validator of this height';
    assert.equal(bench.receive({ type: 'vote', vote: forged }), rejected);
    const outside = { ...prevoteOf(P, A), index: 4 };
    assert.equal(bench.receive({ type: 'vote', vote: outside }), rejected);
  });

  it('a rejected input leaves the very same state', () => {
    const bench = follower();
    bench.receiveVotes(prevoteOf(P, A));
    const before = bench.state;
    const input = { type: 'received', message: { type: 'vote', vote: prevoteOf(P, A) } } as const;
    const result = step(before, input);
    assert.equal(result.state, before);
    assert.deepEqual(result.effects, []);
    assert.equal(result.rejected, 'a vote seen before');
  });

  it('messages of the next height are kept up to a bound, and taken when it begins', () => {
    const bench = lockedOnA();
    const early = (round: number) => vote(1, P, B, { round, height: 6 });
    for (let round = 0; round < 8; round++) {
      assert.equal(bench.receive({ type: 'vote', vote: early(round) }), undefined);
    }
    assert.equal(
      bench.receive({ type: 'vote', vote: early(8) }),
      'too many messages of the next height',
    );
    bench.receiveVotes(precommitOf(P, A), precommitOf(Q, A));
    const context = { ...bench.context, height: 6 };
    bench.feed({ type: 'start', context, records: [] });
    assert.equal(bench.state.context?.height, 6);
    assert.equal(bench.state.rounds.get(0)?.prevotes.votes[P]?.blockId, B);
    assert.equal(bench.state.nextHeight.length, 0);
  });

  it('heights far ahead call for block sync', () => {
    const bench = follower();
    bench.receiveVotes(vote(1, P, B, { height: 9 }));
    assert.equal(bench.of('behind')[0]?.height, 9);
  });
});

describe('after a crash', () => {
  it('the newest signature is asked for again, the lock and the round are back', () => {
    const before = lockedOnA();
    const records = before.of('persist').map(({ record }) => record);
    const bench = follower({ records });
    assert.equal(bench.state.lock?.round, 0);
    assert.deepEqual(bench.requests(), [before.requests().at(-1)]);
  });

  it('a lock without its precommit is precommitted when its block is here', () => {
    const bench = follower({ records: [{ type: 'lock', qc: certificate(A, 3) }] });
    assert.equal(bench.state.round, 3);
    assert.deepEqual(bench.votes(), ['precommit 3 A']);
  });

  it('nothing else is signed in the rounds before', () => {
    const before = lockedOnA();
    endRound(before, 0);
    before.timer('round');
    const records = before.of('persist').map(({ record }) => record);
    const bench = follower({ records });
    assert.equal(bench.state.round, 1);
    assert.deepEqual(bench.votes(), ['precommit 1 nil']);
    bench.propose(A, 1, certificate(A, 0));
    assert.deepEqual(bench.votes(), ['precommit 1 nil']);
  });

  it('a leader proposes the same block again', () => {
    const own = leaderIndex(0);
    const before = new Bench({ ownIndex: own });
    const [first] = before.of('persist').map(({ record }) => record);
    assert.equal(first?.type, 'proposal');
    const bench = new Bench({ ownIndex: own, records: [first!] });
    assert.equal(bench.of('buildBlock').length, 0);
    assert.deepEqual(bench.sent('proposal')[0]?.proposal, before.sent('proposal')[0]?.proposal);
  });

  it('block sync takes over: the height is forgotten until a later one begins', () => {
    const bench = lockedOnA();
    assert.equal(bench.feed({ type: 'synced', height: 4 }), 'not ahead of the height at hand');
    bench.feed({ type: 'synced', height: 8 });
    assert.equal(bench.timer('round', 0), 'a timer of another height');
    bench.feed({ type: 'start', context: { ...bench.context, height: 9 }, records: [] });
    assert.equal(bench.state.context?.height, 9);
    assert.equal(bench.state.lock, undefined);
  });
});

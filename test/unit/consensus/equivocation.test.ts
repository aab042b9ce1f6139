/** Two different votes of one validator for one step are found wherever they meet, in star and clique. */
import assert from 'node:assert/strict';
import type { VoteType } from '../../../node/consensus/types.ts';
import { PRECOMMIT, PREVOTE } from '../../../node/consensus/types.ts';
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
  endRound,
  follower,
  leaderIndex,
  lockedOnA,
  othersThan,
  precommitOf,
  prevoteOf,
  vote,
} from './harness.ts';

/** Type, voter and blocks of what was found. */
const found = (bench: Bench) =>
  bench.of('evidence').map(({ voteA, voteB }) => {
    assert.deepEqual(
      [voteA.type, voteA.index, voteA.round],
      [voteB.type, voteB.index, voteB.round],
    );
    return [voteA.type, voteA.index, voteA.blockId, voteB.blockId];
  });

describe('equivocating votes are evidence', () => {
  for (const mode of ['star', 'clique'] as const) {
    for (const type of [PREVOTE, PRECOMMIT] as readonly VoteType[]) {
      const name = type === PREVOTE ? 'prevotes' : 'precommits';
      const rows: readonly [string, typeof A, typeof A][] = [
        ['two blocks', A, B],
        ['a block and nil', A, NIL],
        ['nil and a block', NIL, B],
      ];
      for (const [what, first, second] of rows) {
        it(`${name} for ${what} (${mode}); the first one counts`, () => {
          const bench = follower({ mode });
          bench.receiveVotes(vote(type, P, first), vote(type, P, second));
          assert.deepEqual(found(bench), [[type, P, first, second]]);
          const round = bench.state.rounds.get(0);
          const tally = type === PREVOTE ? round?.prevotes : round?.precommits;
          assert.equal(tally?.votes[P]?.blockId, first);
          assert.equal(tally?.total, 10n);
        });
      }

      it(`${name} of a round that is over, and of one to come (${mode})`, () => {
        const bench = follower({ mode });
        endRound(bench, 0);
        const before = bench.of('evidence').length;
        bench.receiveVotes(prevoteOf(P, A), prevoteOf(P, B));
        bench.receiveVotes(vote(type, Q, A, { round: 4 }), vote(type, Q, B, { round: 4 }));
        assert.equal(bench.of('evidence').length, before + 2);
      });
    }

    it(`none against who says the same twice, or different things in different rounds (${mode})`, () => {
      const bench = follower({ mode });
      const again = { ...prevoteOf(P, A), time: { seconds: 1_800_000_000n, nanos: 1 } };
      bench.receiveVotes(prevoteOf(P, A), again, prevoteOf(P, B, { round: 1 }));
      bench.receiveVotes(precommitOf(P, B), precommitOf(P, NIL, { round: 1 }));
      assert.deepEqual(found(bench), []);
    });
  }
});

describe('votes that meet only inside certificates are evidence as well', () => {
  it('a prevote here, another one in the certificate that the leader of a star forwards', () => {
    const bench = follower({ mode: 'star' });
    bench.receiveVotes(prevoteOf(P, B));
    bench.receive({ type: 'quorum', qc: certificate(A, 0, [P, Q, R]) });
    assert.deepEqual(found(bench), [[PREVOTE, P, B, A]]);
    assert.equal(bench.state.lock?.blockId, A);
  });

  it('the certificate first, the other prevote later', () => {
    const bench = follower({ mode: 'star' });
    bench.receive({ type: 'quorum', qc: certificate(A, 0, [P, Q, R]) });
    bench.receiveVotes(prevoteOf(P, B));
    assert.deepEqual(found(bench), [[PREVOTE, P, A, B]]);
  });

  const carriers: readonly [string, (bench: Bench) => void][] = [
    [
      'a timeout',
      (bench) => {
        const highQc = certificate(A, 0, [P, Q, R]);
        bench.receive({ type: 'timeout', vote: precommitOf(Q, A), highQc });
      },
    ],
    [
      'a report',
      (bench) => {
        const highQc = certificate(A, 0, [P, Q, R]);
        bench.receive({ type: 'newRound', height: 5, round: 1, highQc });
      },
    ],
    ['a proposal', (bench) => void bench.propose(A, 1, certificate(A, 0, [P, Q, R]))],
  ];
  for (const [name, carry] of carriers) {
    it(`the certificate of ${name}`, () => {
      const bench = follower();
      bench.receiveVotes(prevoteOf(P, B));
      carry(bench);
      assert.deepEqual(found(bench), [[PREVOTE, P, B, A]]);
    });
  }

  it('two certificates of one round name everyone who is in both', () => {
    const bench = follower();
    bench.receive({ type: 'quorum', qc: certificate(A, 0, [P, Q, R]) });
    bench.receive({ type: 'quorum', qc: certificate(B, 0, [P, Q, R]) });
    assert.deepEqual(
      found(bench),
      [P, Q, R].map((index) => [PREVOTE, index, A, B]),
    );
  });

  it('a precommit here, another one in the commit of the height', () => {
    const bench = follower({ mode: 'star', manual: true });
    bench.receiveVotes(precommitOf(P, NIL));
    bench.receive({ type: 'commit', commit: certificate(A, 0, [P, Q, R]) });
    assert.deepEqual(found(bench), [[PRECOMMIT, P, NIL, A]]);
  });

  it('a precommit after the decision, against the commit', () => {
    const bench = lockedOnA();
    bench.receiveVotes(precommitOf(P, A), precommitOf(Q, A));
    bench.receiveVotes(precommitOf(Q, B), precommitOf(Q, B, { round: 1 }));
    assert.deepEqual(found(bench), [[PRECOMMIT, Q, A, B]]);
    const context = { ...bench.context, height: 6, lastValidators: SET };
    bench.feed({ type: 'start', context, records: [] });
    bench.receiveVotes(precommitOf(P, NIL));
    assert.deepEqual(found(bench).slice(1), [[PRECOMMIT, P, A, NIL]]);
  });

  it('prevotes and precommits of other rounds, until the next height begins', () => {
    const bench = lockedOnA();
    bench.receiveVotes(precommitOf(P, A), precommitOf(Q, A));
    bench.receiveVotes(prevoteOf(P, B), precommitOf(R, A, { round: 1 }));
    bench.receiveVotes(precommitOf(R, NIL, { round: 1 }));
    assert.deepEqual(found(bench), [
      [PREVOTE, P, A, B],
      [PRECOMMIT, R, A, NIL],
    ]);
    assert.equal(bench.of('commit').length, 1);
  });

  it('a second commit of a decided height names everyone who is in both', () => {
    const bench = lockedOnA();
    bench.receiveVotes(precommitOf(P, A), precommitOf(Q, A));
    bench.receive({ type: 'commit', commit: certificate(B, 0, [P, Q, R]) });
    assert.deepEqual(
      found(bench),
      [P, Q].map((index) => [PRECOMMIT, index, A, B]),
    );
    const again = { type: 'commit', commit: certificate(A, 0, [P, Q]) } as const;
    assert.equal(bench.receive(again), 'a commit seen before');
  });
});

describe('in a star, where prevotes reach the leader only', () => {
  it('a follower shows the leader a prevote that is not for its proposal', () => {
    const bench = follower({ mode: 'star' });
    bench.propose(A);
    const stray = prevoteOf(P, B);
    bench.receiveVotes(stray, stray, prevoteOf(Q, A));
    const shown = bench.of('send').filter(({ message }) => {
      return message.type === 'vote' && message.vote.index !== bench.context.ownIndex;
    });
    assert.deepEqual(
      shown.map(({ to }) => to),
      [[SET.proposer.address]],
    );
  });

  it('and the leader finds the contradiction', () => {
    const own = leaderIndex(0);
    const [other] = othersThan(own) as [number];
    const bench = new Bench({ ownIndex: own, mode: 'star' });
    const proposed = bench.sent('proposal')[0]!.proposal.blockId;
    bench.receiveVotes(prevoteOf(other, proposed), prevoteOf(other, B));
    assert.deepEqual(found(bench), [[PREVOTE, other, proposed, B]]);
  });

  it('in a clique nobody needs to be shown', () => {
    const bench = follower({ mode: 'clique' });
    bench.propose(A);
    bench.receiveVotes(prevoteOf(P, B));
    const shown = bench.sent('vote').filter(({ vote: { index } }) => index === P);
    assert.deepEqual(shown, []);
  });
});

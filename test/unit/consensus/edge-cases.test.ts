/** The edge cases E1 to E10 of the design, one by one, on one machine. E11 to E15: see edge-cases-chain.test.ts. */
import assert from 'node:assert/strict';
import { blockKey } from '../../../node/consensus/votes.ts';
import type { Effect, SignRequest } from '../../../node/consensus/effects.ts';
import type { Commit } from '../../../node/consensus/types.ts';
import { ValidatorSet } from '../../../node/consensus/validator-set.ts';
import {
  A,
  B,
  Bench,
  FOLLOWER,
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
  vote,
} from './harness.ts';

const flagsOf = (commit?: Commit) => commit?.signatures.map(({ flag }) => flag);
const commitOf = (bench: Bench): Commit | undefined => bench.of('commit')[0]?.commit;

describe('E1 precommits of two rounds are never in one commit', () => {
  const cases: readonly [string, readonly (readonly [number, number])[], number | undefined][] = [
    [
      'two of round 0, one of round 1',
      [
        [P, 0],
        [Q, 0],
        [R, 1],
      ],
      undefined,
    ],
    [
      'one of each of three rounds',
      [
        [P, 0],
        [Q, 1],
        [R, 2],
      ],
      undefined,
    ],
    [
      'the third of round 0 comes after one of round 1',
      [
        [P, 0],
        [Q, 0],
        [P, 1],
        [R, 0],
      ],
      0,
    ],
    [
      'three of round 1 after one of round 0',
      [
        [P, 0],
        [P, 1],
        [Q, 1],
        [R, 1],
      ],
      1,
    ],
  ];
  for (const [name, votes, decidedIn] of cases) {
    it(`${name}: ${decidedIn === undefined ? 'no commit' : `commit of round ${decidedIn}`}`, () => {
      const bench = follower({ ownIndex: undefined });
      for (const [index, round] of votes) bench.receiveVotes(precommitOf(index, A, { round }));
      const commit = commitOf(bench);
      assert.equal(commit?.round, decidedIn);
      const inRound = votes.filter(([, round]) => round === decidedIn).length;
      assert.equal(flagsOf(commit)?.filter((flag) => flag === 2).length ?? 0, inRound);
    });
  }

  it('late precommits of another round do not enter the last commit', () => {
    const lastCommit = { ...certificate(B, 1, [0, 1, 2]), height: 4 };
    const bench = new Bench({ ownIndex: leaderIndex(0), lastCommit, graceMs: 100 });
    for (const round of [0, 2]) bench.receiveVotes(precommitOf(3, B, { height: 4, round }));
    assert.equal(bench.of('buildBlock').length, 0);
    bench.timer('grace');
    assert.deepEqual(flagsOf(bench.of('buildBlock')[0]?.lastCommit), [2, 2, 2, 1]);
  });
});

describe('E2 an old round decides after the machine has moved on', () => {
  it('while it works on a later round', () => {
    const bench = lockedOnA();
    endRound(bench, 0);
    endRound(bench, 1);
    bench.propose(A, 2, certificate(A, 0));
    for (const index of [P, Q]) bench.receive({ type: 'vote', vote: precommitOf(index, A) });
    assert.equal(commitOf(bench), undefined, 'their nil votes of round 0 count, not these');
    const fresh = lockedOnA();
    fresh.receiveVotes(...[P, Q].map((index) => prevoteOf(index, A, { round: 3 })));
    assert.equal(fresh.state.round, 3);
    fresh.receiveVotes(precommitOf(P, A), precommitOf(Q, A));
    assert.equal(commitOf(fresh)?.round, 0);
    assert.equal(fresh.state.phase, 'decided');
  });
});

describe('E3 a late certificate moves the lock and is not precommitted', () => {
  for (const mode of ['star', 'clique'] as const) {
    it(`for the round before (${mode}); the leader at work is told`, () => {
      const bench = follower({ mode });
      bench.propose(A);
      endRound(bench, 0);
      bench.receive({ type: 'quorum', qc: certificate(A, 0) });
      assert.equal(bench.state.lock?.round, 0);
      assert.deepEqual(bench.votes(), ['prevote 0 A']);
      assert.equal(bench.sent('quorum').length, 1);
    });
  }

  it('nor when late prevotes make it', () => {
    const bench = follower();
    bench.propose(A);
    endRound(bench, 0);
    bench.receiveVotes(prevoteOf(P, A), prevoteOf(Q, A));
    assert.equal(bench.state.lock?.round, 0);
    assert.deepEqual(bench.votes(), ['prevote 0 A']);
  });
});

describe('E4 a crash between log, signer and network asks for the same signature again', () => {
  const full = (): { effects: readonly Effect[]; requests: readonly SignRequest[] } => {
    const bench = lockedOnA();
    return { effects: bench.effects, requests: bench.requests() };
  };

  it('whatever record was the last durable one', () => {
    const { effects, requests } = full();
    const records = effects.flatMap((one) => (one.type === 'persist' ? [one.record] : []));
    for (let durable = 1; durable <= records.length; durable++) {
      const kept = records.slice(0, durable);
      const newest = kept.findLast((record) => record.type !== 'lock');
      const bench = follower({ records: kept, manual: true });
      assert.deepEqual(bench.requests(), newest?.type === 'vote' ? [newest.request] : []);
      for (const request of bench.requests()) assert.ok(requests.includes(request));
    }
  });

  it('a node whose key is no longer here, or whose log is not whole, asks for none', () => {
    const { effects } = full();
    const records = effects.flatMap((one) => (one.type === 'persist' ? [one.record] : []));
    for (let durable = 1; durable <= records.length; durable++) {
      const context = { ownIndex: undefined, records: records.slice(0, durable), manual: true };
      assert.deepEqual(new Bench(context).requests(), []);
    }
  });

  it('a leader asks for the signature of the same proposal', () => {
    const own = leaderIndex(0);
    const before = new Bench({ ownIndex: own });
    const records = before.of('persist').map(({ record }) => record);
    const after = new Bench({ ownIndex: own, records: records.slice(0, 1) });
    assert.equal(after.of('buildBlock').length, 0);
    assert.deepEqual(after.requests()[0], before.requests()[0]);
  });
});

describe('E5 a block that is missing when its certificate comes is fetched before the precommit', () => {
  const ways: readonly [string, (bench: Bench) => void][] = [
    ['a certificate', (bench) => void bench.receive({ type: 'quorum', qc: certificate(A, 0) })],
    ['prevotes', (bench) => bench.receiveVotes(...[P, Q, R].map((one) => prevoteOf(one, A)))],
  ];
  for (const [name, bring] of ways) {
    it(`by ${name}: asked from those who prevoted it`, () => {
      const bench = follower({ manual: true });
      bring(bench);
      assert.deepEqual(bench.votes(), []);
      const [request] = bench.of('requestBlock');
      assert.equal(request?.blockId, A);
      assert.ok(request.from.length >= 2);
      bench.feed({ type: 'blockReceived', height: 5, blockId: A });
      assert.deepEqual(bench.votes(), []);
      bench.validate(A, { timely: false });
      assert.deepEqual(bench.votes(), ['precommit 0 A']);
    });
  }

  it('and before the commit', () => {
    const bench = follower({ manual: true });
    bench.receiveVotes(...[P, Q, R].map((index) => precommitOf(index, A)));
    assert.equal(commitOf(bench), undefined);
    assert.equal(bench.of('requestBlock').length, 1);
    bench.feed({ type: 'blockReceived', height: 5, blockId: A });
    bench.validate(A);
    assert.equal(commitOf(bench)?.round, 0);
  });
});

describe('E6 a block that is proposed again stays the same block', () => {
  it('the next leader proposes it under its first name, not with a last commit of its own', () => {
    const own = leaderIndex(1);
    const lastCommit = { ...certificate(B, 0, [0, 1, 2]), height: 4 };
    const bench = new Bench({ ownIndex: own, lastCommit });
    const [first, second] = othersThan(own) as [number, number];
    bench.propose(A);
    bench.receiveVotes(prevoteOf(first, A), prevoteOf(second, A));
    bench.timer('round');
    bench.receiveVotes(precommitOf(first, NIL), precommitOf(second, NIL));
    assert.deepEqual(
      bench.sent('proposal').map(({ proposal }) => proposal.blockId),
      [A],
    );
    assert.equal(bench.of('buildBlock').length, 0);
  });

  it('and is prevoted though another leader made it, and late', () => {
    const bench = follower({ manual: true });
    endRound(bench, 0);
    bench.propose(A, 1, certificate(A, 0));
    bench.feed({ type: 'blockReceived', height: 5, blockId: A });
    bench.validate(A, { timely: false, proposer: SET.leader(0).address });
    assert.deepEqual(bench.votes(), ['prevote 1 A']);
  });

  it('a fresh one must name the leader who proposes it', () => {
    for (const [proposer, votes] of [
      [SET.leader(1).address, ['prevote 1 A']],
      [SET.leader(0).address, ['precommit 1 nil']],
    ] as const) {
      const bench = follower({ manual: true });
      endRound(bench, 0);
      bench.propose(A, 1);
      bench.feed({ type: 'blockReceived', height: 5, blockId: A });
      bench.validate(A, { proposer });
      assert.deepEqual(bench.votes(), votes);
    }
  });
});

describe('E7 one validator is enough when it has more than 2/3 of the power', () => {
  const cases: readonly [string, readonly bigint[], boolean][] = [
    ['alone', [3n], true],
    ['with more than 2/3', [9n, 1n, 1n, 1n], true],
    ['with one more than 2/3', [7n, 1n, 1n, 1n], true],
    ['with exactly 2/3', [6n, 1n, 1n, 1n], false],
  ];
  for (const [name, powers, decides] of cases) {
    for (const mode of ['star', 'clique'] as const) {
      it(`${name} (${mode}): ${decides ? 'it decides' : 'it waits for others'}`, () => {
        const set = setOf(powers);
        const bench = new Bench({ set, ownIndex: 0, mode });
        const leaderOfRoundZero = leaderIndex(0, set);
        if (leaderOfRoundZero !== 0) bench.propose(A);
        assert.equal(bench.of('commit').length, decides ? 1 : 0);
      });
    }
  }
});

describe('E8 a validator that leaves at the next height still signs this one', () => {
  const leaver = othersThan(FOLLOWER).find((index) => index !== leaderIndex(0))!;
  const next = ValidatorSet.restore(SET.validators).update([
    { ...SET.validators[leaver]!, power: 0n },
  ]);
  const decided = (): Bench => {
    const bench = lockedOnA();
    const [first, second] = [P, Q, R].filter((index) => index !== leaver) as [number, number];
    bench.receiveVotes(precommitOf(first, A), precommitOf(second, A));
    assert.equal(flagsOf(commitOf(bench))?.[leaver], 1);
    const context = {
      ...bench.context,
      height: 6,
      validators: next,
      lastValidators: SET,
      ownIndex: next.indexOf(SET.validators[FOLLOWER]!.address),
    };
    bench.feed({ type: 'start', context, records: [] });
    return bench;
  };

  it('its late precommit enters the last commit', () => {
    const bench = decided();
    bench.receiveVotes(precommitOf(leaver, A));
    assert.equal(flagsOf(bench.state.last?.commit)?.[leaver], 2);
  });

  it('its votes at the height where it has left are nobody’s', () => {
    const bench = decided();
    const ghost = { ...vote(1, leaver, B, { height: 6 }), index: 3 };
    assert.equal(bench.receive({ type: 'vote', vote: ghost }), 'not a validator of this height');
    for (const index of [0, 1, 2]) {
      const rejected = bench.receive({ type: 'vote', vote: { ...ghost, index } });
      assert.equal(rejected, 'not a validator of this height');
    }
  });

  it('and itself it signs nothing there', () => {
    const bench = new Bench({ set: next, ownIndex: undefined });
    bench.propose(A);
    bench.timer('round');
    assert.deepEqual(bench.requests(), []);
  });
});

describe('E9 a leader that proposes twice', () => {
  it('gets a prevote for the first only; the second is news once, as proof', () => {
    const bench = follower();
    bench.propose(A);
    const before = bench.state;
    assert.equal(bench.propose(B), undefined);
    assert.notEqual(bench.state, before, 'what is news is passed on');
    assert.equal(bench.state.rounds.get(0)?.contradiction?.blockId, B);
    assert.equal(bench.propose(blockNamed('C')), 'one more proposal for the same round');
    assert.equal(bench.propose(A), 'a proposal seen before');
    assert.deepEqual(bench.votes(), ['prevote 0 A']);
    assert.equal(bench.state.rounds.get(0)?.proposal?.proposal.blockId, A);
  });

  it('cannot stop a certificate for the second from being followed', () => {
    const bench = follower();
    bench.propose(A);
    bench.propose(B);
    bench.receive({ type: 'quorum', qc: certificate(B, 0, othersThan(FOLLOWER)) });
    assert.deepEqual(bench.votes(), ['prevote 0 A', 'precommit 0 B']);
  });
});

describe('E10 where the end of a round and a commit are both possible, the commit wins', () => {
  const both = [precommitOf(P, A), precommitOf(Q, NIL), precommitOf(R, A)];

  it('a node that saw the end of the round first accepts the commit later', () => {
    const bench = lockedOnA();
    bench.receiveVotes(...both.slice(0, 2));
    assert.equal(bench.state.round, 1);
    bench.receiveVotes(both[2]!);
    assert.equal(commitOf(bench)?.round, 0);
    assert.equal(flagsOf(commitOf(bench))?.[Q], 3);
  });

  it('with both at once it decides and does not enter the next round', () => {
    const bench = follower({ manual: true });
    bench.propose(A);
    bench.receive({ type: 'commit', commit: certificate(A, 0, [P, Q, R]) });
    bench.feed({ type: 'blockReceived', height: 5, blockId: A });
    bench.validate(A);
    assert.equal(bench.state.phase, 'decided');
    assert.equal(bench.sent('newRound').length, 0);
  });

  it('so does a node rounds later that gets it as a message', () => {
    const bench = follower();
    for (const round of [0, 1, 2]) endRound(bench, round);
    bench.receive({ type: 'commit', commit: certificate(A, 0) });
    assert.equal(blockKey(commitOf(bench)!.blockId), blockKey(A));
    assert.equal(bench.timer('round', 3), 'a timer of another height');
  });
});

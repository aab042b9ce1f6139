/** Who is told what in star and clique, what is repeated until the height moves, and how far a node leaps. */
import assert from 'node:assert/strict';
import { MAX_ROUND_LEAP } from '../../../node/base/limits.ts';
import { toHex } from '../../../node/base/bytes.ts';
import { messageChecks, withinReach } from '../../../node/consensus/message-signatures.ts';
import type { ConsensusMessage } from '../../../node/consensus/messages.ts';
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
  blockNamed,
  certificate,
  endRound,
  follower,
  leaderIndex,
  lockedOnA,
  othersThan,
  precommitOf,
  prevoteOf,
} from './harness.ts';

const OWN = blockNamed('own 0');

/** "prevote to 1 address", "precommit to all", ... in order. */
function sends(bench: Bench): string[] {
  return bench.of('send').map(({ to, gossip, message }) => {
    const names = ['', 'prevote', 'precommit'];
    const what = message.type === 'vote' ? names[message.vote.type] : message.type;
    const whom = to === 'all' ? 'all' : `${to.length}`;
    return `${what} to ${whom}${gossip ? ' and gossip' : ''}`;
  });
}

describe('star and clique', () => {
  const flows = [
    {
      mode: 'star' as const,
      leader: ['proposal to all', 'quorum to all', 'precommit to 1'],
      other: ['prevote to 1', 'precommit to 2'],
    },
    {
      mode: 'clique' as const,
      leader: ['proposal to all', 'prevote to all', 'precommit to all'],
      other: ['prevote to all', 'precommit to all'],
    },
  ];
  for (const { mode, leader, other } of flows) {
    it(`${mode}: what the leader of a good height sends`, () => {
      const own = leaderIndex(0);
      const bench = new Bench({ ownIndex: own, mode });
      const [first, second] = othersThan(own) as [number, number];
      bench.receiveVotes(prevoteOf(first, OWN), prevoteOf(second, OWN));
      bench.receiveVotes(precommitOf(first, OWN), precommitOf(second, OWN));
      assert.equal(bench.of('commit').length, 1);
      assert.deepEqual(sends(bench), leader);
    });

    it(`${mode}: what a follower sends`, () => {
      const bench = follower({ mode });
      bench.propose(A);
      if (mode === 'star') bench.receive({ type: 'quorum', qc: certificate(A, 0, [P, Q, R]) });
      else bench.receiveVotes(...[P, Q, R].map((index) => prevoteOf(index, A)));
      assert.deepEqual(sends(bench), other);
    });

    it(`${mode}: precommits reach the leader at hand and the next one`, () => {
      const bench = follower({ mode });
      bench.propose(A);
      bench.receive({ type: 'quorum', qc: certificate(A, 0) });
      const { to } = bench.of('send').at(-1)!;
      if (to === 'all') return assert.equal(mode, 'clique');
      const wanted = [SET.proposer.address, bench.context.nextProposer].map(toHex);
      assert.deepEqual(to.map(toHex), wanted);
    });

    it(`${mode}: a round that fails is given up before everybody, and reported to its next leader`, () => {
      const bench = follower({ mode });
      bench.timer('round');
      endRound(bench, 0);
      const [timeout, report] = bench.of('send').slice(-2);
      assert.deepEqual([timeout?.to, timeout?.gossip], ['all', true]);
      assert.equal(report?.message.type, 'newRound');
      assert.deepEqual(report?.to, [SET.leader(1).address]);
    });
  }
});

describe('certificates are sent again until the height moves', () => {
  it('a star’s leader repeats the certificate of the round at every tick', () => {
    const own = leaderIndex(0);
    const bench = new Bench({ ownIndex: own, mode: 'star' });
    const [first, second] = othersThan(own) as [number, number];
    bench.receiveVotes(prevoteOf(first, OWN), prevoteOf(second, OWN));
    for (const times of [2, 3, 4]) {
      bench.timer('resend');
      assert.equal(bench.sent('quorum').length, times);
    }
    bench.receiveVotes(precommitOf(first, OWN), precommitOf(second, OWN));
    bench.timer('resend');
    assert.equal(bench.sent('quorum').length, 4);
  });

  it('who has given up carries the highest one, in that round and in later ones', () => {
    const bench = lockedOnA();
    bench.timer('round');
    bench.timer('resend');
    endRound(bench, 0);
    bench.timer('round');
    bench.timer('resend');
    const rounds = bench.sent('timeout').map(({ vote, highQc }) => [vote.round, highQc?.round]);
    assert.deepEqual(rounds, [
      [0, 0],
      [0, 0],
      [1, 0],
      [1, 0],
    ]);
  });

  it('votes that a collector may have missed are repeated before the round is given up', () => {
    const bench = follower({ mode: 'star' });
    bench.propose(A);
    bench.timer('resend');
    assert.deepEqual(sends(bench), ['prevote to 1', 'prevote to 1']);
    bench.receive({ type: 'quorum', qc: certificate(A, 0) });
    bench.timer('resend');
    const precommits = ['precommit to 2', 'precommit to 2 and gossip'];
    assert.deepEqual(sends(bench).slice(2), precommits);
  });

  it('a paced star’s leader tells the commit at once; an unpaced one leaves it to the next proposal', () => {
    for (const [paceMs, commits] of [
      [500, 1],
      [0, 0],
    ] as const) {
      const own = leaderIndex(0);
      const bench = new Bench({ ownIndex: own, mode: 'star', paceMs });
      bench.timer('pace');
      const [first, second] = othersThan(own) as [number, number];
      bench.receiveVotes(prevoteOf(first, OWN), prevoteOf(second, OWN));
      bench.receiveVotes(precommitOf(first, OWN), precommitOf(second, OWN));
      assert.equal(bench.of('commit').length, 1);
      assert.equal(bench.sent('commit').length, commits);
    }
  });

  it('it repeats the commit while nothing is proposed at the next height', () => {
    const own = leaderIndex(0);
    const bench = new Bench({ ownIndex: own, mode: 'star' });
    const [first, second] = othersThan(own) as [number, number];
    bench.receiveVotes(prevoteOf(first, OWN), prevoteOf(second, OWN));
    bench.receiveVotes(precommitOf(first, OWN), precommitOf(second, OWN));
    const validators = SET.advance(1);
    const context = { ...bench.context, height: 6, validators, lastValidators: SET };
    bench.feed({ type: 'start', context, records: [] });
    for (const times of [1, 2]) {
      bench.feed({ type: 'timeout', kind: 'resend', height: 6, round: 0 });
      assert.equal(bench.sent('commit').length, times);
      assert.equal(bench.sent('commit').at(-1)?.commit.height, 5);
    }
    const signature = new Uint8Array(64);
    const fields = { height: 6, round: 0, polRound: -1, blockId: B, time: TIME, signature };
    bench.receive({ type: 'proposal', proposal: fields });
    bench.feed({ type: 'timeout', kind: 'resend', height: 6, round: 0 });
    assert.equal(bench.sent('commit').length, 2);
  });

  it('the first tick leaves the leader its time to propose', () => {
    const bench = follower({ manual: true });
    const ticks = bench.of('scheduleTimeout').filter(({ kind }) => kind === 'resend');
    const { resendMs, newRoundMs } = bench.context.timeouts;
    assert.deepEqual(
      ticks.map(({ afterMs }) => afterMs),
      [resendMs],
    );
    endRound(bench, 0);
    const next = bench.of('scheduleTimeout').findLast(({ kind }) => kind === 'resend');
    assert.equal(next?.afterMs, newRoundMs + resendMs);
    const paced = follower({ paceMs: 400, graceMs: 50 });
    const late = paced.of('scheduleTimeout').find(({ kind }) => kind === 'resend');
    assert.equal(late?.afterMs, 400 + 50 + resendMs);
  });

  it('the commit goes to everyone who still gives up its height, each time', () => {
    const bench = lockedOnA();
    bench.receiveVotes(precommitOf(P, A), precommitOf(Q, A));
    for (const times of [1, 2]) {
      bench.receive({ type: 'timeout', vote: precommitOf(R, NIL) });
      bench.receive({ type: 'newRound', height: 5, round: 1 }, SET.validators[R]!.address);
      assert.equal(bench.of('sendCommit').length, 2 * times);
    }
  });
});

describe('more than 1/3 from a later round bring a node there', () => {
  const cases: readonly [string, readonly (readonly [number, number])[], number][] = [
    ['one of four is not enough', [[P, 9]], 0],
    [
      'two of four: to the lower of their rounds',
      [
        [P, 9],
        [Q, 4],
      ],
      4,
    ],
    [
      `at the bound of ${MAX_ROUND_LEAP}`,
      [
        [P, MAX_ROUND_LEAP],
        [Q, MAX_ROUND_LEAP],
      ],
      MAX_ROUND_LEAP,
    ],
    [
      'one past it: no further at once',
      [
        [P, MAX_ROUND_LEAP + 1],
        [Q, MAX_ROUND_LEAP + 1],
      ],
      MAX_ROUND_LEAP,
    ],
    [
      'a million: no further at once',
      [
        [P, 1_000_000],
        [Q, 1_000_000],
      ],
      MAX_ROUND_LEAP,
    ],
  ];
  for (const [name, votes, round] of cases) {
    it(name, () => {
      const bench = follower();
      for (const [index, at] of votes) bench.receiveVotes(precommitOf(index, NIL, { round: at }));
      assert.equal(bench.state.round, round);
      assert.ok(bench.state.rounds.size < 50);
    });
  }

  it('leap by leap as they repeat themselves: nobody is left behind for good', () => {
    const bench = follower();
    const far = { round: 3_500 };
    const rounds: number[] = [];
    for (let time = 0; time < 4; time++) {
      for (const index of [P, Q])
        bench.receive({ type: 'timeout', vote: precommitOf(index, NIL, far) });
      rounds.push(bench.state.round);
    }
    assert.deepEqual(rounds, [1_000, 2_000, 3_000, 3_500]);
  });

  it('leaders of far rounds are found by going on from the last one found', () => {
    for (const round of [1, 5, 1_000, 999, 3, 2_000, 2_001, 1_999]) {
      assert.deepEqual(SET.leader(round).address, SET.advance(round).proposer.address);
    }
  });
});

describe('what lies too far ahead is dropped before its signatures are checked', () => {
  const at = 10;
  const edge = at + MAX_ROUND_LEAP;
  const vote = precommitOf(P, NIL, { round: edge + 1 });
  const far = certificate(A, edge + 1);
  const near = certificate(A, edge);
  const cases: readonly [string, ConsensusMessage, ConsensusMessage | undefined][] = [
    [
      'a certificate at the bound is checked',
      { type: 'quorum', qc: near },
      { type: 'quorum', qc: near },
    ],
    ['one past it is not', { type: 'quorum', qc: far }, undefined],
    ['nor is a report', { type: 'newRound', height: 5, round: edge + 1 }, undefined],
    [
      'nor a report with such a certificate',
      { type: 'newRound', height: 5, round: 3, highQc: far },
      undefined,
    ],
    [
      'of a timeout only the vote is left',
      { type: 'timeout', vote, highQc: far },
      { type: 'timeout', vote },
    ],
    ['a vote tells how far its sender is', { type: 'vote', vote }, { type: 'vote', vote }],
    [
      'a commit is good in any round',
      { type: 'commit', commit: far },
      { type: 'commit', commit: far },
    ],
  ];
  for (const [name, message, left] of cases) {
    it(name, () => assert.deepEqual(withinReach(message, at), left));
  }

  it('and the machine keeps nothing of it either', () => {
    const bench = follower();
    assert.equal(
      bench.receive({ type: 'quorum', qc: certificate(A, MAX_ROUND_LEAP + 1) }),
      'a certificate seen before',
    );
    const report = { type: 'newRound', height: 5, round: MAX_ROUND_LEAP + 1 } as const;
    assert.equal(bench.receive(report), 'a report of a round too far away');
    assert.equal(bench.state.lock, undefined);
    bench.receive({ type: 'quorum', qc: certificate(A, MAX_ROUND_LEAP) });
    assert.equal(bench.state.round, MAX_ROUND_LEAP);
  });

  it('of the next height nothing of such a round is kept', () => {
    const bench = follower();
    const early = (round: number) =>
      bench.receive({ type: 'vote', vote: precommitOf(P, A, { round, height: 6 }) });
    assert.equal(early(MAX_ROUND_LEAP), undefined);
    assert.equal(early(MAX_ROUND_LEAP + 1), 'a message of a round too far away');
    assert.equal(bench.state.nextHeight.length, 1);
  });

  it('proof of a timeout is of the round before', () => {
    const context = { chainId: 'chain-1', validators: SET, round: 0 };
    const report = (round: number): ConsensusMessage => {
      const timeouts = [P, Q, R].map((index) => precommitOf(index, NIL, { round }));
      return { type: 'newRound', height: 5, round: 3, timeouts };
    };
    assert.equal(messageChecks(context, report(2)).length, 3);
    for (const round of [1, 3]) assert.throws(() => messageChecks(context, report(round)));
  });
});

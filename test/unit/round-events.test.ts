import assert from 'node:assert/strict';
import { INITIAL_STATE, step } from '../../node/consensus/machine.ts';
import { roundEvents } from '../../node/round-events.ts';
import type { RoundEvent } from '../../node/rpc/events.ts';
import {
  A,
  follower,
  leaderIndex,
  NIL,
  P,
  precommitOf,
  prevoteOf,
  Q,
  R,
  SET,
  type Bench,
} from './consensus/harness.ts';

/** A bench whose every step is told. */
function told(): { bench: Bench; events: RoundEvent[] } {
  const bench = follower();
  const events = roundEvents(INITIAL_STATE, bench.state);
  const feed = bench.feed.bind(bench);
  bench.feed = (input) => {
    events.push(...roundEvents(bench.state, step(bench.state, input).state));
    return feed(input);
  };
  return { bench, events };
}

const name = (event: RoundEvent): string => {
  if (event.kind === 'Vote') return `Vote ${event.vote.type}`;
  return event.kind === 'NewRoundStep' ? event.at.step.replace('RoundStep', '') : event.kind;
};

describe('events of consensus', () => {
  it('a height that goes well is told from the new round to the commit', () => {
    const { bench, events } = told();
    bench.propose(A);
    bench.receiveVotes(prevoteOf(P, A), prevoteOf(Q, A), precommitOf(P, A), precommitOf(Q, A));
    assert.deepEqual(events.map(name), [
      'NewRound',
      'Propose',
      'CompleteProposal',
      'Prevote',
      'Vote 1',
      'Vote 1',
      'Vote 1',
      'Polka',
      'Lock',
      'Precommit',
      'Vote 2',
      'Vote 2',
      'Vote 2',
      'Commit',
    ]);
  });

  it('a round without a proposal times out, and the next one names its leader', () => {
    const { bench, events } = told();
    bench.timer('round');
    bench.receiveVotes(...[P, Q, R].map((index) => precommitOf(index, NIL)));
    const names = events.map(name);
    assert.deepEqual(names.slice(0, 4), ['NewRound', 'Propose', 'TimeoutPropose', 'Precommit']);
    const rounds = events.flatMap((event) => (event.kind === 'NewRound' ? [event] : []));
    assert.deepEqual(
      rounds.map(({ at, index, proposer }) => [at.height, at.round, index, proposer.address]),
      [0, 1].map((round) => [5, round, leaderIndex(round), SET.leader(round).address]),
    );
  });

  it('nothing is told of a step that changed nothing, and of no height', () => {
    const { bench, events } = told();
    const before = events.length;
    bench.propose(A);
    const after = events.length;
    bench.propose(A);
    bench.timer('pace', 7);
    assert.ok(after > before);
    assert.equal(events.length, after);
    assert.deepEqual(roundEvents(bench.state, INITIAL_STATE), []);
  });

  it('a vote is told once', () => {
    const { bench, events } = told();
    for (let times = 0; times < 3; times += 1) bench.receiveVotes(prevoteOf(P, A));
    assert.equal(events.filter(({ kind }) => kind === 'Vote').length, 1);
  });
});

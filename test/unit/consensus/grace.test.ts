/** For whose late precommits a leader waits. */
import assert from 'node:assert/strict';
import {
  A,
  B,
  Bench,
  SET,
  blockNamed,
  certificate,
  leaderIndex,
  othersThan,
  precommitOf,
  prevoteOf,
} from './harness.ts';

describe('validators that stay silent are not waited for', () => {
  const own = leaderIndex(1);
  const [first, second, third] = othersThan(own) as [number, number, number];

  /** Height 5 is decided by the others than `third`, who says what is given; then height 6 begins. */
  function nextHeight(heard: (bench: Bench) => void, more: object = {}): Bench {
    const bench = new Bench({ ownIndex: own, graceMs: 100 });
    bench.propose(A);
    heard(bench);
    bench.receiveVotes(prevoteOf(first, A), prevoteOf(second, A));
    bench.receiveVotes(precommitOf(first, A), precommitOf(second, A));
    assert.equal(bench.of('commit').length, 1);
    const validators = SET.advance(1);
    const context = { ...bench.context, height: 6, validators, lastValidators: SET, ...more };
    bench.feed({ type: 'start', context, records: [] });
    return bench;
  }

  it('one that said nothing at the last height does not cost the grace', () => {
    const bench = nextHeight(() => undefined);
    assert.deepEqual([...bench.state.quiet], [third]);
    assert.equal(bench.of('buildBlock').length, 1);
  });

  it('its precommit is collected when it comes in time all the same', () => {
    const bench = nextHeight(() => undefined);
    bench.receiveVotes(precommitOf(third, A));
    assert.equal(bench.state.last?.commit.signatures[third]?.flag, 2);
  });

  it('one whose prevote came is waited for', () => {
    const bench = nextHeight((one) => one.receiveVotes(prevoteOf(third, A)));
    assert.deepEqual([...bench.state.quiet], []);
    assert.equal(bench.of('buildBlock').length, 0);
    bench.timer('grace');
    bench.feed({ type: 'timeout', kind: 'grace', height: 6, round: 0 });
    assert.equal(bench.of('buildBlock').length, 1);
  });

  it('one whose precommit comes late every time is waited for, so that it is never lost for good', () => {
    const bench = nextHeight(() => undefined);
    bench.receiveVotes(precommitOf(third, A));
    const id = blockNamed('own 0');
    const six = { height: 6 };
    bench.receiveVotes(...[first, second].map((index) => prevoteOf(index, id, six)));
    bench.receiveVotes(...[first, second].map((index) => precommitOf(index, id, six)));
    assert.equal(bench.state.decision?.height, 6);
    const context = { ...bench.context, height: 7, lastValidators: SET };
    bench.feed({ type: 'start', context, records: [] });
    assert.deepEqual([...bench.state.quiet], []);
  });

  it('after a restart everybody is waited for', () => {
    const lastCommit = { ...certificate(B, 1, [0, 1, 2]), height: 4 };
    const bench = new Bench({ ownIndex: leaderIndex(0), lastCommit, graceMs: 100 });
    assert.equal(bench.of('buildBlock').length, 0);
  });

  it('one whose signature is in the newest block is waited for', () => {
    const signedBefore = [SET.validators[third]!.address];
    const bench = nextHeight(() => undefined, { signedBefore });
    assert.deepEqual([...bench.state.quiet], []);
  });

  it('every eighth height everybody is waited for', () => {
    for (const height of [7, 8, 9]) {
      const bench = new Bench({ ownIndex: own, graceMs: 100, height: height - 1 });
      const at = { height: height - 1 };
      bench.receiveVotes(...[first, second].map((index) => prevoteOf(index, A, at)));
      bench.receive({
        type: 'commit',
        commit: { ...certificate(A, 0, [own, first, second]), ...at },
      });
      assert.equal(bench.state.decision?.height, height - 1);
      const context = { ...bench.context, height, lastValidators: SET };
      bench.feed({ type: 'start', context, records: [] });
      assert.deepEqual([...bench.state.quiet], height === 8 ? [] : [third]);
    }
  });
});

/** Once a height is decided, what was asked for about its other blocks no longer matters. */
import assert from 'node:assert/strict';
import { A, B, Bench, NIL, P, Q, R, precommitOf } from './harness.ts';

/** A block is asked for by a later round's proposal; meanwhile the round before decides another. */
function decidedWhileAsking(): Bench {
  const bench = new Bench({ ownIndex: undefined, manual: true });
  bench.propose(A);
  bench.feed({ type: 'blockReceived', height: 5, blockId: A });
  bench.validate(A);
  bench.receiveVotes(...[P, Q].map((index) => precommitOf(index, NIL, { round: 1 })));
  bench.propose(B, 1);
  assert.deepEqual(
    bench.of('requestBlock').map(({ blockId }) => blockId),
    [A, B],
  );
  bench.receiveVotes(...[P, Q, R].map((index) => precommitOf(index, A)));
  assert.equal(bench.state.phase, 'decided');
  return bench;
}

describe('a decided height', () => {
  it('does not have another block checked that comes late: its bytes are gone', () => {
    const bench = decidedWhileAsking();
    assert.ok(bench.feed({ type: 'blockReceived', height: 5, blockId: B }));
    assert.deepEqual(bench.of('validateBlock').length, 1);
  });

  it('takes no verdict on another block', () => {
    assert.ok(decidedWhileAsking().validate(B));
  });
});

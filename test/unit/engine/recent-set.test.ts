import assert from 'node:assert/strict';
import { Paced, RecentSet } from '../../../node/engine/recent-set.ts';

const MAX = 10;
const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `item ${i}`);

describe('engine/texts seen lately', () => {
  it('a text is new once', () => {
    const seen = new RecentSet(MAX);
    assert.deepEqual(
      [seen.add('a'), seen.add('a'), seen.has('a'), seen.has('b')],
      [true, false, true, false],
    );
  });

  for (const count of [MAX / 2, MAX, MAX + 1, 100 * MAX]) {
    it(`of ${count} texts at most ${MAX} are known, and the newest ${MAX / 2}`, () => {
      const seen = new RecentSet(MAX);
      for (const name of names(count)) assert.ok(seen.add(name));
      const newest = names(count).slice(-MAX / 2);
      assert.deepEqual(
        newest.filter((name) => !seen.has(name)),
        [],
      );
      assert.ok(names(count).filter((name) => seen.has(name)).length <= MAX);
    });
  }

  it('what is asked for again and again is not forgotten', () => {
    const seen = new RecentSet(MAX);
    seen.add('often');
    for (const name of names(100 * MAX)) {
      seen.add(name);
      assert.ok(seen.has('often'));
    }
  });

  it('a text passes once in a while, whatever others do', () => {
    const paced = new Paced(MAX, 200);
    assert.deepEqual(
      [0, 199, 200, 399, 400].map((nowMs) => paced.mayPass('a', nowMs)),
      [true, false, true, false, true],
    );
    for (const name of names(MAX / 2 - 1)) assert.ok(paced.mayPass(name, 500));
    assert.equal(paced.mayPass('a', 599), false);
  });
});

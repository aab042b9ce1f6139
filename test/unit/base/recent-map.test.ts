import assert from 'node:assert/strict';
import { RecentMap } from '../../../node/base/recent-map.ts';

describe('a map of recent things', () => {
  it('never holds more than its bound, and always what was set or asked for last', () => {
    for (const max of [2, 3, 10, 101]) {
      const map = new RecentMap<number>(max);
      for (let i = 0; i < 5 * max; i++) {
        map.set(`key ${i}`, i);
        assert.ok(map.size <= max, `${map.size} of ${max}`);
        const kept = Math.min(i + 1, Math.floor(max / 2));
        for (let back = 0; back < kept; back++) assert.equal(map.get(`key ${i - back}`), i - back);
      }
    }
  });

  it('keeps what is used again and again, and forgets the rest', () => {
    const map = new RecentMap<number>(10);
    map.set('used', 1);
    map.set('unused', 1);
    for (let i = 0; i < 100; i++) {
      map.set(`key ${i}`, i);
      assert.equal(map.get('used'), 1);
    }
    assert.equal(map.get('unused'), undefined);
  });

  it('forgets what is deleted, used lately or not', () => {
    const map = new RecentMap<number>(4);
    for (const key of ['a', 'b', 'c']) map.set(key, 1);
    for (const key of ['a', 'c', 'never there']) map.delete(key);
    assert.deepEqual(
      ['a', 'b', 'c'].map((key) => map.get(key)),
      [undefined, 1, undefined],
    );
    assert.equal(map.size, 1);
  });

  it('holds one value per key', () => {
    const map = new RecentMap<number>(4);
    for (const value of [1, 2, 3]) map.set('a', value);
    map.set('b', 1);
    map.set('c', 1);
    map.set('a', 4);
    assert.equal(map.get('a'), 4);
    assert.equal(map.size, 3);
  });
});

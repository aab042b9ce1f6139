import assert from 'node:assert/strict';
import * as time from '../../../node/base/time.ts';

describe('base/time', () => {
  const TEXTS: [string, time.Time][] = [
    ['0001-01-01T00:00:00Z', time.ZERO_TIME],
    ['1970-01-01T00:00:00Z', { seconds: 0n, nanos: 0 }],
    ['1969-12-31T23:59:59.999999999Z', { seconds: -1n, nanos: 999_999_999 }],
    ['2024-02-29T12:00:00.1Z', { seconds: 1_709_208_000n, nanos: 100_000_000 }],
    ['9999-12-31T23:59:59.000000001Z', { seconds: 253_402_300_799n, nanos: 1 }],
  ];
  for (const [text, value] of TEXTS) {
    it(`reads and writes ${text} as Go does`, () => {
      assert.deepEqual(time.parseTime(text), value);
      assert.equal(time.formatTime(value), text);
      assert.deepEqual(time.timeFromNanos(time.timeToNanos(value)), value);
    });
  }

  const BAD = [
    '2023-02-29T00:00:00Z',
    '2024-13-01T00:00:00Z',
    '2024-01-01T24:00:00Z',
    '2024-01-01T00:00:60Z',
    '2024-01-01 00:00:00Z',
    '2024-01-01T00:00:00',
    '2024-01-01T00:00:00+00:00',
    '2024-01-01T00:00:00.Z',
    '2024-01-01T00:00:00.1234567890Z',
    '',
  ];
  for (const text of BAD) {
    it(`refuses "${text}"`, () => assert.throws(() => time.parseTime(text), RangeError));
  }

  it('orders times by their nanoseconds', () => {
    const early = { seconds: 5n, nanos: 1 };
    const late = time.addNanos(early, 1_000_000_000n);
    assert.deepEqual(late, { seconds: 6n, nanos: 1 });
    assert.ok(time.compareTime(early, late) < 0 && time.compareTime(late, early) > 0);
    assert.equal(time.compareTime(early, { ...early }), 0);
    assert.deepEqual(time.timeFromMillis(1_500), { seconds: 1n, nanos: 500_000_000 });
  });
});

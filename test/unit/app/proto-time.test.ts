import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  formatDuration,
  laterTime,
  parseDuration,
  readDuration,
  sortableTime,
  writeDuration,
} from '../../../node/app/proto-time.ts';
import { MAX_INT64 } from '../../../node/base/int.ts';
import { compareTime, parseTime, timeFromNanos } from '../../../node/base/time.ts';

describe('app/times of messages', () => {
  const nanos = fc.bigInt(-MAX_INT64 - 1n, MAX_INT64);

  it('durations come back from messages and from text as they were', () => {
    fc.assert(
      fc.property(nanos, (duration) => {
        assert.equal(readDuration(writeDuration(duration)), duration);
        assert.equal(parseDuration(formatDuration(duration)), duration);
      }),
    );
    assert.equal(formatDuration(3_600_000_000_000n), '3600s');
    assert.equal(formatDuration(-1_500_000_000n), '-1.5s');
  });

  it('durations of more than 64 bits or of two signs are refused', () => {
    for (const seconds of [9_223_372_037n, -9_223_372_037n]) {
      assert.throws(() => readDuration({ seconds, nanos: 0 }), /out of range/);
      assert.throws(() => parseDuration(`${seconds}s`), RangeError);
    }
    assert.throws(() => readDuration({ seconds: 1n, nanos: -1 }), /out of range/);
    assert.throws(() => readDuration({ seconds: 0n, nanos: 1_000_000_000 }), /out of range/);
    assert.throws(() => parseDuration('1h'), RangeError);
  });

  it('no time is later than the last that can be written', () => {
    const last = parseTime('9999-12-31T23:59:59.999999999Z');
    const before = parseTime('9999-12-31T23:59:59.999999998Z');
    assert.deepEqual(laterTime(before, 1n), last);
    assert.deepEqual(laterTime(before, 2n), last);
  });

  it('texts of keys have the order of the times', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, MAX_INT64), fc.bigInt(0n, MAX_INT64), (a, b) => {
        const [left, right] = [timeFromNanos(a), timeFromNanos(b)];
        const [first, second] = [sortableTime(left), sortableTime(right)];
        assert.equal(first < second, compareTime(left, right) < 0);
        assert.deepEqual([first.length, second.length], [29, 29]);
      }),
    );
  });
});

/** Times and durations as messages carry them, held to the range that every client can read. */
import type { Duration } from 'cosmjs-types/google/protobuf/duration';
import type { Timestamp } from 'cosmjs-types/google/protobuf/timestamp';
import { BitscaleError } from '../base/errors.ts';
import { isInt64 } from '../base/int.ts';
import { TX_DECODE } from '../base/sdk-errors.ts';
import { ZERO_TIME, addNanos, compareTime, formatTime, type Time } from '../base/time.ts';

const NANOS = 1_000_000_000n;
const DURATION = /^(-?)(\d{1,12})(?:\.(\d{1,9}))?s$/;

/** 9999-12-31T23:59:59.999999999Z */
const LAST_TIME: Time = { seconds: 253_402_300_799n, nanos: 999_999_999 };

/** Throws sdk/2 outside the years 1 to 9999. */
export function readTimestamp({ seconds, nanos }: Timestamp): Time {
  const time = { seconds, nanos };
  const inside = compareTime(time, ZERO_TIME) >= 0 && compareTime(time, LAST_TIME) <= 0;
  if (inside && nanos >= 0 && nanos < Number(NANOS)) return time;
  throw new BitscaleError(TX_DECODE, `timestamp out of range: ${seconds}s ${nanos}ns`);
}

/** In nanoseconds. Throws sdk/2 when it needs more than 64 bits or its parts differ in sign. */
export function readDuration({ seconds, nanos }: Duration): bigint {
  const total = seconds * NANOS + BigInt(nanos);
  const sameSign = seconds === 0n || nanos === 0 || seconds < 0n === nanos < 0;
  if (sameSign && Math.abs(nanos) < Number(NANOS) && isInt64(total)) return total;
  throw new BitscaleError(TX_DECODE, `duration out of range: ${seconds}s ${nanos}ns`);
}

export function writeDuration(nanos: bigint): Duration {
  return { seconds: nanos / NANOS, nanos: Number(nanos % NANOS) };
}

/** "3600s", "0.000000001s" */
export function formatDuration(nanos: bigint): string {
  const size = nanos < 0n ? -nanos : nanos;
  const rest = String(size % NANOS).padStart(9, '0');
  const fraction = size % NANOS === 0n ? '' : `.${rest.replace(/0+$/, '')}`;
  return `${nanos < 0n ? '-' : ''}${size / NANOS}${fraction}s`;
}

/** Throws RangeError on anything but what `formatDuration` writes, up to zeros. */
export function parseDuration(text: string): bigint {
  const match = DURATION.exec(text);
  if (!match) throw new RangeError(`not a duration: ${text.slice(0, 100)}`);
  const size = BigInt(match[2]!) * NANOS + BigInt((match[3] ?? '').padEnd(9, '0'));
  const nanos = match[1] === '-' ? -size : size;
  if (!isInt64(nanos)) throw new RangeError(`duration out of range: ${text}`);
  return nanos;
}

/** The time so much later, at most the last that can be written. */
export function laterTime(time: Time, nanos: bigint): Time {
  const later = addNanos(time, nanos);
  return compareTime(later, LAST_TIME) > 0 ? LAST_TIME : later;
}

/** Text of one length whose order is that of the times, for keys: "2006-01-02T15:04:05.000000000". */
export function sortableTime(time: Time): string {
  const whole = formatTime({ seconds: time.seconds, nanos: 0 }).slice(0, -1);
  return `${whole}.${String(time.nanos).padStart(9, '0')}`;
}

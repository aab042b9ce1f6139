/**
 * Points in time with nanoseconds, as google.protobuf.Timestamp. Never a JavaScript Date: a Date drops
 * nanoseconds, and every hash of a header or vote depends on them.
 */
export interface Time {
  /** Seconds since 1970-01-01T00:00:00Z; may be negative. */
  readonly seconds: bigint;
  /** 0 to 999,999,999. */
  readonly nanos: number;
}

/** Go's zero time, 0001-01-01T00:00:00Z: what an absent commit signature carries. */
export const ZERO_TIME: Time = { seconds: -62_135_596_800n, nanos: 0 };

export function compareTime(a: Time, b: Time): number {
  if (a.seconds !== b.seconds) return a.seconds < b.seconds ? -1 : 1;
  return a.nanos - b.nanos;
}

export function timeToNanos(time: Time): bigint {
  return time.seconds * 1_000_000_000n + BigInt(time.nanos);
}

export function timeFromNanos(nanos: bigint): Time {
  const rest = ((nanos % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  return { seconds: (nanos - rest) / 1_000_000_000n, nanos: Number(rest) };
}

export function timeFromMillis(millis: number): Time {
  return timeFromNanos(BigInt(Math.trunc(millis)) * 1_000_000n);
}

export function addNanos(time: Time, nanos: bigint): Time {
  return timeFromNanos(timeToNanos(time) + nanos);
}

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?Z$/;

/** RFC 3339 in UTC without trailing zeros in the fraction, as Go prints it. */
export function formatTime(time: Time): string {
  // The Gregorian calendar by days since the epoch; Date is exact for whole seconds of years 1-9999.
  const whole = new Date(Number(time.seconds) * 1000).toISOString().replace(/\.000Z$/, '');
  if (time.nanos === 0) return `${whole}Z`;
  return `${whole}.${String(time.nanos).padStart(9, '0').replace(/0+$/, '')}Z`;
}

/** Reads RFC 3339 in UTC. Throws RangeError on anything else, a day that does not exist included. */
export function parseTime(text: string): Time {
  const match = RFC3339.exec(text);
  if (!match) throw new RangeError(`not an RFC 3339 time in UTC: ${text}`);
  const millis = Date.parse(`${text.slice(0, 19)}Z`);
  if (Number.isNaN(millis)) throw new RangeError(`no such time: ${text}`);
  const time = { seconds: BigInt(millis / 1000), nanos: Number((match[7] ?? '').padEnd(9, '0')) };
  if (formatTime(time).slice(0, 19) !== text.slice(0, 19))
    throw new RangeError(`no such time: ${text}`);
  return time;
}

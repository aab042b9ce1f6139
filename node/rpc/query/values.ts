/** Values that queries compare: decimal numbers of any size, dates and times. */
import { timeToNanos, type Time } from '../../base/time.ts';

/** A number without sign: digits before the point without leading zeros, digits after it without trailing ones. */
export interface Decimal {
  readonly whole: string;
  readonly fraction: string;
}

/** Reads the number at the start of `text`, so that "8atom" is 8; undefined when there is none. */
export function leadingDecimal(text: string): Decimal | undefined {
  const end = digitsEnd(text, 0);
  if (end === 0) return undefined;
  const whole = text.slice(0, end);
  const fraction = text[end] === '.' ? text.slice(end + 1, digitsEnd(text, end + 1)) : '';
  return { whole: stripLeadingZeros(whole), fraction: stripTrailingZeros(fraction) };
}

export function compareDecimal(a: Decimal, b: Decimal): number {
  if (a.whole.length !== b.whole.length) return a.whole.length - b.whole.length;
  if (a.whole !== b.whole) return a.whole < b.whole ? -1 : 1;
  if (a.fraction === b.fraction) return 0;
  return a.fraction < b.fraction ? -1 : 1;
}

function digitsEnd(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 48 || code > 57) break;
  }
  return at;
}

function stripLeadingZeros(digits: string): string {
  let at = 0;
  while (at < digits.length && digits[at] === '0') at++;
  return digits.slice(at);
}

function stripTrailingZeros(digits: string): string {
  let end = digits.length;
  while (end > 0 && digits[end - 1] === '0') end--;
  return digits.slice(0, end);
}

const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const TIME = /^(\d{4}-\d\d-\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/;

/** Nanoseconds since the epoch of a day's start in UTC; undefined when `text` names no day. */
export function parseDay(text: string): bigint | undefined {
  if (text.length !== 10 || !DATE.test(text)) return undefined;
  const millis = Date.parse(`${text}T00:00:00Z`);
  if (Number.isNaN(millis) || new Date(millis).toISOString().slice(0, 10) !== text)
    return undefined;
  return BigInt(millis) * 1_000_000n;
}

/** Nanoseconds since the epoch of an RFC 3339 time with any offset. */
export function parseInstant(text: string): bigint | undefined {
  if (text.length > 35) return undefined;
  const match = TIME.exec(text);
  if (!match) return undefined;
  const [, day = '', hours = '', minutes = '', seconds = '', fraction = '', zone = 'Z'] = match;
  const midnight = parseDay(day);
  if (midnight === undefined) return undefined;
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return undefined;
  const offset = zone === 'Z' ? 0 : zoneSeconds(zone);
  if (offset === undefined) return undefined;
  const inDay = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds) - offset;
  const time: Time = { seconds: BigInt(inDay), nanos: Number(fraction.padEnd(9, '0')) };
  return midnight + timeToNanos(time);
}

function zoneSeconds(zone: string): number | undefined {
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(4, 6));
  if (hours > 23 || minutes > 59) return undefined;
  return (zone[0] === '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
}

const inQueryRange = (text: string): boolean => text >= '1900' && text < '3000';

/** As parseInstant, for the years 1900 to 2999 that a query may name. */
export function parseQueryTime(text: string): bigint | undefined {
  return inQueryRange(text) ? parseInstant(text) : undefined;
}

export function parseQueryDate(text: string): bigint | undefined {
  return inQueryRange(text) ? parseDay(text) : undefined;
}

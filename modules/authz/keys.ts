/** Keys of the store `authz`, laid out as in the Cosmos SDK. */
import { sortableTime } from '../../node/app/proto-time.ts';
import { concat, fromUtf8, utf8, type Bytes } from '../../node/base/bytes.ts';
import type { Time } from '../../node/base/time.ts';

export const STORE = 'authz';
export const GRANT_PREFIX = Uint8Array.of(1);
export const QUEUE_PREFIX = Uint8Array.of(2);

const SORTABLE_TIME_BYTES = 29;

export interface Pair {
  readonly granter: Bytes;
  readonly grantee: Bytes;
}

const sized = (address: Bytes): Bytes => concat(Uint8Array.of(address.length), address);

/** All grants by one address lie under this prefix, in order of grantee. */
export const grantsBy = (granter: Bytes): Bytes => concat(GRANT_PREFIX, sized(granter));
/** All grants by one address to another, in order of type. */
export const grantsOf = ({ granter, grantee }: Pair): Bytes =>
  concat(grantsBy(granter), sized(grantee));
export const grantKey = (pair: Pair, msgTypeUrl: string): Bytes =>
  concat(grantsOf(pair), utf8(msgTypeUrl));

/** Every entry of the queue that ended before `time` is below this key. */
export const queueUntil = (time: Time): Bytes => concat(QUEUE_PREFIX, utf8(sortableTime(time)));
export const queueKey = (time: Time, { granter, grantee }: Pair): Bytes =>
  concat(queueUntil(time), sized(granter), sized(grantee));

/** The grant that a key after GRANT_PREFIX names. */
export function splitGrantKey(rest: Bytes): Pair & { readonly msgTypeUrl: string } {
  const { first, second, end } = twoAddresses(rest);
  return { granter: first, grantee: second, msgTypeUrl: fromUtf8(rest.slice(end)) };
}

export function pairOfQueueKey(key: Bytes): Pair {
  const { first, second } = twoAddresses(key.slice(QUEUE_PREFIX.length + SORTABLE_TIME_BYTES));
  return { granter: first, grantee: second };
}

/** The grantee in a key after `grantsBy`. */
export const granteeOf = (rest: Bytes): Bytes => rest.slice(1, 1 + (rest[0] ?? 0));

function twoAddresses(bytes: Bytes): { first: Bytes; second: Bytes; end: number } {
  const middle = 1 + (bytes[0] ?? 0);
  const end = middle + 1 + (bytes[middle] ?? 0);
  return { first: bytes.slice(1, middle), second: bytes.slice(middle + 1, end), end };
}

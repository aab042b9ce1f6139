/** Keys of the store `feegrant`, laid out as in the Cosmos SDK. */
import { sortableTime } from '../../node/app/proto-time.ts';
import { concat, utf8, type Bytes } from '../../node/base/bytes.ts';
import type { Time } from '../../node/base/time.ts';

export const STORE = 'feegrant';
export const GRANT_PREFIX = Uint8Array.of(0);
export const QUEUE_PREFIX = Uint8Array.of(1);

/** What stands behind an entry of the queue; an empty value could not be proved. */
export const PRESENT = Uint8Array.of(1);

export interface Pair {
  readonly granter: Bytes;
  readonly grantee: Bytes;
}

const sized = (address: Bytes): Bytes => concat(Uint8Array.of(address.length), address);
const pairKey = ({ granter, grantee }: Pair): Bytes => concat(sized(grantee), sized(granter));

/** All grants to one address lie under this prefix. */
export const grantsTo = (grantee: Bytes): Bytes => concat(GRANT_PREFIX, sized(grantee));
export const grantKey = (pair: Pair): Bytes => concat(GRANT_PREFIX, pairKey(pair));

/** Every entry of the queue that ended before `time` is below this key. */
export const queueUntil = (time: Time): Bytes => concat(QUEUE_PREFIX, utf8(sortableTime(time)));
export const queueKey = (time: Time, pair: Pair): Bytes => concat(queueUntil(time), pairKey(pair));

/** The part of a queue key that names the grant. */
export const grantOfQueueKey = (key: Bytes): Bytes =>
  concat(GRANT_PREFIX, key.slice(QUEUE_PREFIX.length + SORTABLE_TIME_BYTES));

/** The granter in a grant key after GRANT_PREFIX. */
export function granterOf(rest: Bytes): Bytes {
  return rest.slice(2 + (rest[0] ?? 0));
}

const SORTABLE_TIME_BYTES = 29;

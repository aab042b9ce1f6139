/** Who may run which messages in whose name. Only this file touches the store. */
import { Grant, GrantQueueItem } from 'cosmjs-types/cosmos/authz/v1beta1/authz';
import type { PageRequest } from 'cosmjs-types/cosmos/base/query/v1beta1/pagination';
import { equal, type Bytes } from '../../node/base/bytes.ts';
import { assert, BitscaleError } from '../../node/base/errors.ts';
import { MAX_EXPIRED_GRANTS_PER_BLOCK } from '../../node/base/limits.ts';
import { UNAUTHORIZED } from '../../node/base/sdk-errors.ts';
import { compareTime, formatTime, type Time } from '../../node/base/time.ts';
import type { Context } from '../../node/app/context.ts';
import { paginate, type Page } from '../../node/app/pagination.ts';
import { iteratePrefix } from '../../node/store/kv.ts';
import {
  decodeAuthorization,
  encodeAuthorization,
  typeOf,
  type Authorization,
} from './authorization.ts';
import { INVALID_EXPIRATION, NO_AUTHORIZATION } from './errors.ts';
import { granted, revoked } from './events.ts';
import type { Accounts, Receivers } from './expected.ts';
import * as keys from './keys.ts';
import type { Pair } from './keys.ts';

/** The SDK's price for each step over a list of the queue. */
const STEP_GAS = 20n;
/** What the SDK charges for keeping an entry of the queue that is empty, beyond what removing it costs. */
const EMPTY_ENTRY_GAS = 1000n;
const EMPTY_ENTRY_BYTE_GAS = 30n;

export interface StoredGrant {
  readonly authorization: Authorization;
  readonly expiration?: Time;
}

export interface NamedGrant extends StoredGrant, Pair {}

export class AuthzKeeper {
  readonly accounts: Accounts;
  readonly #receivers: Receivers;

  constructor(accounts: Accounts, receivers: Receivers) {
    this.accounts = accounts;
    this.#receivers = receivers;
  }

  /** Also one that has ended and is not yet removed. */
  grantOf(context: Context, pair: Pair, msgTypeUrl: string): StoredGrant | undefined {
    const bytes = context.store(keys.STORE).get(keys.grantKey(pair, msgTypeUrl));
    return bytes && readGrant(bytes);
  }

  /** Throws sdk/4 when nobody may give anything to the grantee. */
  openAccount(context: Context, grantee: Bytes): void {
    if (this.accounts.account(context, grantee)) return;
    if (this.#receivers.isBlocked(grantee)) {
      const text = this.accounts.addresses.write(grantee);
      throw new BitscaleError(UNAUTHORIZED, `${text} is not allowed to receive funds`);
    }
    this.accounts.create(context, grantee);
  }

  /** In place of an earlier grant of the same type. Throws authz/3 when it has ended already. */
  grant(context: Context, pair: Pair, { authorization, expiration }: StoredGrant): void {
    if (expiration && compareTime(expiration, context.time) <= 0) {
      const [now, end] = [context.time, expiration].map(wholeSeconds);
      const detail = `expiration must be after the current block time (${now}), got ${end}`;
      throw new BitscaleError(INVALID_EXPIRATION, detail);
    }
    const msgTypeUrl = typeOf(authorization);
    const before = this.grantOf(context, pair, msgTypeUrl)?.expiration;
    const same = before && expiration && compareTime(before, expiration) === 0;
    if (before && !same) this.#dequeue(context, { pair, time: before }, msgTypeUrl);
    if (expiration && !same) this.#enqueue(context, { pair, time: expiration }, msgTypeUrl);
    this.#write(context, pair, { authorization, ...(expiration && { expiration }) });
    granted(context.events, this.#facts(pair, msgTypeUrl));
  }

  /** What using a grant has left of it. */
  update(context: Context, pair: Pair, authorization: Authorization): void {
    const msgTypeUrl = typeOf(authorization);
    const grant = this.grantOf(context, pair, msgTypeUrl);
    assert(grant, 'a grant vanished while it was used');
    this.#write(context, pair, { ...grant, authorization });
  }

  /** Throws authz/2 when there is none. */
  revoke(context: Context, pair: Pair, msgTypeUrl: string): void {
    const grant = this.grantOf(context, pair, msgTypeUrl);
    if (!grant) {
      const { granter, grantee } = this.#facts(pair, msgTypeUrl);
      const detail = `failed to delete grant of ${granter} to ${grantee} for ${msgTypeUrl}`;
      throw new BitscaleError(NO_AUTHORIZATION, detail);
    }
    const time = grant.expiration;
    if (time) this.#dequeue(context, { pair, time }, msgTypeUrl);
    context.store(keys.STORE).delete(keys.grantKey(pair, msgTypeUrl));
    revoked(context.events, this.#facts(pair, msgTypeUrl));
  }

  /** Removes grants that have ended, at most so many entries of the queue. */
  prune(context: Context, limit: number = MAX_EXPIRED_GRANTS_PER_BLOCK): void {
    const store = context.store(keys.STORE);
    let left = limit;
    const ended = store.iterate(keys.QUEUE_PREFIX, keys.queueUntil(context.time));
    for (const [key, value] of ended) {
      if (left === 0) return;
      left -= 1;
      const pair = keys.pairOfQueueKey(key);
      for (const type of GrantQueueItem.decode(value).msgTypeUrls) {
        store.delete(keys.grantKey(pair, type));
      }
      store.delete(key);
    }
  }

  grantsOf(context: Context, pair: Pair, request: PageRequest | undefined): Page<StoredGrant> {
    const take = (_: Bytes, value: Bytes): StoredGrant => readGrant(value);
    return paginate(
      { store: context.store(keys.STORE), prefix: keys.grantsOf(pair), take },
      request,
    );
  }

  grantsBy(context: Context, granter: Bytes, request: PageRequest | undefined): Page<NamedGrant> {
    const take = (rest: Bytes, value: Bytes): NamedGrant => ({
      ...readGrant(value),
      granter,
      grantee: keys.granteeOf(rest),
    });
    const prefix = keys.grantsBy(granter);
    return paginate({ store: context.store(keys.STORE), prefix, take }, request);
  }

  grantsTo(context: Context, grantee: Bytes, request: PageRequest | undefined): Page<NamedGrant> {
    const take = (rest: Bytes, value: Bytes): NamedGrant | undefined => {
      const pair = keys.splitGrantKey(rest);
      if (!equal(pair.grantee, grantee)) return undefined;
      return { ...readGrant(value), granter: pair.granter, grantee };
    };
    const prefix = keys.GRANT_PREFIX;
    return paginate({ store: context.store(keys.STORE), prefix, take }, request);
  }

  *all(context: Context): IterableIterator<NamedGrant> {
    for (const [key, value] of iteratePrefix(context.store(keys.STORE), keys.GRANT_PREFIX)) {
      const { granter, grantee } = keys.splitGrantKey(key.slice(keys.GRANT_PREFIX.length));
      yield { ...readGrant(value), granter, grantee };
    }
  }

  #write(context: Context, pair: Pair, { authorization, expiration }: StoredGrant): void {
    const grant = {
      authorization: encodeAuthorization(authorization),
      ...(expiration && { expiration }),
    };
    const key = keys.grantKey(pair, typeOf(authorization));
    context.store(keys.STORE).set(key, Grant.encode(grant).finish());
  }

  #enqueue(context: Context, { pair, time }: QueueEntry, msgTypeUrl: string): void {
    const store = context.store(keys.STORE);
    const key = keys.queueKey(time, pair);
    const bytes = store.get(key);
    const known = bytes ? GrantQueueItem.decode(bytes).msgTypeUrls : [];
    store.set(key, GrantQueueItem.encode({ msgTypeUrls: [...known, msgTypeUrl] }).finish());
  }

  #dequeue(context: Context, { pair, time }: QueueEntry, msgTypeUrl: string): void {
    const store = context.store(keys.STORE);
    const key = keys.queueKey(time, pair);
    const bytes = store.get(key);
    assert(bytes, 'a grant with an end is not in the queue');
    const msgTypeUrls = [...GrantQueueItem.decode(bytes).msgTypeUrls];
    const index = msgTypeUrls.indexOf(msgTypeUrl);
    assert(index >= 0, 'a grant with an end is not in its entry of the queue');
    context.gas.consume(STEP_GAS * BigInt(index + 1), 'grant queue');
    // As the SDK: the last one takes the place of the one that goes.
    const last = msgTypeUrls.pop() as string;
    if (index < msgTypeUrls.length) msgTypeUrls[index] = last;
    if (msgTypeUrls.length === 0) {
      context.gas.consume(EMPTY_ENTRY_GAS + EMPTY_ENTRY_BYTE_GAS * BigInt(key.length), 'WriteFlat');
      store.delete(key);
    } else store.set(key, GrantQueueItem.encode({ msgTypeUrls }).finish());
  }

  #facts({ granter, grantee }: Pair, msgTypeUrl: string) {
    const { addresses } = this.accounts;
    return { granter: addresses.write(granter), grantee: addresses.write(grantee), msgTypeUrl };
  }
}

interface QueueEntry {
  readonly pair: Pair;
  readonly time: Time;
}

function readGrant(bytes: Bytes): StoredGrant {
  const { authorization, expiration } = Grant.decode(bytes);
  assert(authorization, 'a stored grant without authorization');
  return {
    authorization: decodeAuthorization(authorization),
    ...(expiration && { expiration }),
  };
}

function wholeSeconds({ seconds }: Time): string {
  return formatTime({ seconds, nanos: 0 });
}

/** Who may have fees paid by whom. Only this file touches the store. */
import { Grant } from 'cosmjs-types/cosmos/feegrant/v1beta1/feegrant';
import type { PageRequest } from 'cosmjs-types/cosmos/base/query/v1beta1/pagination';
import { equal, type Bytes } from '../../node/base/bytes.ts';
import { assert, BitscaleError } from '../../node/base/errors.ts';
import { MAX_EXPIRED_GRANTS_PER_BLOCK } from '../../node/base/limits.ts';
import { INVALID_REQUEST, NOT_FOUND, UNAUTHORIZED } from '../../node/base/sdk-errors.ts';
import { compareTime } from '../../node/base/time.ts';
import type { Context } from '../../node/app/context.ts';
import type { FeeAllowances, FeeUse } from '../../node/app/expected.ts';
import { paginate, type Page } from '../../node/app/pagination.ts';
import { iteratePrefix } from '../../node/store/kv.ts';
import { acceptFee, expiryOf, type Allowance } from './allowance.ts';
import { decodeAllowance, encodeAllowance } from './allowance-codec.ts';
import { grantEvent, type GrantEvent } from './events.ts';
import type { Accounts, Receivers } from './expected.ts';
import * as keys from './keys.ts';
import type { Pair } from './keys.ts';

/** The SDK's price for each step over a list of allowed messages. */
const STEP_GAS = 10n;

export class FeegrantKeeper implements FeeAllowances {
  readonly accounts: Accounts;
  readonly #receivers: Receivers;

  constructor(accounts: Accounts, receivers: Receivers) {
    this.accounts = accounts;
    this.#receivers = receivers;
  }

  allowance(context: Context, pair: Pair): Allowance | undefined {
    const bytes = context.store(keys.STORE).get(keys.grantKey(pair));
    return bytes && storedAllowance(Grant.decode(bytes));
  }

  /** Throws sdk/18 when there is a grant already or it has ended, sdk/4 when nobody may give to the grantee. */
  grant(context: Context, pair: Pair, allowance: Allowance): void {
    if (this.allowance(context, pair)) {
      throw new BitscaleError(INVALID_REQUEST, 'fee allowance already exists');
    }
    this.#openAccount(context, pair.grantee);
    const expiry = expiryOf(allowance);
    if (expiry && compareTime(expiry, context.time) < 0) {
      throw new BitscaleError(INVALID_REQUEST, 'expiration is before current block time');
    }
    const store = context.store(keys.STORE);
    if (expiry) store.set(keys.queueKey(expiry, pair), keys.PRESENT);
    this.#write(context, pair, allowance);
    this.#emit(context, 'set_feegrant', pair);
  }

  /** Throws sdk/38 when there is none. */
  revoke(context: Context, pair: Pair): void {
    const allowance = this.#existing(context, pair);
    const store = context.store(keys.STORE);
    store.delete(keys.grantKey(pair));
    const expiry = expiryOf(allowance);
    if (expiry) store.delete(keys.queueKey(expiry, pair));
    this.#emit(context, 'revoke_feegrant', pair);
  }

  use(context: Context, { granter, grantee, fee, msgs }: FeeUse): void {
    const pair = { granter, grantee };
    const left = acceptFee(this.#existing(context, pair), {
      fee,
      messageTypes: msgs.map(({ handler }) => handler.typeUrl),
      time: context.time,
      step: () => context.gas.consume(STEP_GAS, 'check msg'),
    });
    if (!left) this.revoke(context, pair);
    this.#emit(context, 'use_feegrant', pair);
    if (!left) return;
    this.#existing(context, pair);
    this.#write(context, pair, left);
    this.#emit(context, 'update_feegrant', pair);
  }

  /** Removes grants that have ended, at most so many. */
  prune(context: Context, limit: number = MAX_EXPIRED_GRANTS_PER_BLOCK): void {
    const store = context.store(keys.STORE);
    let left = limit;
    for (const [key] of store.iterate(keys.QUEUE_PREFIX, keys.queueUntil(context.time))) {
      if (left === 0) return;
      left -= 1;
      store.delete(keys.grantOfQueueKey(key));
      store.delete(key);
    }
  }

  grantsTo(context: Context, grantee: Bytes, request: PageRequest | undefined): Page<Grant> {
    const take = (_: Bytes, value: Bytes): Grant => Grant.decode(value);
    const prefix = keys.grantsTo(grantee);
    return paginate({ store: context.store(keys.STORE), prefix, take }, request);
  }

  grantsOf(context: Context, granter: Bytes, request: PageRequest | undefined): Page<Grant> {
    const take = (rest: Bytes, value: Bytes): Grant | undefined =>
      equal(keys.granterOf(rest), granter) ? Grant.decode(value) : undefined;
    const prefix = keys.GRANT_PREFIX;
    return paginate({ store: context.store(keys.STORE), prefix, take }, request);
  }

  *all(context: Context): IterableIterator<Grant> {
    for (const [, value] of iteratePrefix(context.store(keys.STORE), keys.GRANT_PREFIX)) {
      yield Grant.decode(value);
    }
  }

  #existing(context: Context, pair: Pair): Allowance {
    const allowance = this.allowance(context, pair);
    if (!allowance) throw new BitscaleError(NOT_FOUND, 'fee-grant not found');
    return allowance;
  }

  #openAccount(context: Context, grantee: Bytes): void {
    if (this.accounts.account(context, grantee)) return;
    if (this.#receivers.isBlocked(grantee)) {
      const text = this.accounts.addresses.write(grantee);
      throw new BitscaleError(UNAUTHORIZED, `${text} is not allowed to receive funds`);
    }
    this.accounts.create(context, grantee);
  }

  #write(context: Context, pair: Pair, allowance: Allowance): void {
    const { addresses } = this.accounts;
    const grant = {
      granter: addresses.write(pair.granter),
      grantee: addresses.write(pair.grantee),
      allowance: encodeAllowance(allowance),
    };
    context.store(keys.STORE).set(keys.grantKey(pair), Grant.encode(grant).finish());
  }

  #emit(context: Context, type: GrantEvent, { granter, grantee }: Pair): void {
    const { addresses } = this.accounts;
    const pair = { granter: addresses.write(granter), grantee: addresses.write(grantee) };
    grantEvent(context.events, type, pair);
  }
}

export function storedAllowance({ allowance }: Grant): Allowance {
  assert(allowance, 'a stored fee grant without allowance');
  return decodeAllowance(allowance);
}

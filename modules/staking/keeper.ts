/** Validators and what stands behind them. Only this file touches the store. */
import type { PageRequest } from 'cosmjs-types/cosmos/base/query/v1beta1/pagination';
import { Params } from 'cosmjs-types/cosmos/staking/v1beta1/staking';
import { consensusAddress } from '../../node/base/address.ts';
import { fromUtf8, utf8, type Bytes } from '../../node/base/bytes.ts';
import { BitscaleError, assert } from '../../node/base/errors.ts';
import { parseUnsigned } from '../../node/base/int.ts';
import type { ValidatorUpdate } from '../../node/app/abci.ts';
import type { AddressText } from '../../node/app/address-text.ts';
import type { Context } from '../../node/app/context.ts';
import { paginate, type Page } from '../../node/app/pagination.ts';
import { iteratePrefix } from '../../node/store/kv.ts';
import { NO_VALIDATOR, OPERATOR_EXISTS, PUBKEY_EXISTS, PUBKEY_TYPE } from './errors.ts';
import * as keys from './keys.ts';
import {
  decodeParams,
  decodeValidator,
  encodeValidator,
  powerOf,
  toProtoParams,
  type BondStatus,
  type StakingParams,
  type Validator,
} from './validators.ts';

const PRESENT = Uint8Array.of(1);

export class StakingKeeper {
  readonly operators: AddressText;

  constructor(operators: AddressText) {
    this.operators = operators;
  }

  params(context: Context): StakingParams {
    const bytes = context.store(keys.STORE).get(keys.PARAMS_KEY);
    assert(bytes, 'staking parameters are missing');
    return decodeParams(bytes);
  }

  setParams(context: Context, params: StakingParams): void {
    const value = Params.encode(toProtoParams(params)).finish();
    context.store(keys.STORE).set(keys.PARAMS_KEY, value);
  }

  validator(context: Context, operator: Bytes): Validator | undefined {
    const bytes = context.store(keys.STORE).get(keys.validatorKey(operator));
    return bytes && decodeValidator(bytes, this.operators);
  }

  /** By the address that votes and commits name. */
  byConsensusAddress(context: Context, address: Bytes): Validator | undefined {
    const operator = context.store(keys.STORE).get(keys.byConsensusKey(address));
    return operator && this.validator(context, operator);
  }

  *validators(context: Context): IterableIterator<Validator> {
    for (const [, value] of iteratePrefix(context.store(keys.STORE), keys.VALIDATOR_PREFIX)) {
      yield decodeValidator(value, this.operators);
    }
  }

  page(
    context: Context,
    status: BondStatus | undefined,
    request: PageRequest | undefined,
  ): Page<Validator> {
    const take = (_: Bytes, value: Bytes): Validator | undefined => {
      const validator = decodeValidator(value, this.operators);
      return status === undefined || validator.status === status ? validator : undefined;
    };
    const store = context.store(keys.STORE);
    return paginate({ store, prefix: keys.VALIDATOR_PREFIX, take }, request);
  }

  /** Voting power of the validator with this operator address; 0 when there is none or it is not bonded. */
  powerOf(context: Context, operator: Bytes): bigint {
    const validator = this.validator(context, operator);
    return validator ? powerOf(validator) : 0n;
  }

  totalPower(context: Context): bigint {
    let total = 0n;
    for (const validator of this.validators(context)) total += powerOf(validator);
    return total;
  }

  /** Bonded tokens, smallest unit. */
  totalStake(context: Context): bigint {
    return this.tokensIn(context, (status) => status === 'bonded');
  }

  tokensIn(context: Context, wanted: (status: BondStatus) => boolean): bigint {
    let total = 0n;
    for (const { status, tokens } of this.validators(context)) if (wanted(status)) total += tokens;
    return total;
  }

  /** Throws staking/4, 5 or 6. */
  create(context: Context, validator: Validator): void {
    if (validator.consensusKey.length !== 32) throw new BitscaleError(PUBKEY_TYPE);
    if (this.validator(context, validator.operator)) throw new BitscaleError(OPERATOR_EXISTS);
    const store = context.store(keys.STORE);
    const byConsensus = keys.byConsensusKey(consensusAddress(validator.consensusKey));
    if (store.has(byConsensus)) throw new BitscaleError(PUBKEY_EXISTS);
    store.set(byConsensus, validator.operator);
    this.#save(context, validator);
  }

  /** The one way to change a validator; operator and consensus key stay. Throws staking/3. */
  change(context: Context, operator: Bytes, change: (before: Validator) => Validator): void {
    const before = this.validator(context, operator);
    if (!before) throw new BitscaleError(NO_VALIDATOR);
    const { consensusKey } = before;
    this.#save(context, { ...change(before), operator, consensusKey });
  }

  /** What consensus must be told since it was asked last. The first call names every validator. */
  takeUpdates(context: Context): readonly ValidatorUpdate[] {
    const store = context.store(keys.STORE);
    if (!store.has(keys.CHANGED_KEY)) return [];
    store.delete(keys.CHANGED_KEY);
    const updates: ValidatorUpdate[] = [];
    for (const validator of this.validators(context)) {
      const key = keys.lastPowerKey(validator.operator);
      const told = store.get(key);
      const power = powerOf(validator);
      if (power === (told ? parseUnsigned(fromUtf8(told)) : 0n)) continue;
      if (power === 0n) store.delete(key);
      else store.set(key, utf8(power.toString()));
      updates.push({ pubKey: validator.consensusKey, power });
    }
    return updates;
  }

  #save(context: Context, validator: Validator): void {
    const store = context.store(keys.STORE);
    store.set(keys.validatorKey(validator.operator), encodeValidator(validator, this.operators));
    store.set(keys.CHANGED_KEY, PRESENT);
  }
}

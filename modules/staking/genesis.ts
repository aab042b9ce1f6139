/** The `staking` part of the genesis file: parameters and the first validators, all bonded. */
import { moduleAddress } from '../../node/base/address.ts';
import { fromBase64, toBase64 } from '../../node/base/bytes.ts';
import { Dec } from '../../node/base/dec.ts';
import { BitscaleError } from '../../node/base/errors.ts';
import { parseUnsigned } from '../../node/base/int.ts';
import { formatTime, parseTime } from '../../node/base/time.ts';
import type { ValidatorUpdate } from '../../node/app/abci.ts';
import type { Context } from '../../node/app/context.ts';
import { ErrGenesisShape, field, list, object, text } from '../../node/app/genesis-json.ts';
import type { Coins } from './expected.ts';
import type { StakingKeeper } from './keeper.ts';
import type { StakingParams, Validator } from './validators.ts';

export const BONDED_POOL = 'bonded_tokens_pool';
const ED25519_TYPE = '/cosmos.crypto.ed25519.PubKey';
const DEFAULT_UNBONDING = '1814400s';

type Json = Record<string, unknown>;

export interface StakingParts {
  readonly keeper: StakingKeeper;
  readonly coins: Coins;
  readonly bondDenom: string;
}

/** The bonded pool must hold exactly the tokens of the validators. */
export function initStaking(
  context: Context,
  json: unknown,
  { keeper, coins, bondDenom }: StakingParts,
): readonly ValidatorUpdate[] {
  const state = object(json ?? {}, 'staking');
  const params = readParams(object(state['params'] ?? {}, 'staking.params'), bondDenom);
  keeper.setParams(context, params);
  for (const item of list(state['validators'] ?? [], 'staking.validators')) {
    keeper.create(context, readValidator(context, object(item, 'validator'), keeper));
  }
  const held = coins.balance(context, moduleAddress(BONDED_POOL), params.bondDenom);
  const bonded = keeper.totalStake(context);
  if (held !== bonded) {
    const detail = `the bonded pool holds ${held}${params.bondDenom}, the validators ${bonded}`;
    throw new BitscaleError(ErrGenesisShape, detail);
  }
  return keeper.takeUpdates(context);
}

export function exportStaking(context: Context, keeper: StakingKeeper): unknown {
  return {
    params: writeParams(keeper.params(context)),
    validators: [...keeper.validators(context)].map((one) => writeValidator(one, keeper)),
  };
}

function whole(json: unknown, fallback: number, place: string): number {
  const value = json ?? fallback;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new BitscaleError(ErrGenesisShape, `${place} must be a whole number`);
}

function readParams(json: Json, bondDenom: string): StakingParams {
  const unbonding = /^([1-9][0-9]{0,9})s$/.exec(
    text(json['unbonding_time'] ?? DEFAULT_UNBONDING, 'unbonding_time'),
  );
  if (!unbonding) throw new BitscaleError(ErrGenesisShape, 'unbonding_time must be like "60s"');
  return {
    unbondingSeconds: BigInt(unbonding[1] as string),
    maxValidators: whole(json['max_validators'], 100, 'max_validators'),
    maxEntries: whole(json['max_entries'], 7, 'max_entries'),
    historicalEntries: whole(json['historical_entries'], 10_000, 'historical_entries'),
    bondDenom: text(json['bond_denom'] ?? bondDenom, 'bond_denom'),
    minCommissionRate: Dec.parse(text(json['min_commission_rate'] ?? '0', 'min_commission_rate')),
  };
}

function writeParams(params: StakingParams): unknown {
  return {
    unbonding_time: `${params.unbondingSeconds}s`,
    max_validators: params.maxValidators,
    max_entries: params.maxEntries,
    historical_entries: params.historicalEntries,
    bond_denom: params.bondDenom,
    min_commission_rate: params.minCommissionRate.toString(),
  };
}

function readValidator(context: Context, json: Json, keeper: StakingKeeper): Validator {
  const { '@type': keyType, key } = object(field(json, 'consensus_pubkey'), 'consensus_pubkey');
  if (keyType !== ED25519_TYPE) throw new BitscaleError(ErrGenesisShape, 'consensus_pubkey type');
  const tokens = parseUnsigned(text(field(json, 'tokens'), 'tokens'));
  const description = object(json['description'] ?? {}, 'description');
  const word = (name: string): string => text(description[name] ?? '', name);
  const commission = object(json['commission'] ?? {}, 'commission');
  const rates = object(commission['commission_rates'] ?? {}, 'commission_rates');
  const rate = (name: string): Dec => Dec.parse(text(rates[name] ?? '0', name));
  const updated = commission['update_time'];
  return {
    operator: keeper.operators.read(text(field(json, 'operator_address'), 'operator_address')),
    consensusKey: fromBase64(text(key, 'key')),
    jailed: false,
    status: 'bonded',
    tokens,
    delegatorShares: Dec.fromInt(tokens),
    description: {
      moniker: word('moniker'),
      identity: word('identity'),
      website: word('website'),
      securityContact: word('security_contact'),
      details: word('details'),
    },
    commission: {
      rate: rate('rate'),
      maxRate: rate('max_rate'),
      maxChangeRate: rate('max_change_rate'),
    },
    commissionTime: updated === undefined ? context.time : parseTime(text(updated, 'update_time')),
    minSelfDelegation: parseUnsigned(
      text(json['min_self_delegation'] ?? '1', 'min_self_delegation'),
    ),
  };
}

function writeValidator(validator: Validator, keeper: StakingKeeper): unknown {
  const { description, commission } = validator;
  return {
    operator_address: keeper.operators.write(validator.operator),
    consensus_pubkey: { '@type': ED25519_TYPE, key: toBase64(validator.consensusKey) },
    tokens: validator.tokens.toString(),
    description: {
      moniker: description.moniker,
      identity: description.identity,
      website: description.website,
      security_contact: description.securityContact,
      details: description.details,
    },
    commission: {
      commission_rates: {
        rate: commission.rate.toString(),
        max_rate: commission.maxRate.toString(),
        max_change_rate: commission.maxChangeRate.toString(),
      },
      update_time: formatTime(validator.commissionTime),
    },
    min_self_delegation: validator.minSelfDelegation.toString(),
  };
}

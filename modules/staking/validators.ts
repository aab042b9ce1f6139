/** A validator as the chain keeps it, and as clients and the store see it. */
import { PubKey } from 'cosmjs-types/cosmos/crypto/ed25519/keys';
import { Params, Validator as ProtoValidator } from 'cosmjs-types/cosmos/staking/v1beta1/staking';
import type { Bytes } from '../../node/base/bytes.ts';
import { Dec } from '../../node/base/dec.ts';
import { assert } from '../../node/base/errors.ts';
import { parseUnsigned } from '../../node/base/int.ts';
import { timeToNanos, type Time } from '../../node/base/time.ts';
import type { AddressText } from '../../node/app/address-text.ts';

export const POWER_REDUCTION = 1_000_000n;
const ED25519_URL = '/cosmos.crypto.ed25519.PubKey';

export type BondStatus = 'unbonded' | 'unbonding' | 'bonded';
const STATUS_NUMBER: Record<BondStatus, 1 | 2 | 3> = { unbonded: 1, unbonding: 2, bonded: 3 };

export interface Description {
  readonly moniker: string;
  readonly identity: string;
  readonly website: string;
  readonly securityContact: string;
  readonly details: string;
}

export interface Validator {
  readonly operator: Bytes;
  /** ed25519, 32 bytes. */
  readonly consensusKey: Bytes;
  readonly jailed: boolean;
  readonly status: BondStatus;
  /** In the smallest unit of the bond denomination. */
  readonly tokens: bigint;
  readonly delegatorShares: Dec;
  readonly description: Description;
  readonly commission: { readonly rate: Dec; readonly maxRate: Dec; readonly maxChangeRate: Dec };
  readonly commissionTime: Time;
  readonly minSelfDelegation: bigint;
}

/** Voting power: whole units of the bond denomination while bonded. */
export function powerOf(validator: Validator): bigint {
  return validator.status === 'bonded' && !validator.jailed
    ? validator.tokens / POWER_REDUCTION
    : 0n;
}

export function toProto(validator: Validator, operators: AddressText): ProtoValidator {
  const { commission, commissionTime } = validator;
  return ProtoValidator.fromPartial({
    operatorAddress: operators.write(validator.operator),
    consensusPubkey: {
      typeUrl: ED25519_URL,
      value: PubKey.encode({ key: validator.consensusKey }).finish(),
    },
    jailed: validator.jailed,
    status: STATUS_NUMBER[validator.status],
    tokens: validator.tokens.toString(),
    delegatorShares: validator.delegatorShares.toWire(),
    description: validator.description,
    unbondingTime: { seconds: 0n, nanos: 0 },
    commission: {
      commissionRates: {
        rate: commission.rate.toWire(),
        maxRate: commission.maxRate.toWire(),
        maxChangeRate: commission.maxChangeRate.toWire(),
      },
      updateTime: { seconds: commissionTime.seconds, nanos: commissionTime.nanos },
    },
    minSelfDelegation: validator.minSelfDelegation.toString(),
  });
}

export function encodeValidator(validator: Validator, operators: AddressText): Bytes {
  return ProtoValidator.encode(toProto(validator, operators)).finish();
}

export function decodeValidator(bytes: Bytes, operators: AddressText): Validator {
  const proto = ProtoValidator.decode(bytes);
  assert(proto.consensusPubkey, 'stored validator without consensus key');
  const { commissionRates: rates, updateTime } = proto.commission;
  const status = (['unbonded', 'unbonding', 'bonded'] as const)[proto.status - 1];
  assert(status, 'stored validator without status');
  return {
    operator: operators.read(proto.operatorAddress),
    consensusKey: PubKey.decode(proto.consensusPubkey.value).key,
    jailed: proto.jailed,
    status,
    tokens: parseUnsigned(proto.tokens),
    delegatorShares: Dec.fromWire(proto.delegatorShares),
    description: proto.description,
    commission: {
      rate: Dec.fromWire(rates.rate),
      maxRate: Dec.fromWire(rates.maxRate),
      maxChangeRate: Dec.fromWire(rates.maxChangeRate),
    },
    commissionTime: updateTime,
    minSelfDelegation: parseUnsigned(proto.minSelfDelegation),
  };
}

export interface StakingParams {
  readonly unbondingSeconds: bigint;
  readonly maxValidators: number;
  readonly maxEntries: number;
  readonly historicalEntries: number;
  readonly bondDenom: string;
  readonly minCommissionRate: Dec;
}

export function toProtoParams(params: StakingParams): Params {
  return Params.fromPartial({
    unbondingTime: { seconds: params.unbondingSeconds, nanos: 0 },
    maxValidators: params.maxValidators,
    maxEntries: params.maxEntries,
    historicalEntries: params.historicalEntries,
    bondDenom: params.bondDenom,
    minCommissionRate: params.minCommissionRate.toWire(),
  });
}

export function decodeParams(bytes: Bytes): StakingParams {
  const proto = Params.decode(bytes);
  return {
    unbondingSeconds: timeToNanos(proto.unbondingTime) / 1_000_000_000n,
    maxValidators: proto.maxValidators,
    maxEntries: proto.maxEntries,
    historicalEntries: proto.historicalEntries,
    bondDenom: proto.bondDenom,
    minCommissionRate: Dec.fromWire(proto.minCommissionRate),
  };
}

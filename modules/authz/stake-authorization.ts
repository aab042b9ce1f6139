/** StakeAuthorization: delegating, undelegating and the like up to a limit, to listed validators. */
import { AuthorizationType, StakeAuthorization } from 'cosmjs-types/cosmos/staking/v1beta1/authz';
import { Any } from 'cosmjs-types/google/protobuf/any';
import {
  checkDenom,
  coinToText,
  formatCoin,
  type Coin,
  type CoinText,
} from '../../node/base/coin.ts';
import { BitscaleError } from '../../node/base/errors.ts';
import type { Json } from '../../node/base/json.ts';
import {
  INSUFFICIENT_FUNDS,
  INVALID_COINS,
  TX_DECODE,
  UNAUTHORIZED,
} from '../../node/base/sdk-errors.ts';
import { strictDecode } from '../../node/base/strict-decode.ts';
import { ErrGenesisShape, list, object, text } from '../../node/app/genesis-json.ts';
import { NEGATIVE_MAX_TOKENS, UNKNOWN_TYPE } from './errors.ts';
import { readLimit } from './limit.ts';

type ListName = 'allow_list' | 'deny_list';

export interface Stake {
  readonly kind: 'stake';
  readonly type: AuthorizationType;
  /** Undefined: without limit. */
  readonly maxTokens?: Coin;
  /** Undefined: any validator. */
  readonly validators?: { readonly name: ListName; readonly addresses: readonly string[] };
}

export const STAKE_TYPE = '/cosmos.staking.v1beta1.StakeAuthorization';

const STAKING = '/cosmos.staking.v1beta1';

/** What each type lets a grantee run. */
const MESSAGES: ReadonlyMap<AuthorizationType, string> = new Map([
  [AuthorizationType.AUTHORIZATION_TYPE_DELEGATE, `${STAKING}.MsgDelegate`],
  [AuthorizationType.AUTHORIZATION_TYPE_UNDELEGATE, `${STAKING}.MsgUndelegate`],
  [AuthorizationType.AUTHORIZATION_TYPE_REDELEGATE, `${STAKING}.MsgBeginRedelegate`],
  [
    AuthorizationType.AUTHORIZATION_TYPE_CANCEL_UNBONDING_DELEGATION,
    `${STAKING}.MsgCancelUnbondingDelegation`,
  ],
]);

const AMINO_LISTS = {
  allow_list: 'cosmos-sdk/StakeAuthorization/AllowList',
  deny_list: 'cosmos-sdk/StakeAuthorization/DenyList',
};

/** Throws authz/4. */
export function messageOf({ type }: Stake): string {
  const message = MESSAGES.get(type);
  if (message === undefined) throw new BitscaleError(UNKNOWN_TYPE);
  return message;
}

/** Throws authz/12 or authz/4 on what makes no sense. */
export function checkStake(stake: Stake): void {
  const { maxTokens } = stake;
  if (maxTokens && maxTokens.amount < 0n) {
    throw new BitscaleError(NEGATIVE_MAX_TOKENS, `negative coin amount: ${formatCoin(maxTokens)}`);
  }
  messageOf(stake);
  if (maxTokens) checkDenom(maxTokens.denom);
}

/** The fields of the four messages that count here. */
export interface StakeMessage {
  readonly validatorAddress?: string;
  /** Of a redelegation: the validator that gains. */
  readonly validatorDstAddress?: string;
  readonly amount: CoinText;
}

/** What is left of it; undefined when it is used up. Throws sdk/4 or sdk/5. */
export function acceptStake(
  stake: Stake,
  message: StakeMessage,
  step: () => void,
): Stake | undefined {
  const validator = message.validatorDstAddress ?? message.validatorAddress ?? '';
  checkValidator(stake, validator, step);
  const { maxTokens } = stake;
  if (!maxTokens) return stake;
  const amount = readLimit(message.amount, INVALID_COINS);
  if (amount.denom !== maxTokens.denom) {
    const detail = `invalid coin denominations: ${maxTokens.denom}, ${amount.denom}`;
    throw new BitscaleError(INVALID_COINS, detail);
  }
  const left = { denom: amount.denom, amount: maxTokens.amount - amount.amount };
  if (left.amount < 0n) {
    throw new BitscaleError(INSUFFICIENT_FUNDS, `negative coin amount: ${formatCoin(left)}`);
  }
  return left.amount === 0n ? undefined : { ...stake, maxTokens: left };
}

function checkValidator({ validators }: Stake, validator: string, step: () => void): void {
  if (!validators) return;
  const { name, addresses } = validators;
  const listed = addresses.some((address) => {
    step();
    return address === validator;
  });
  const refused = name === 'deny_list' ? listed : !listed && addresses.length > 0;
  if (!refused) return;
  const detail = `cannot delegate/undelegate to ${validator} validator`;
  throw new BitscaleError(UNAUTHORIZED, detail);
}

/** Throws sdk/2 on bytes that are not canonical. */
export function decodeStake(value: Uint8Array, depth: number): Stake {
  const message = strictDecode(StakeAuthorization, value, depth);
  const { allowList, denyList, maxTokens, authorizationType: type } = message;
  // One of the two; the reference keeps the last, which would be another message than was signed.
  if (allowList && denyList) throw new BitscaleError(TX_DECODE, 'both lists of validators');
  const addresses = allowList?.address ?? denyList?.address;
  const name = allowList ? 'allow_list' : 'deny_list';
  return {
    ...{ kind: 'stake', type },
    ...(maxTokens && { maxTokens: readLimit(maxTokens, TX_DECODE) }),
    ...(addresses && { validators: { name, addresses } }),
  };
}

export function encodeStake({ type, maxTokens, validators }: Stake): Any {
  const addresses = validators && { address: [...validators.addresses] };
  const message = StakeAuthorization.fromPartial({
    authorizationType: type,
    ...(maxTokens && { maxTokens: coinToText(maxTokens) }),
    ...(validators?.name === 'allow_list' && { allowList: addresses }),
    ...(validators?.name === 'deny_list' && { denyList: addresses }),
  });
  const value = StakeAuthorization.encode(message).finish();
  return Any.fromPartial({ typeUrl: STAKE_TYPE, value });
}

/** As hardware wallets sign it; undefined for the rare ones whose form nobody has agreed on. */
export function aminoStake({ type, maxTokens, validators }: Stake): Json | undefined {
  if (!validators || validators.addresses.length === 0) return undefined;
  const { name, addresses } = validators;
  const value = {
    max_tokens: maxTokens && { ...coinToText(maxTokens) },
    Validators: { type: AMINO_LISTS[name], value: { [name]: { address: addresses } } },
    authorization_type: type,
  };
  return { type: 'cosmos-sdk/StakeAuthorization', value };
}

/** As the genesis file has it. */
export function writeStake({ type, maxTokens, validators }: Stake): Json {
  return {
    '@type': STAKE_TYPE,
    max_tokens: maxTokens ? { ...coinToText(maxTokens) } : null,
    ...(validators && { [validators.name]: { address: validators.addresses } }),
    authorization_type: AuthorizationType[type] ?? '',
  };
}

/** Throws app/2 or authz/4 on what makes no sense. */
export function readStake(json: Record<string, unknown>): Stake {
  const word = text(json['authorization_type'], 'authorization_type');
  const known = [...MESSAGES.keys()].find((type) => AuthorizationType[type] === word);
  if (known === undefined) throw new BitscaleError(UNKNOWN_TYPE);
  const limit = json['max_tokens'];
  const maxTokens = limit === undefined || limit === null ? undefined : object(limit, 'max_tokens');
  const names = (['allow_list', 'deny_list'] as const).filter((name) => json[name] !== undefined);
  const [name, more] = names;
  if (more) throw new BitscaleError(ErrGenesisShape, 'both lists of validators');
  const addresses = name && object(json[name], name)['address'];
  return {
    ...{ kind: 'stake', type: known },
    ...(maxTokens && { maxTokens: readLimit(coinTextOf(maxTokens), INVALID_COINS) }),
    ...(name && {
      validators: { name, addresses: list(addresses ?? [], name).map((one) => text(one, name)) },
    }),
  };
}

function coinTextOf({ denom, amount }: Record<string, unknown>): CoinText {
  return { denom: text(denom, 'denom'), amount: text(amount, 'amount') };
}

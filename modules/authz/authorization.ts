/** Authorizations: which messages a grantee may run in the name of a granter. */
import { SendAuthorization } from 'cosmjs-types/cosmos/bank/v1beta1/authz';
import type { MsgSend } from 'cosmjs-types/cosmos/bank/v1beta1/tx';
import { GenericAuthorization } from 'cosmjs-types/cosmos/authz/v1beta1/authz';
import { Any } from 'cosmjs-types/google/protobuf/any';
import {
  checkCoins,
  coinToText,
  coinsFromText,
  safeSubCoins,
  type CoinText,
  type Coins,
} from '../../node/base/coin.ts';
import { BitscaleError } from '../../node/base/errors.ts';
import { parseSigned } from '../../node/base/int.ts';
import type { Json } from '../../node/base/json.ts';
import {
  INSUFFICIENT_FUNDS,
  INVALID_COINS,
  TX_DECODE,
  UNAUTHORIZED,
} from '../../node/base/sdk-errors.ts';
import { strictDecode } from '../../node/base/strict-decode.ts';
import { ErrGenesisShape, list, object, text } from '../../node/app/genesis-json.ts';
import { DUPLICATE_ENTRY } from './errors.ts';
import {
  acceptStake,
  aminoStake,
  checkStake,
  decodeStake,
  encodeStake,
  messageOf,
  readStake,
  STAKE_TYPE,
  writeStake,
  type Stake,
  type StakeMessage,
} from './stake-authorization.ts';

/** Any message of one type, without limit. */
export interface Generic {
  readonly kind: 'generic';
  readonly msg: string;
}

/** Sends up to a limit, to listed receivers if any are listed. */
export interface Send {
  readonly kind: 'send';
  readonly spendLimit: Coins;
  readonly allowList: readonly string[];
}

export type Authorization = Generic | Send | Stake;

export const GENERIC_TYPE = '/cosmos.authz.v1beta1.GenericAuthorization';
export const SEND_TYPE = '/cosmos.bank.v1beta1.SendAuthorization';
const MSG_SEND = '/cosmos.bank.v1beta1.MsgSend';

/** Body, message, grant and Any are around an authorization. */
const DEPTH = 5;

/** Throws authz/4 when it is for no known type. */
export function typeOf(authorization: Authorization): string {
  if (authorization.kind === 'stake') return messageOf(authorization);
  return authorization.kind === 'generic' ? authorization.msg : MSG_SEND;
}

/** The authorization afterwards; undefined when it is used up. `message` is of its type and has been checked. */
export function accept(
  authorization: Authorization,
  message: unknown,
  step: () => void,
): Authorization | undefined {
  if (authorization.kind === 'generic') return authorization;
  if (authorization.kind === 'stake') {
    return acceptStake(authorization, message as StakeMessage, step);
  }
  const { amount, toAddress } = message as MsgSend;
  const { spendLimit, allowList } = authorization;
  const { coins, negative } = safeSubCoins(spendLimit, coinsFromText(amount));
  if (negative) {
    throw new BitscaleError(INSUFFICIENT_FUNDS, 'requested amount is more than spend limit');
  }
  const listed = allowList.some((address) => {
    step();
    return address === toAddress;
  });
  if (allowList.length > 0 && !listed) {
    throw new BitscaleError(UNAUTHORIZED, `cannot send to ${toAddress} address`);
  }
  return coins.length === 0 ? undefined : { ...authorization, spendLimit: coins };
}

/** Throws what the Cosmos SDK answers to an authorization that makes no sense. */
export function checkAuthorization(authorization: Authorization): void {
  if (authorization.kind === 'generic') return;
  if (authorization.kind === 'stake') {
    checkStake(authorization);
    return;
  }
  const { spendLimit, allowList } = authorization;
  if (spendLimit.length === 0) throw new BitscaleError(INVALID_COINS, 'spend limit cannot be nil');
  if (spendLimit.some(({ amount }) => amount <= 0n)) {
    throw new BitscaleError(INVALID_COINS, 'spend limit must be positive');
  }
  checkCoins(spendLimit);
  if (new Set(allowList).size !== allowList.length) throw new BitscaleError(DUPLICATE_ENTRY);
}

/** Throws sdk/2 on an unknown kind and on bytes that are not canonical. */
export function decodeAuthorization({ typeUrl, value }: Any): Authorization {
  if (typeUrl === GENERIC_TYPE) {
    return { kind: 'generic', msg: strictDecode(GenericAuthorization, value, DEPTH).msg };
  }
  if (typeUrl === SEND_TYPE) {
    const { spendLimit, allowList } = strictDecode(SendAuthorization, value, DEPTH);
    return { kind: 'send', spendLimit: spendLimit.map(readCoin), allowList };
  }
  if (typeUrl === STAKE_TYPE) return decodeStake(value, DEPTH);
  throw new BitscaleError(TX_DECODE, `unable to resolve type URL ${typeUrl}`);
}

function readCoin({ denom, amount }: CoinText) {
  try {
    return { denom, amount: parseSigned(amount) };
  } catch (cause) {
    throw new BitscaleError(TX_DECODE, `invalid amount ${amount.slice(0, 100)}`, { cause });
  }
}

export function encodeAuthorization(authorization: Authorization): Any {
  if (authorization.kind === 'stake') return encodeStake(authorization);
  if (authorization.kind === 'generic') {
    const value = GenericAuthorization.encode({ msg: authorization.msg }).finish();
    return Any.fromPartial({ typeUrl: GENERIC_TYPE, value });
  }
  const { spendLimit, allowList } = authorization;
  const message = { spendLimit: spendLimit.map(coinToText), allowList: [...allowList] };
  const value = SendAuthorization.encode(message).finish();
  return Any.fromPartial({ typeUrl: SEND_TYPE, value });
}

const coins = (list: Coins): Json => list.map((coin) => ({ ...coinToText(coin) }));

/** As hardware wallets sign it, if they can. */
export function aminoAuthorization(authorization: Authorization): Json | undefined {
  if (authorization.kind === 'stake') return aminoStake(authorization);
  if (authorization.kind === 'generic') {
    return { type: 'cosmos-sdk/GenericAuthorization', value: { msg: authorization.msg } };
  }
  const { spendLimit, allowList } = authorization;
  const value = {
    spend_limit: coins(spendLimit),
    allow_list: allowList.length > 0 ? allowList : undefined,
  };
  return { type: 'cosmos-sdk/SendAuthorization', value };
}

/** As the genesis file has it. */
export function writeAuthorization(authorization: Authorization): Json {
  if (authorization.kind === 'stake') return writeStake(authorization);
  if (authorization.kind === 'generic') return { '@type': GENERIC_TYPE, msg: authorization.msg };
  const { spendLimit, allowList } = authorization;
  return { '@type': SEND_TYPE, spend_limit: coins(spendLimit), allow_list: allowList };
}

/** Throws app/2 or sdk/10 on a text that makes no sense. */
export function readAuthorization(json: unknown): Authorization {
  const authorization = object(json, 'authorization');
  switch (authorization['@type']) {
    case GENERIC_TYPE:
      return { kind: 'generic', msg: text(authorization['msg'], 'msg') };
    case SEND_TYPE: {
      const limit = list(authorization['spend_limit'], 'spend_limit').map((item) => {
        const { denom, amount } = object(item, 'spend_limit');
        return { denom: text(denom, 'denom'), amount: text(amount, 'amount') };
      });
      const allowed = list(authorization['allow_list'] ?? [], 'allow_list');
      const allowList = allowed.map((item) => text(item, 'allow_list'));
      return { kind: 'send', spendLimit: coinsFromText(limit), allowList };
    }
    case STAKE_TYPE:
      return readStake(authorization);
    default:
      throw new BitscaleError(ErrGenesisShape, 'an authorization of unknown type');
  }
}

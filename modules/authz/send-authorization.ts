/** SendAuthorization: sends up to a limit, to listed receivers if any are listed. */
import { SendAuthorization } from 'cosmjs-types/cosmos/bank/v1beta1/authz';
import type { MsgSend } from 'cosmjs-types/cosmos/bank/v1beta1/tx';
import { Any } from 'cosmjs-types/google/protobuf/any';
import {
  checkCoins,
  coinToText,
  coinsFromText,
  safeSubCoins,
  type Coins,
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
import { list, object, text } from '../../node/app/genesis-json.ts';
import { DUPLICATE_ENTRY } from './errors.ts';
import { readLimit } from './limit.ts';

export interface Send {
  readonly kind: 'send';
  readonly spendLimit: Coins;
  readonly allowList: readonly string[];
}

export const SEND_TYPE = '/cosmos.bank.v1beta1.SendAuthorization';
export const MSG_SEND = '/cosmos.bank.v1beta1.MsgSend';

/** Throws sdk/10 or bank/8 on what makes no sense. */
export function checkSend({ spendLimit, allowList }: Send): void {
  if (spendLimit.length === 0) throw new BitscaleError(INVALID_COINS, 'spend limit cannot be nil');
  if (spendLimit.some(({ amount }) => amount <= 0n)) {
    throw new BitscaleError(INVALID_COINS, 'spend limit must be positive');
  }
  checkCoins(spendLimit);
  if (new Set(allowList).size !== allowList.length) throw new BitscaleError(DUPLICATE_ENTRY);
}

/** What is left of it; undefined when it is used up. Throws sdk/4 or sdk/5. */
export function acceptSend(
  send: Send,
  { amount, toAddress }: MsgSend,
  step: () => void,
): Send | undefined {
  const { spendLimit, allowList } = send;
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
  return coins.length === 0 ? undefined : { ...send, spendLimit: coins };
}

/** Throws sdk/2 on bytes that are not canonical. */
export function decodeSend(value: Uint8Array, depth: number): Send {
  const { spendLimit, allowList } = strictDecode(SendAuthorization, value, depth);
  const limit = spendLimit.map((coin) => readLimit(coin, TX_DECODE));
  return { kind: 'send', spendLimit: limit, allowList };
}

export function encodeSend({ spendLimit, allowList }: Send): Any {
  const message = { spendLimit: spendLimit.map(coinToText), allowList: [...allowList] };
  const value = SendAuthorization.encode(message).finish();
  return Any.fromPartial({ typeUrl: SEND_TYPE, value });
}

const coinsJson = (coins: Coins): Json => coins.map((coin) => ({ ...coinToText(coin) }));

export function aminoSend({ spendLimit, allowList }: Send): Json {
  const value = {
    spend_limit: coinsJson(spendLimit),
    allow_list: allowList.length > 0 ? allowList : undefined,
  };
  return { type: 'cosmos-sdk/SendAuthorization', value };
}

/** As the genesis file has it. */
export function writeSend({ spendLimit, allowList }: Send): Json {
  return { '@type': SEND_TYPE, spend_limit: coinsJson(spendLimit), allow_list: allowList };
}

/** Throws app/2 or sdk/10 on a text that makes no sense. */
export function readSend(json: Record<string, unknown>): Send {
  const limit = list(json['spend_limit'], 'spend_limit').map((item) => {
    const { denom, amount } = object(item, 'spend_limit');
    return { denom: text(denom, 'denom'), amount: text(amount, 'amount') };
  });
  const allowed = list(json['allow_list'] ?? [], 'allow_list');
  const allowList = allowed.map((item) => text(item, 'allow_list'));
  return { kind: 'send', spendLimit: coinsFromText(limit), allowList };
}

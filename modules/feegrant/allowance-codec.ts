/** Allowances inside an `Any`: in messages and in the store. */
import {
  AllowedMsgAllowance,
  BasicAllowance,
  PeriodicAllowance,
} from 'cosmjs-types/cosmos/feegrant/v1beta1/feegrant';
import { Any } from 'cosmjs-types/google/protobuf/any';
import { coinToText, type CoinText, type Coins } from '../../node/base/coin.ts';
import { BitscaleError } from '../../node/base/errors.ts';
import { parseSigned } from '../../node/base/int.ts';
import { TX_DECODE } from '../../node/base/sdk-errors.ts';
import { strictDecode } from '../../node/base/strict-decode.ts';
import { readDuration, readTimestamp, writeDuration } from '../../node/app/proto-time.ts';
import type * as plain from './allowance.ts';

const SERVICE = '/cosmos.feegrant.v1beta1';
export const BASIC_TYPE = `${SERVICE}.BasicAllowance`;
export const PERIODIC_TYPE = `${SERVICE}.PeriodicAllowance`;
export const ALLOWED_MSG_TYPE = `${SERVICE}.AllowedMsgAllowance`;

/** Body, message and Any are around an allowance. */
const ALLOWANCE_DEPTH = 4;

/** Throws sdk/2 on an unknown kind, bytes that are not canonical, and nesting that is too deep. */
export function decodeAllowance(any: Any, depth = ALLOWANCE_DEPTH): plain.Allowance {
  switch (any.typeUrl) {
    case BASIC_TYPE:
      return readBasic(strictDecode(BasicAllowance, any.value, depth));
    case PERIODIC_TYPE:
      return readPeriodic(strictDecode(PeriodicAllowance, any.value, depth));
    case ALLOWED_MSG_TYPE: {
      const message = strictDecode(AllowedMsgAllowance, any.value, depth);
      const { allowedMessages } = message;
      const allowance = message.allowance && decodeAllowance(message.allowance, depth + 2);
      return { kind: 'allowed-msg', allowedMessages, ...(allowance && { allowance }) };
    }
    default:
      throw new BitscaleError(TX_DECODE, `unable to resolve type URL ${any.typeUrl}`);
  }
}

function readBasic({ spendLimit, expiration }: BasicAllowance): plain.BasicAllowance {
  return {
    kind: 'basic',
    spendLimit: readCoins(spendLimit),
    ...(expiration && { expiration: readTimestamp(expiration) }),
  };
}

function readPeriodic(message: PeriodicAllowance): plain.PeriodicAllowance {
  return {
    kind: 'periodic',
    basic: readBasic(message.basic),
    period: readDuration(message.period),
    periodSpendLimit: readCoins(message.periodSpendLimit),
    periodCanSpend: readCoins(message.periodCanSpend),
    periodReset: readTimestamp(message.periodReset),
  };
}

/** Amounts are integers; whether the list makes sense is checked later. */
function readCoins(list: readonly CoinText[]): Coins {
  return list.map(({ denom, amount }) => {
    try {
      return { denom, amount: parseSigned(amount) };
    } catch (cause) {
      throw new BitscaleError(TX_DECODE, `invalid amount ${amount.slice(0, 100)}`, { cause });
    }
  });
}

export function encodeAllowance(allowance: plain.Allowance): Any {
  switch (allowance.kind) {
    case 'basic':
      return packed(BASIC_TYPE, BasicAllowance.encode(writeBasic(allowance)).finish());
    case 'periodic':
      return packed(PERIODIC_TYPE, PeriodicAllowance.encode(writePeriodic(allowance)).finish());
    case 'allowed-msg': {
      const { allowedMessages } = allowance;
      const inner = allowance.allowance && encodeAllowance(allowance.allowance);
      const message = { allowedMessages: [...allowedMessages], ...(inner && { allowance: inner }) };
      return packed(ALLOWED_MSG_TYPE, AllowedMsgAllowance.encode(message).finish());
    }
  }
}

function packed(typeUrl: string, value: Uint8Array): Any {
  return Any.fromPartial({ typeUrl, value });
}

function writeBasic({ spendLimit, expiration }: plain.BasicAllowance): BasicAllowance {
  return { spendLimit: spendLimit.map(coinToText), ...(expiration && { expiration }) };
}

function writePeriodic(allowance: plain.PeriodicAllowance): PeriodicAllowance {
  return {
    basic: writeBasic(allowance.basic),
    period: writeDuration(allowance.period),
    periodSpendLimit: allowance.periodSpendLimit.map(coinToText),
    periodCanSpend: allowance.periodCanSpend.map(coinToText),
    periodReset: allowance.periodReset,
  };
}

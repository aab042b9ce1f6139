/** Allowances as JSON: the form that hardware wallets sign, and that of the genesis file. */
import { coinToText, coinsFromText, type Coins } from '../../node/base/coin.ts';
import { BitscaleError } from '../../node/base/errors.ts';
import type { Json } from '../../node/base/json.ts';
import { formatTime, parseTime, type Time } from '../../node/base/time.ts';
import { ErrGenesisShape, field, list, object, text } from '../../node/app/genesis-json.ts';
import { formatDuration, parseDuration } from '../../node/app/proto-time.ts';
import type { Allowance, BasicAllowance, PeriodicAllowance } from './allowance.ts';
import { ALLOWED_MSG_TYPE, BASIC_TYPE, PERIODIC_TYPE } from './allowance-codec.ts';

const coins = (list: Coins): Json => list.map((coin) => ({ ...coinToText(coin) }));

export function aminoAllowance(allowance: Allowance): Json {
  switch (allowance.kind) {
    case 'basic':
      return { type: 'cosmos-sdk/BasicAllowance', value: aminoBasic(allowance) };
    case 'periodic':
      return {
        type: 'cosmos-sdk/PeriodicAllowance',
        value: {
          basic: aminoBasic(allowance.basic),
          period: String(allowance.period),
          period_can_spend: coins(allowance.periodCanSpend),
          period_reset: formatTime(allowance.periodReset),
          period_spend_limit: coins(allowance.periodSpendLimit),
        },
      };
    case 'allowed-msg':
      return {
        type: 'cosmos-sdk/AllowedMsgAllowance',
        value: {
          allowance: allowance.allowance && aminoAllowance(allowance.allowance),
          allowed_messages:
            allowance.allowedMessages.length > 0 ? allowance.allowedMessages : undefined,
        },
      };
  }
}

function aminoBasic({ spendLimit, expiration }: BasicAllowance): Json {
  return {
    expiration: expiration && formatTime(expiration),
    spend_limit: coins(spendLimit),
  };
}

export function writeAllowance(allowance: Allowance): Json {
  switch (allowance.kind) {
    case 'basic':
      return { '@type': BASIC_TYPE, ...writeBasic(allowance) };
    case 'periodic':
      return {
        '@type': PERIODIC_TYPE,
        basic: writeBasic(allowance.basic),
        period: formatDuration(allowance.period),
        period_spend_limit: coins(allowance.periodSpendLimit),
        period_can_spend: coins(allowance.periodCanSpend),
        period_reset: formatTime(allowance.periodReset),
      };
    case 'allowed-msg':
      return {
        '@type': ALLOWED_MSG_TYPE,
        allowance: allowance.allowance ? writeAllowance(allowance.allowance) : null,
        allowed_messages: allowance.allowedMessages,
      };
  }
}

function writeBasic({ spendLimit, expiration }: BasicAllowance): Record<string, Json> {
  return {
    spend_limit: coins(spendLimit),
    expiration: expiration ? formatTime(expiration) : null,
  };
}

/** Throws app/2 or sdk/10 on a text that makes no sense. */
export function readAllowance(json: unknown): Allowance {
  const allowance = object(json, 'allowance');
  switch (allowance['@type']) {
    case BASIC_TYPE:
      return readBasic(allowance);
    case PERIODIC_TYPE:
      return readPeriodic(allowance);
    case ALLOWED_MSG_TYPE:
      return {
        kind: 'allowed-msg',
        allowance: readAllowance(field(allowance, 'allowance')),
        allowedMessages: list(allowance['allowed_messages'], 'allowed_messages').map((item) =>
          text(item, 'allowed message'),
        ),
      };
    default:
      throw new BitscaleError(ErrGenesisShape, 'an allowance of unknown type');
  }
}

function readBasic(json: Record<string, unknown>): BasicAllowance {
  const { expiration = null } = json;
  return {
    kind: 'basic',
    spendLimit: readCoins(json['spend_limit'] ?? [], 'spend_limit'),
    ...(expiration !== null && { expiration: readTime(expiration, 'expiration') }),
  };
}

function readPeriodic(json: Record<string, unknown>): PeriodicAllowance {
  const period = text(field(json, 'period'), 'period');
  return {
    kind: 'periodic',
    basic: readBasic(object(json['basic'] ?? {}, 'basic')),
    period: orShape(() => parseDuration(period)),
    periodSpendLimit: readCoins(json['period_spend_limit'] ?? [], 'period_spend_limit'),
    periodCanSpend: readCoins(json['period_can_spend'] ?? [], 'period_can_spend'),
    periodReset: readTime(field(json, 'period_reset'), 'period_reset'),
  };
}

function readCoins(json: unknown, place: string): Coins {
  const texts = list(json, place).map((item) => {
    const { denom, amount } = object(item, place);
    return { denom: text(denom, 'denom'), amount: text(amount, 'amount') };
  });
  return coinsFromText(texts);
}

function readTime(json: unknown, place: string): Time {
  const written = text(json, place);
  return orShape(() => parseTime(written));
}

function orShape<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new BitscaleError(ErrGenesisShape, cause.message, { cause });
  }
}

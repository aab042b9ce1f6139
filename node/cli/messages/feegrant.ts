/** bitscale tx feegrant. */
import { usageError, type Call } from '../command.ts';
import {
  addressArgument,
  coins,
  commaList,
  messageCommand,
  optionalCoins,
} from './message-command.ts';

const PACKAGE = '/cosmos.feegrant.v1beta1';

function basic(call: Call) {
  return {
    spend_limit: optionalCoins(call, 'spend-limit'),
    expiration: call.optional('expiration') ?? null,
  };
}

function allowance(call: Call) {
  const [period, limit] = [call.optional('period'), call.optional('period-limit')];
  if ((period === undefined) !== (limit === undefined)) {
    throw usageError('--period and --period-limit go together');
  }
  if (limit === undefined) return { '@type': `${PACKAGE}.BasicAllowance`, ...basic(call) };
  return {
    '@type': `${PACKAGE}.PeriodicAllowance`,
    basic: basic(call),
    period: `${call.integer('period')}s`,
    period_spend_limit: coins(limit),
    period_can_spend: coins(limit),
    // The chain sets it when the grant is made.
    period_reset: '0001-01-01T00:00:00Z',
  };
}

const grant = messageCommand({
  name: 'feegrant grant',
  types: [`${PACKAGE}.MsgGrantAllowance`],
  summary: 'Pay fees for another account',
  arguments: ['<from>', '<grantee>'],
  options: {
    'spend-limit': { value: '<coins>', help: 'how much in all; without it no limit' },
    expiration: { value: '<time>', help: 'until when, as 2027-01-02T15:04:05Z' },
    period: { value: '<seconds>', help: 'length of a period' },
    'period-limit': { value: '<coins>', help: 'how much in each period' },
    'allowed-messages': { value: '<types>', help: 'only for these messages, with commas' },
  },
  examples: [
    'feegrant grant alice bitscale1... --spend-limit 1000uscale',
    'feegrant grant alice bitscale1... --period 3600 --period-limit 10uscale',
  ],
  make: ({ call, from }) => {
    const allowed = commaList(call, 'allowed-messages');
    const plain = allowance(call);
    const limited = {
      '@type': `${PACKAGE}.AllowedMsgAllowance`,
      allowance: plain,
      allowed_messages: allowed,
    };
    return [
      {
        '@type': `${PACKAGE}.MsgGrantAllowance`,
        granter: from,
        grantee: addressArgument(call, 1),
        allowance: allowed.length === 0 ? plain : limited,
      },
    ];
  },
});

const revoke = messageCommand({
  name: 'feegrant revoke',
  types: [`${PACKAGE}.MsgRevokeAllowance`],
  summary: 'No longer pay the fees of another account',
  arguments: ['<from>', '<grantee>'],
  examples: ['feegrant revoke alice bitscale1...'],
  make: ({ call, from }) => [
    {
      '@type': `${PACKAGE}.MsgRevokeAllowance`,
      granter: from,
      grantee: addressArgument(call, 1),
    },
  ],
});

const prune = messageCommand({
  name: 'feegrant prune',
  types: [`${PACKAGE}.MsgPruneAllowances`],
  summary: 'Remove allowances of anybody that have expired',
  examples: ['feegrant prune --from alice'],
  make: ({ from }) => [{ '@type': `${PACKAGE}.MsgPruneAllowances`, pruner: from }],
});

export const feegrantMessages = [grant, revoke, prune];

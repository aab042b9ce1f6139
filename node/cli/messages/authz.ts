/** bitscale tx authz. */
import { formatTime } from '../../base/time.ts';
import { usageError } from '../command.ts';
import { readJson } from '../tx/files.ts';
import { optionalUint } from '../tx/options.ts';
import { messagesIn } from './generic.ts';
import {
  addressArgument,
  commaList,
  messageCommand,
  optionalCoins,
  type Making,
} from './message-command.ts';

const PACKAGE = '/cosmos.authz.v1beta1';
const KINDS = ['generic', 'send'];

function authorization({ call }: Making) {
  const kind = call.argument(1);
  if (kind === 'generic') {
    return { '@type': `${PACKAGE}.GenericAuthorization`, msg: call.text('msg-type') };
  }
  if (kind !== 'send') throw usageError(`an authorization is one of ${KINDS.join(', ')}`);
  return {
    '@type': '/cosmos.bank.v1beta1.SendAuthorization',
    spend_limit: optionalCoins(call, 'spend-limit'),
    allow_list: commaList(call, 'allow-list'),
  };
}

const grant = messageCommand({
  name: 'authz grant',
  types: [`${PACKAGE}.MsgGrant`],
  summary: 'Let another account run messages in the name of this one',
  arguments: ['<grantee>', `<${KINDS.join('|')}>`],
  options: {
    'msg-type': { value: '<type>', help: 'generic: the type of message' },
    'spend-limit': { value: '<coins>', help: 'send: how much in all' },
    'allow-list': { value: '<addresses>', help: 'send: to whom, with commas' },
    expiration: { value: '<unix seconds>', help: 'until when; without it for ever' },
  },
  examples: [
    'authz grant bitscale1... send --spend-limit 1000uscale --from alice',
    'authz grant bitscale1... generic --msg-type /cosmos.bank.v1beta1.MsgSend --from alice',
  ],
  make: (making) => {
    const { call, from } = making;
    const until = optionalUint(call, 'expiration') ?? 0n;
    const expiration = until === 0n ? null : formatTime({ seconds: until, nanos: 0 });
    return [
      {
        '@type': `${PACKAGE}.MsgGrant`,
        granter: from,
        grantee: addressArgument(call, 0),
        grant: { authorization: authorization(making), expiration },
      },
    ];
  },
});

const exec = messageCommand({
  name: 'authz exec',
  types: [`${PACKAGE}.MsgExec`],
  summary: 'Run the messages of a transaction in the name of those who allowed it',
  arguments: ['<file>'],
  examples: [
    'bank send bitscale1granter... bitscale1... 5uscale --generate-only > tx.json',
    'authz exec tx.json --from deputy',
  ],
  make: async ({ call, terminal, from }) => {
    const msgs = messagesIn(await readJson(terminal, call.argument(0)));
    return [{ '@type': `${PACKAGE}.MsgExec`, grantee: from, msgs }];
  },
});

const revoke = messageCommand({
  name: 'authz revoke',
  types: [`${PACKAGE}.MsgRevoke`],
  summary: 'Take a grant back',
  arguments: ['<grantee>', '<type>'],
  examples: ['authz revoke bitscale1... /cosmos.bank.v1beta1.MsgSend --from alice'],
  make: ({ call, from }) => [
    {
      '@type': `${PACKAGE}.MsgRevoke`,
      granter: from,
      grantee: addressArgument(call, 0),
      msg_type_url: call.argument(1),
    },
  ],
});

export const authzMessages = [grant, exec, revoke];

/** bitscale tx bank. */
import { coinsFromText, coinToText } from '../../base/coin.ts';
import { usageError } from '../command.ts';
import { addressArgument, coins, messageCommand, type Making } from './message-command.ts';

const MSG_SEND = '/cosmos.bank.v1beta1.MsgSend';
const MSG_MULTI_SEND = '/cosmos.bank.v1beta1.MsgMultiSend';

const send = messageCommand({
  name: 'bank send',
  types: [MSG_SEND],
  summary: 'Send coins to an address',
  arguments: ['<from>', '<to>', '<coins>'],
  examples: [
    'bank send alice bitscale1... 10uscale -y',
    'bank send alice bitscale1... 10uscale --generate-only > unsigned.json',
  ],
  make: ({ call, from }) => [
    {
      '@type': MSG_SEND,
      from_address: from,
      to_address: addressArgument(call, 1),
      amount: coins(call.argument(2)),
    },
  ],
});

/** The last argument is the amount, all before it are receivers. */
function multiSendMessage({ call, from }: Making) {
  const [, ...rest] = call.rest(0);
  if (rest.length < 2)
    throw usageError('usage: bitscale tx bank multi-send <from> <to...> <coins>');
  const count = rest.length - 1;
  const given = coinsFromText(coins(rest[count]!));
  const share = given.map(({ denom, amount }) => {
    const parts = call.flag('split') ? BigInt(count) : 1n;
    return { denom, amount: amount / parts };
  });
  if (share.some(({ amount }) => amount === 0n)) throw usageError('too little to split');
  const outputs = rest.slice(0, count).map((_, index) => ({
    address: addressArgument(call, index + 1),
    coins: share.map(coinToText),
  }));
  const total = share.map(({ denom, amount }) => {
    return coinToText({ denom, amount: amount * BigInt(count) });
  });
  return { '@type': MSG_MULTI_SEND, inputs: [{ address: from, coins: total }], outputs };
}

const multiSend = messageCommand({
  name: 'bank multi-send',
  types: [MSG_MULTI_SEND],
  summary: 'Send coins to several addresses, so much to each',
  arguments: ['<from>', '<to>', '<to_or_coins...>'],
  options: { split: { help: 'divide the coins, instead of sending them to each' } },
  examples: ['bank multi-send alice bitscale1a... bitscale1b... 10uscale'],
  make: (making) => [multiSendMessage(making)],
});

export const bankMessages = [send, multiSend];

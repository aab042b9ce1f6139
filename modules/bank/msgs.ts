/** MsgSend and MsgMultiSend. Rules, order of checks and texts are those of the Cosmos SDK. */
import { MsgMultiSend, MsgSend } from 'cosmjs-types/cosmos/bank/v1beta1/tx';
import { EMPTY, type Bytes } from '../../node/base/bytes.ts';
import { coinsEqual, sumCoins, type CoinText } from '../../node/base/coin.ts';
import { BitscaleError } from '../../node/base/errors.ts';
import { UNAUTHORIZED } from '../../node/base/sdk-errors.ts';
import type { AddressText } from '../../node/app/address-text.ts';
import { aminoCoin, readAddress, readCoins, readOnce } from '../../node/app/message-fields.ts';
import type { AnyMessageHandler, MessageHandler } from '../../node/app/module.ts';
import { readPlainCoins } from '../../node/app/tx-parts.ts';
import { MULTIPLE_SENDERS, NO_INPUTS, NO_OUTPUTS, SUMS_DIFFER } from './errors.ts';
import type { BankKeeper, Payment } from './keeper.ts';

export function bankMessages(keeper: BankKeeper): readonly AnyMessageHandler[] {
  return [sendHandler(keeper), multiSendHandler(keeper)];
}

function checkRecipients(keeper: BankKeeper, recipients: readonly Bytes[]): void {
  for (const address of recipients) {
    if (!keeper.isBlocked(address)) continue;
    const text = keeper.accounts.addresses.write(address);
    throw new BitscaleError(UNAUTHORIZED, `${text} is not allowed to receive funds`);
  }
}

function aminoSide({ address, coins }: { readonly address: string; readonly coins: CoinText[] }) {
  return { address, coins: coins.map(aminoCoin) };
}

function sendHandler(keeper: BankKeeper): MessageHandler<MsgSend> {
  const { addresses } = keeper.accounts;
  const read = readOnce(({ toAddress, amount }: MsgSend): Payment => {
    return { to: readAddress(addresses, toAddress, 'to'), coins: readCoins(amount) };
  });
  return {
    typeUrl: '/cosmos.bank.v1beta1.MsgSend',
    codec: MsgSend,
    readPlain: (reader) => ({
      fromAddress: reader.text(1),
      toAddress: reader.text(2),
      amount: readPlainCoins(reader, 3),
    }),
    amino: {
      type: 'cosmos-sdk/MsgSend',
      toJson: ({ fromAddress, toAddress, amount }) => ({
        from_address: fromAddress,
        to_address: toAddress,
        amount: amount.map(aminoCoin),
      }),
    },
    signers: (message) => [readAddress(addresses, message.fromAddress, 'from')],
    validate: (message) => void read(message),
    execute(context, message) {
      const from = readAddress(addresses, message.fromAddress, 'from');
      const payment = read(message);
      keeper.checkSendEnabled(context, payment.coins);
      checkRecipients(keeper, [payment.to]);
      keeper.send(context, from, payment);
      return { typeUrl: '/cosmos.bank.v1beta1.MsgSendResponse', value: EMPTY };
    },
  };
}

interface MultiPayment {
  readonly from: Payment;
  readonly payments: readonly Payment[];
}

function readMultiSend(message: MsgMultiSend, addresses: AddressText): MultiPayment {
  const [input, ...more] = message.inputs;
  if (!input) throw new BitscaleError(NO_INPUTS);
  if (more.length > 0) throw new BitscaleError(MULTIPLE_SENDERS);
  if (message.outputs.length === 0) throw new BitscaleError(NO_OUTPUTS);
  const from = {
    to: readAddress(addresses, input.address, 'input'),
    coins: readCoins(input.coins),
  };
  const payments = message.outputs.map(({ address, coins }) => ({
    to: readAddress(addresses, address, 'output'),
    coins: readCoins(coins),
  }));
  const total = sumCoins(payments.map(({ coins }) => coins));
  if (!coinsEqual(total, from.coins)) throw new BitscaleError(SUMS_DIFFER);
  return { from, payments };
}

function multiSendHandler(keeper: BankKeeper): MessageHandler<MsgMultiSend> {
  const { addresses } = keeper.accounts;
  const read = readOnce((message: MsgMultiSend) => readMultiSend(message, addresses));
  return {
    typeUrl: '/cosmos.bank.v1beta1.MsgMultiSend',
    codec: MsgMultiSend,
    amino: {
      type: 'cosmos-sdk/MsgMultiSend',
      toJson: ({ inputs, outputs }) => ({
        inputs: inputs.map(aminoSide),
        outputs: outputs.map(aminoSide),
      }),
    },
    signers: ({ inputs }) => inputs.map(({ address }) => readAddress(addresses, address, 'input')),
    validate: (message) => void read(message),
    execute(context, message) {
      const { from, payments } = read(message);
      keeper.checkSendEnabled(context, from.coins);
      checkRecipients(
        keeper,
        payments.map(({ to }) => to),
      );
      keeper.sendMany(context, from, payments);
      return { typeUrl: '/cosmos.bank.v1beta1.MsgMultiSendResponse', value: EMPTY };
    },
  };
}

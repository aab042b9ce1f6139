/** Messages that open an account with coins that vest. Checks, their order and texts are the Cosmos SDK's. */
import {
  MsgCreatePeriodicVestingAccount,
  MsgCreatePeriodicVestingAccountResponse,
  MsgCreatePermanentLockedAccount,
  MsgCreatePermanentLockedAccountResponse,
  MsgCreateVestingAccount,
  MsgCreateVestingAccountResponse,
} from 'cosmjs-types/cosmos/vesting/v1beta1/tx';
import type { Context } from '../../node/app/context.ts';
import { aminoCoin, readAddress, readCoins } from '../../node/app/message-fields.ts';
import type { AnyMessageHandler, MessageHandler } from '../../node/app/module.ts';
import type { Bytes } from '../../node/base/bytes.ts';
import type { Coins } from '../../node/base/coin.ts';
import { BitscaleError } from '../../node/base/errors.ts';
import { MAX_VESTING_PERIODS } from '../../node/base/limits.ts';
import { INVALID_REQUEST, UNAUTHORIZED } from '../../node/base/sdk-errors.ts';
import type { Accounts, Bank } from './expected.ts';
import * as schedule from './schedule.ts';

const PACKAGE = '/cosmos.vesting.v1beta1';

export interface MessageParts {
  readonly accounts: Accounts;
  readonly bank: Bank;
}

export function vestingMessages(parts: MessageParts): readonly AnyMessageHandler[] {
  return [createVesting(parts), createPermanent(parts), createPeriodic(parts)];
}

const wrong = (detail: string): BitscaleError => new BitscaleError(INVALID_REQUEST, detail);

const integer = (value: bigint): string | undefined => (value === 0n ? undefined : String(value));

interface Addresses {
  readonly fromAddress: string;
  readonly toAddress: string;
}

function ends({ accounts: { addresses } }: MessageParts, message: Addresses) {
  const from = readAddress(addresses, message.fromAddress, "'from'");
  return { from, to: readAddress(addresses, message.toAddress, "'to'") };
}

const signers =
  ({ accounts: { addresses } }: MessageParts) =>
  ({ fromAddress }: Addresses): readonly Bytes[] => [readAddress(addresses, fromAddress, "'from'")];

interface Opening {
  readonly from: Bytes;
  readonly to: Bytes;
  readonly toAddress: string;
  readonly coins: Coins;
  part(): schedule.Vesting;
}

function checkReceiver({ bank }: MessageParts, { to, toAddress }: Opening): void {
  if (!bank.isBlocked(to)) return;
  throw new BitscaleError(UNAUTHORIZED, `${toAddress} is not allowed to receive funds`);
}

function checkNew(context: Context, { accounts }: MessageParts, { to, toAddress }: Opening): void {
  if (accounts.account(context, to)) throw wrong(`account ${toAddress} already exists`);
}

function open(context: Context, parts: MessageParts, opening: Opening): void {
  const { from, to, coins } = opening;
  const part = opening.part();
  schedule.checkVesting(part);
  parts.accounts.create(context, to, { part });
  parts.bank.send(context, from, { to, coins });
}

function readVesting(parts: MessageParts, message: MsgCreateVestingAccount) {
  const addresses = ends(parts, message);
  const coins = readCoins(message.amount);
  if (message.endTime <= 0n) throw wrong('invalid end time');
  return { ...addresses, toAddress: message.toAddress, coins };
}

function createVesting(parts: MessageParts): MessageHandler<MsgCreateVestingAccount> {
  return {
    typeUrl: `${PACKAGE}.MsgCreateVestingAccount`,
    codec: MsgCreateVestingAccount,
    amino: {
      type: 'cosmos-sdk/MsgCreateVestingAccount',
      toJson: ({ fromAddress, toAddress, amount, endTime, delayed }) => ({
        from_address: fromAddress,
        to_address: toAddress,
        amount: amount.map(aminoCoin),
        end_time: integer(endTime),
        delayed: delayed || undefined,
      }),
    },
    signers: signers(parts),
    validate: (message) => void readVesting(parts, message),
    execute(context, message) {
      const { endTime, delayed } = message;
      const read = readVesting(parts, message);
      const amounts = { original: read.coins, ...schedule.NOTHING_DELEGATED, endTime };
      const part = (): schedule.Vesting =>
        delayed
          ? { typeUrl: schedule.DELAYED, ...amounts }
          : { typeUrl: schedule.CONTINUOUS, ...amounts, startTime: context.time.seconds };
      const opening = { ...read, part };
      parts.bank.checkSendEnabled(context, read.coins);
      checkReceiver(parts, opening);
      checkNew(context, parts, opening);
      open(context, parts, opening);
      const value = MsgCreateVestingAccountResponse.encode({}).finish();
      return { typeUrl: `${PACKAGE}.MsgCreateVestingAccountResponse`, value };
    },
  };
}

function createPermanent(parts: MessageParts): MessageHandler<MsgCreatePermanentLockedAccount> {
  const read = (message: MsgCreatePermanentLockedAccount) => {
    const addresses = ends(parts, message);
    return { ...addresses, toAddress: message.toAddress, coins: readCoins(message.amount) };
  };
  return {
    typeUrl: `${PACKAGE}.MsgCreatePermanentLockedAccount`,
    codec: MsgCreatePermanentLockedAccount,
    amino: {
      type: 'cosmos-sdk/MsgCreatePermLockedAccount',
      toJson: ({ fromAddress, toAddress, amount }) => ({
        from_address: fromAddress,
        to_address: toAddress,
        amount: amount.map(aminoCoin),
      }),
    },
    signers: signers(parts),
    validate: (message) => void read(message),
    execute(context, message) {
      const fields = read(message);
      const amounts = { original: fields.coins, ...schedule.NOTHING_DELEGATED, endTime: 0n };
      const part = (): schedule.Vesting => ({ typeUrl: schedule.PERMANENT, ...amounts });
      const opening = { ...fields, part };
      parts.bank.checkSendEnabled(context, fields.coins);
      checkReceiver(parts, opening);
      checkNew(context, parts, opening);
      open(context, parts, opening);
      const value = MsgCreatePermanentLockedAccountResponse.encode({}).finish();
      return { typeUrl: `${PACKAGE}.MsgCreatePermanentLockedAccountResponse`, value };
    },
  };
}

function readPeriodic(parts: MessageParts, message: MsgCreatePeriodicVestingAccount) {
  const addresses = ends(parts, message);
  const { toAddress, startTime, vestingPeriods } = message;
  if (startTime < 1n) {
    throw wrong(`invalid start time of ${startTime}, length must be greater than 0`);
  }
  if (vestingPeriods.length > MAX_VESTING_PERIODS) {
    throw wrong(`more than ${MAX_VESTING_PERIODS} periods`);
  }
  const periods = vestingPeriods.map(({ length, amount }, index) => {
    if (length < 1n) {
      const which = `invalid period length of ${length} in period ${index}`;
      throw wrong(`${which}, length must be greater than 0`);
    }
    return { length, amount: readCoins(amount) };
  });
  const part = schedule.periodic(startTime, periods);
  schedule.checkVesting(part);
  return { ...addresses, toAddress, coins: part.original, part: () => part };
}

function createPeriodic(parts: MessageParts): MessageHandler<MsgCreatePeriodicVestingAccount> {
  return {
    typeUrl: `${PACKAGE}.MsgCreatePeriodicVestingAccount`,
    codec: MsgCreatePeriodicVestingAccount,
    amino: {
      type: 'cosmos-sdk/MsgCreatePeriodVestAccount',
      toJson: ({ fromAddress, toAddress, startTime, vestingPeriods }) => ({
        from_address: fromAddress,
        to_address: toAddress,
        start_time: integer(startTime),
        vesting_periods: vestingPeriods.map(({ length, amount }) => ({
          length: integer(length),
          amount: amount.map(aminoCoin),
        })),
      }),
    },
    signers: signers(parts),
    validate: (message) => void readPeriodic(parts, message),
    execute(context, message) {
      const opening = readPeriodic(parts, message);
      checkReceiver(parts, opening);
      checkNew(context, parts, opening);
      parts.bank.checkSendEnabled(context, opening.coins);
      open(context, parts, opening);
      const value = MsgCreatePeriodicVestingAccountResponse.encode({}).finish();
      return { typeUrl: `${PACKAGE}.MsgCreatePeriodicVestingAccountResponse`, value };
    },
  };
}

/** An application with a funded account, and the messages that open vesting accounts, for tests. */
import {
  MsgCreatePeriodicVestingAccount,
  MsgCreatePermanentLockedAccount,
  MsgCreateVestingAccount,
} from 'cosmjs-types/cosmos/vesting/v1beta1/tx';
import type { Bytes } from '../../../../node/base/bytes.ts';
import type { Time } from '../../../../node/base/time.ts';
import {
  blockAt,
  GENESIS_TIME,
  genesisFor,
  initRequest,
  signTx,
  testApplication,
  testKey,
  type TestKey,
} from '../../../support/application.ts';

export const [alice, bob, carol] = [testKey('alice'), testKey('bob'), testKey('carol')];
export const PACKAGE = '/cosmos.vesting.v1beta1';
export const BEGAN = GENESIS_TIME.seconds;

export type App = ReturnType<typeof testApplication>['app'];

export const at = (seconds: bigint): Time => ({ seconds: BEGAN + seconds, nanos: 0 });

export async function run(app: App, seconds: bigint, txs: readonly Bytes[] = []) {
  const height = app.info().height + 1;
  const response = app.finalizeBlock(blockAt(height, txs, at(seconds)));
  await app.commit();
  return response.txResults;
}

export async function started(more: Record<string, unknown> = {}): Promise<App> {
  const { app } = testApplication();
  app.initChain(initRequest({ ...genesisFor([alice]), ...more }));
  await run(app, 0n);
  return app;
}

export const coins = (amount: string, denom = 'uscale') => [{ denom, amount }];

export const create = {
  vesting: (more: Partial<MsgCreateVestingAccount> = {}) => ({
    typeUrl: `${PACKAGE}.MsgCreateVestingAccount`,
    value: MsgCreateVestingAccount.encode(
      MsgCreateVestingAccount.fromPartial({
        ...{ fromAddress: alice.text, toAddress: bob.text, amount: coins('1000') },
        endTime: BEGAN + 110n,
        ...more,
      }),
    ).finish(),
  }),
  permanent: (more: Partial<MsgCreatePermanentLockedAccount> = {}) => ({
    typeUrl: `${PACKAGE}.MsgCreatePermanentLockedAccount`,
    value: MsgCreatePermanentLockedAccount.encode(
      MsgCreatePermanentLockedAccount.fromPartial({
        ...{ fromAddress: alice.text, toAddress: bob.text, amount: coins('1000') },
        ...more,
      }),
    ).finish(),
  }),
  periodic: (more: Partial<MsgCreatePeriodicVestingAccount> = {}) => ({
    typeUrl: `${PACKAGE}.MsgCreatePeriodicVestingAccount`,
    value: MsgCreatePeriodicVestingAccount.encode(
      MsgCreatePeriodicVestingAccount.fromPartial({
        ...{ fromAddress: alice.text, toAddress: bob.text, startTime: BEGAN + 10n },
        vestingPeriods: [
          { length: 50n, amount: coins('400') },
          { length: 50n, amount: coins('600') },
        ],
        ...more,
      }),
    ).finish(),
  }),
};

export type Message = ReturnType<typeof create.vesting>;

export function sign(
  key: TestKey,
  accountNumber: bigint,
  sequence: bigint,
  ...messages: Message[]
) {
  return signTx({ messages, key, accountNumber, sequence, fee: '0' });
}

export const byAlice = (sequence: bigint, ...messages: Message[]) =>
  sign(alice, 0n, sequence, ...messages);

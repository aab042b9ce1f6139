/** Vesting accounts in an application: opened by messages, spent from, written out and read in. */
import assert from 'node:assert/strict';
import { accountFromAny } from '@cosmjs/stargate';
import {
  QueryAccountInfoRequest,
  QueryAccountInfoResponse,
  QueryAccountRequest,
  QueryAccountResponse,
  QueryAccountsResponse,
} from 'cosmjs-types/cosmos/auth/v1beta1/query';
import {
  QuerySpendableBalanceByDenomRequest,
  QuerySpendableBalanceByDenomResponse,
  QuerySpendableBalancesRequest,
  QuerySpendableBalancesResponse,
} from 'cosmjs-types/cosmos/bank/v1beta1/query';
import {
  MsgCreatePeriodicVestingAccount,
  MsgCreatePermanentLockedAccount,
  MsgCreateVestingAccount,
} from 'cosmjs-types/cosmos/vesting/v1beta1/tx';
import { moduleAddress } from '../../../../node/base/address.ts';
import { accountText } from '../../../../node/app/address-text.ts';
import type { Bytes } from '../../../../node/base/bytes.ts';
import { MAX_VESTING_PERIODS } from '../../../../node/base/limits.ts';
import type { Time } from '../../../../node/base/time.ts';
import {
  blockAt,
  GENESIS_TIME,
  genesisFor,
  initRequest,
  sendMessage,
  signTx,
  testApplication,
  testKey,
  type TestKey,
} from '../../../support/application.ts';

const [alice, bob, carol] = [testKey('alice'), testKey('bob'), testKey('carol')];
const PACKAGE = '/cosmos.vesting.v1beta1';
const BEGAN = GENESIS_TIME.seconds;

type App = ReturnType<typeof testApplication>['app'];

const at = (seconds: bigint): Time => ({ seconds: BEGAN + seconds, nanos: 0 });

async function run(app: App, seconds: bigint, txs: readonly Bytes[] = []) {
  const height = app.info().height + 1;
  const response = app.finalizeBlock(blockAt(height, txs, at(seconds)));
  await app.commit();
  return response.txResults;
}

async function started(more: Record<string, unknown> = {}): Promise<App> {
  const { app } = testApplication();
  app.initChain(initRequest({ ...genesisFor([alice]), ...more }));
  await run(app, 0n);
  return app;
}

const coins = (amount: string, denom = 'uscale') => [{ denom, amount }];

const create = {
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

type Message = ReturnType<typeof create.vesting>;

function sign(key: TestKey, accountNumber: bigint, sequence: bigint, ...messages: Message[]) {
  return signTx({ messages, key, accountNumber, sequence, fee: '0' });
}

const byAlice = (sequence: bigint, ...messages: Message[]) =>
  sign(alice, 0n, sequence, ...messages);

function ask(app: App, path: string, data: Bytes): Bytes {
  const { value, code, log } = app.query({ path, data, height: 0, prove: false });
  assert.equal(code, 0, log);
  return value;
}

function account(app: App, address: string) {
  const data = QueryAccountRequest.encode({ address }).finish();
  const path = '/cosmos.auth.v1beta1.Query/Account';
  return QueryAccountResponse.decode(ask(app, path, data)).account!;
}

function spendable(app: App, address: string): string {
  const one = QuerySpendableBalanceByDenomRequest.encode({ address, denom: 'uscale' }).finish();
  const path = '/cosmos.bank.v1beta1.Query';
  const { balance } = QuerySpendableBalanceByDenomResponse.decode(
    ask(app, `${path}/SpendableBalanceByDenom`, one),
  );
  const all = QuerySpendableBalancesRequest.encode({ address }).finish();
  const { balances } = QuerySpendableBalancesResponse.decode(
    ask(app, `${path}/SpendableBalances`, all),
  );
  assert.deepEqual(balances, [balance]);
  return balance!.amount;
}

const KINDS: [string, Message, string][] = [
  ['continuous', create.vesting(), 'ContinuousVestingAccount'],
  ['delayed', create.vesting({ delayed: true }), 'DelayedVestingAccount'],
  ['periodic', create.periodic(), 'PeriodicVestingAccount'],
  ['permanent', create.permanent(), 'PermanentLockedAccount'],
];

describe('vesting', () => {
  const SPENDABLE: Record<string, [bigint, string][]> = {
    continuous: [
      [11n, '10'],
      [60n, '500'],
      [109n, '990'],
      [110n, '1000'],
      [111n, '1000'],
    ],
    delayed: [
      [60n, '0'],
      [109n, '0'],
      [110n, '1000'],
    ],
    periodic: [
      [59n, '0'],
      [60n, '400'],
      [109n, '400'],
      [110n, '1000'],
    ],
    permanent: [
      [110n, '0'],
      [1_000_000n, '0'],
    ],
  };

  for (const [name, message, type] of KINDS) {
    it(`${name}: opens the account, which can spend what has vested and no more`, async () => {
      const app = await started();
      const [opened] = await run(app, 10n, [byAlice(0n, message)]);
      assert.equal(opened?.code, 0, opened?.log);
      assert.deepEqual(
        opened.events.map((event) => event.type).filter((one) => one !== 'tx'),
        ['message', 'coin_spent', 'coin_received', 'transfer', 'message'],
      );
      const { attributes } = opened.events.find(
        (event) => event.type === 'message' && event.attributes[0]?.key === 'action',
      )!;
      assert.ok(attributes.some(({ key, value }) => key === 'module' && value === 'vesting'));
      assert.equal(account(app, bob.text).typeUrl, `${PACKAGE}.${type}`);
      assert.equal(spendable(app, bob.text), '0');
      let sequence = 0n;
      for (const [seconds, amount] of SPENDABLE[name]!) {
        const more = sendMessage(bob, carol.text, String(BigInt(amount) + 1n));
        const [refused] = await run(app, seconds, [sign(bob, 2n, sequence++, more)]);
        assert.equal(spendable(app, bob.text), amount, `after ${seconds} s`);
        assert.deepEqual([refused?.codespace, refused?.code], ['sdk', 5]);
        const words = `spendable balance ${amount}uscale is smaller than ${BigInt(amount) + 1n}uscale`;
        assert.ok(refused?.log.includes(words), refused?.log);
      }
      const [last, free] = SPENDABLE[name]!.at(-1)!;
      if (free === '0') return;
      const all = sendMessage(bob, carol.text, free);
      const [sent] = await run(app, last, [sign(bob, 2n, sequence, all)]);
      assert.equal(sent?.code, 0, sent?.log);
      assert.equal(account(app, bob.text).typeUrl, `${PACKAGE}.${type}`);
    });

    it(`${name}: goes into a genesis file and comes from it, with key and sequence`, async () => {
      const app = await started();
      await run(app, 10n, [byAlice(0n, message)]);
      await run(app, 11n, [sign(bob, 2n, 0n, sendMessage(bob, carol.text, '1000000'))]);
      const exported = app.exportGenesis();
      const { app: next } = testApplication();
      next.initChain(initRequest(exported));
      await run(next, 11n);
      assert.deepEqual(next.exportGenesis(), exported);
      assert.deepEqual(account(next, bob.text), account(app, bob.text));
      assert.equal(spendable(next, bob.text), spendable(app, bob.text));
    });
  }

  it('CosmJS reads the types it knows, and their key once they have signed', async () => {
    for (const [, message] of KINDS.slice(0, 3)) {
      const app = await started();
      await run(app, 10n, [byAlice(0n, message)]);
      const read = (): ReturnType<typeof accountFromAny> => accountFromAny(account(app, bob.text));
      assert.deepEqual([read().accountNumber, read().sequence, read().pubkey], [2n, 0, null]);
      await run(app, 11n, [sign(bob, 2n, 0n, sendMessage(bob, carol.text, '5'))]);
      assert.equal(read().sequence, 1);
      assert.equal(read().pubkey?.type, 'tendermint/PubKeySecp256k1');
    }
  });

  it('AccountInfo answers the base of a vesting account, Accounts the whole of it', async () => {
    const app = await started();
    await run(app, 10n, [byAlice(0n, create.vesting())]);
    const data = QueryAccountInfoRequest.encode({ address: bob.text }).finish();
    const answer = ask(app, '/cosmos.auth.v1beta1.Query/AccountInfo', data);
    const { info } = QueryAccountInfoResponse.decode(answer);
    assert.deepEqual([info?.address, info?.accountNumber, info?.sequence], [bob.text, 2n, 0n]);
    const page = ask(app, '/cosmos.auth.v1beta1.Query/Accounts', new Uint8Array(0));
    const types = QueryAccountsResponse.decode(page).accounts.map(({ typeUrl }) => typeUrl);
    assert.ok(types.includes(`${PACKAGE}.ContinuousVestingAccount`), types.join());
  });

  it('more may be locked than is held, as after a loss of delegated coins: then nothing is free', async () => {
    const base_account = { address: bob.text, account_number: '1' };
    const account = {
      '@type': `${PACKAGE}.DelayedVestingAccount`,
      base_vesting_account: {
        base_account,
        original_vesting: coins('1000'),
        end_time: '9999999999',
      },
    };
    const { balances } = genesisFor([alice])['bank'] as { balances: unknown[] };
    const app = await started({
      auth: { accounts: [{ address: alice.text, account_number: '0' }, account] },
      bank: { balances: [...balances, { address: bob.text, coins: coins('5') }] },
    });
    assert.equal(spendable(app, bob.text), '0');
    const [result] = await run(app, 1n, [sign(bob, 1n, 0n, sendMessage(bob, carol.text, '1'))]);
    assert.equal(`${result?.codespace}/${result?.code}`, 'sdk/5');
    const words = 'locked amount exceeds account balance funds: 1000uscale > 5uscale';
    assert.ok(result?.log.includes(words), result?.log);
  });

  it('coins received later are free at once, and pay fees', async () => {
    const app = await started();
    await run(app, 10n, [byAlice(0n, create.permanent(), sendMessage(alice, bob.text, '7'))]);
    assert.equal(spendable(app, bob.text), '7');
    const pay = (sequence: bigint, fee: string) =>
      signTx({
        messages: [sendMessage(bob, carol.text, '1')],
        ...{ key: bob, accountNumber: 2n, sequence, fee },
      });
    const [dear, cheap] = await run(app, 11n, [pay(0n, '8'), pay(0n, '6')]);
    assert.match(dear?.log ?? '', /spendable balance 7uscale is smaller than 8uscale/);
    assert.equal(cheap?.code, 0, cheap?.log);
    assert.equal(spendable(app, bob.text), '0');
  });
});

const blocked = accountText.write(moduleAddress('fee_collector'));

describe('vesting/refusals', () => {
  const failed = (log: string): string => `failed to execute message; message index: 0: ${log}`;
  const EARLY: [string, Message, string, string][] = [
    ['an end of 0', create.vesting({ endTime: 0n }), 'sdk/18', 'invalid end time: invalid request'],
    ['no coins', create.vesting({ amount: [] }), 'sdk/10', 'invalid coins'],
    ['coins of zero', create.permanent({ amount: coins('0') }), 'sdk/10', '0uscale: invalid coins'],
    ['a bad receiver', create.vesting({ toAddress: 'nobody' }), 'sdk/7', "invalid 'to' address: "],
    [
      'a start of 0',
      create.periodic({ startTime: 0n }),
      'sdk/18',
      'invalid start time of 0, length must be greater than 0: invalid request',
    ],
    [
      'a period of no time',
      create.periodic({ vestingPeriods: [{ length: 0n, amount: coins('1') }] }),
      'sdk/18',
      'invalid period length of 0 in period 0, length must be greater than 0: invalid request',
    ],
    [
      'a period of no coins',
      create.periodic({ vestingPeriods: [{ length: 1n, amount: [] }] }),
      'sdk/10',
      'invalid coins',
    ],
    ['no periods', create.periodic({ vestingPeriods: [] }), 'sdk/18', 'invalid coins: '],
    [
      'too many periods',
      create.periodic({
        vestingPeriods: Array.from({ length: MAX_VESTING_PERIODS + 1 }, () => ({
          length: 1n,
          amount: coins('1'),
        })),
      }),
      'sdk/18',
      'more than 1000 periods: invalid request',
    ],
  ];
  for (const [name, message, code, log] of EARLY) {
    it(`${name} is refused before it gets into a block`, async () => {
      const app = await started();
      const result = app.checkTx(byAlice(0n, message), 'new');
      assert.equal(`${result.codespace}/${result.code}`, code, result.log);
      assert.ok(result.log.includes(log), result.log);
    });
  }

  const LATE: [string, (to: string) => Message][] = [
    ['MsgCreateVestingAccount', (toAddress) => create.vesting({ toAddress })],
    ['MsgCreatePermanentLockedAccount', (toAddress) => create.permanent({ toAddress })],
    ['MsgCreatePeriodicVestingAccount', (toAddress) => create.periodic({ toAddress })],
  ];
  for (const [name, message] of LATE) {
    it(`${name} opens no account that exists, none of a module, and none with coins that stay`, async () => {
      const disabled = {
        ...(genesisFor([alice])['bank'] as object),
        send_enabled: [{ denom: 'uscale', enabled: false }],
      };
      const open = await started();
      const results = await run(open, 10n, [
        byAlice(0n, message(alice.text)),
        byAlice(1n, message(blocked)),
      ]);
      assert.deepEqual(
        results.map(({ codespace, code, log }) => [`${codespace}/${code}`, log]),
        [
          ['sdk/18', failed(`account ${alice.text} already exists: invalid request`)],
          ['sdk/4', failed(`${blocked} is not allowed to receive funds: unauthorized`)],
        ],
      );
      const shut = await started({ bank: disabled });
      const [result] = await run(shut, 10n, [byAlice(0n, message(bob.text))]);
      assert.equal(`${result?.codespace}/${result?.code}`, 'bank/5');
      assert.match(result?.log ?? '', /uscale transfers are currently disabled/);
    });
  }

  it('a sender with too little opens nothing', async () => {
    const app = await started();
    const amount = coins('1000000000001');
    const [result] = await run(app, 10n, [byAlice(0n, create.vesting({ amount }))]);
    assert.equal(`${result?.codespace}/${result?.code}`, 'sdk/5');
    const data = QueryAccountRequest.encode({ address: bob.text }).finish();
    const path = '/cosmos.auth.v1beta1.Query/Account';
    assert.equal(app.query({ path, data, height: 0, prove: false }).code, 22);
  });

  it('a genesis file may not hold vesting that makes no sense', () => {
    const base_account = { address: bob.text };
    const whole = { base_account, original_vesting: coins('5'), end_time: '20' };
    const WRONG: [Record<string, unknown>, RegExp][] = [
      [
        {
          '@type': `${PACKAGE}.ContinuousVestingAccount`,
          base_vesting_account: whole,
          start_time: '20',
        },
        /vesting start-time cannot be before end-time/,
      ],
      [
        { '@type': `${PACKAGE}.PermanentLockedAccount`, base_vesting_account: whole },
        /cannot have an end-time/,
      ],
      [
        {
          '@type': `${PACKAGE}.DelayedVestingAccount`,
          base_vesting_account: { ...whole, delegated_vesting: coins('6') },
        },
        /cannot be greater than original/,
      ],
      [
        {
          '@type': `${PACKAGE}.PeriodicVestingAccount`,
          base_vesting_account: whole,
          start_time: '1',
        },
        /does not match length of all vesting periods/,
      ],
      [{ '@type': `${PACKAGE}.DelayedVestingAccount` }, /base_vesting_account must be given/],
      [
        {
          '@type': `${PACKAGE}.DelayedVestingAccount`,
          base_vesting_account: { ...whole, end_time: '1e3' },
        },
        /end_time must be a whole number/,
      ],
      [{ '@type': `${PACKAGE}.BaseVestingAccount`, base_vesting_account: whole }, /account type/],
    ];
    for (const [json, text] of WRONG) {
      const { app } = testApplication();
      assert.throws(() => app.initChain(initRequest({ auth: { accounts: [json] } })), text);
    }
  });
});

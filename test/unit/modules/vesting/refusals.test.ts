/** Vesting accounts that are not opened, by messages and by genesis files. */
import assert from 'node:assert/strict';
import { QueryAccountRequest } from 'cosmjs-types/cosmos/auth/v1beta1/query';
import { moduleAddress } from '../../../../node/base/address.ts';
import { accountText } from '../../../../node/app/address-text.ts';
import { MAX_VESTING_PERIODS } from '../../../../node/base/limits.ts';
import { genesisFor, initRequest, testApplication } from '../../../support/application.ts';
import {
  alice,
  bob,
  byAlice,
  coins,
  create,
  PACKAGE,
  run,
  started,
  type Message,
} from './chain.ts';

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
          base_vesting_account: { ...whole, end_time: '9000000000' },
          start_time: '9000000000',
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

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
import type { Bytes } from '../../../../node/base/bytes.ts';
import {
  genesisFor,
  initRequest,
  sendMessage,
  signTx,
  testApplication,
} from '../../../support/application.ts';
import {
  alice,
  bob,
  byAlice,
  carol,
  coins,
  create,
  PACKAGE,
  run,
  sign,
  started,
  type App,
  type Message,
} from './chain.ts';

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

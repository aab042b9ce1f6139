import assert from 'node:assert/strict';
import { BaseAccount, ModuleAccount } from 'cosmjs-types/cosmos/auth/v1beta1/auth';
import {
  Bech32PrefixResponse,
  QueryAccountAddressByIDRequest,
  QueryAccountAddressByIDResponse,
  QueryAccountInfoRequest,
  QueryAccountInfoResponse,
  QueryAccountRequest,
  QueryAccountResponse,
  QueryAccountsRequest,
  QueryAccountsResponse,
  QueryModuleAccountsResponse,
  QueryParamsResponse,
} from 'cosmjs-types/cosmos/auth/v1beta1/query';
import { PubKey } from 'cosmjs-types/cosmos/crypto/secp256k1/keys';
import { EMPTY, type Bytes } from '../../../../node/base/bytes.ts';
import {
  initRequest,
  runBlock,
  sendMessage,
  signTx,
  testApplication,
  startedApplication,
  testKey,
} from '../../../support/application.ts';

const [alice, bob] = [testKey('alice'), testKey('bob')];

const started = async () => (await startedApplication([alice, bob])).app;

function ask(app: Awaited<ReturnType<typeof started>>, method: string, data: Bytes) {
  const path = `/cosmos.auth.v1beta1.Query/${method}`;
  return app.query({ path, data, height: 0, prove: false }).value;
}

function account(app: Awaited<ReturnType<typeof started>>, address: string): BaseAccount {
  const data = QueryAccountRequest.encode({ address }).finish();
  const { account: any } = QueryAccountResponse.decode(ask(app, 'Account', data));
  assert.equal(any?.typeUrl, '/cosmos.auth.v1beta1.BaseAccount');
  return BaseAccount.decode(any.value);
}

describe('auth', () => {
  it('stores the public key and counts the sequence up with the first tx of an account', async () => {
    const app = await started();
    assert.equal(account(app, alice.text).pubKey, undefined);
    const message = sendMessage(alice, bob.text, '1');
    await runBlock(app, [
      signTx({ messages: [message], key: alice, accountNumber: 0n, sequence: 0n }),
    ]);
    const after = account(app, alice.text);
    assert.equal(after.sequence, 1n);
    assert.deepEqual(PubKey.decode(after.pubKey?.value ?? EMPTY).key, alice.pubKey);
  });

  it('opens an account under the next number for whoever receives coins first', async () => {
    const app = await started();
    const newcomer = testKey('newcomer');
    const message = sendMessage(alice, newcomer.text, '1000');
    await runBlock(app, [
      signTx({ messages: [message], key: alice, accountNumber: 0n, sequence: 0n }),
    ]);
    // 0 and 1 are the accounts of the genesis file, 2 is the fee collector.
    assert.equal(account(app, newcomer.text).accountNumber, 3n);
    const id = QueryAccountAddressByIDRequest.encode({ id: 0n, accountId: 3n }).finish();
    const { accountAddress } = QueryAccountAddressByIDResponse.decode(
      ask(app, 'AccountAddressByID', id),
    );
    assert.equal(accountAddress, newcomer.text);
  });

  it('answers accounts, module accounts, info, parameters and the prefix', async () => {
    const app = await started();
    const page = QueryAccountsRequest.encode({}).finish();
    assert.equal(QueryAccountsResponse.decode(ask(app, 'Accounts', page)).accounts.length, 3);
    const modules = QueryModuleAccountsResponse.decode(ask(app, 'ModuleAccounts', EMPTY)).accounts;
    const first = ModuleAccount.decode(modules[0]?.value ?? EMPTY);
    assert.equal(first.name, 'fee_collector');
    const data = QueryAccountInfoRequest.encode({ address: bob.text }).finish();
    assert.equal(
      QueryAccountInfoResponse.decode(ask(app, 'AccountInfo', data)).info?.accountNumber,
      1n,
    );
    const { params } = QueryParamsResponse.decode(ask(app, 'Params', EMPTY));
    assert.deepEqual([params?.maxMemoCharacters, params?.txSigLimit], [256n, 7n]);
    assert.equal(
      Bech32PrefixResponse.decode(ask(app, 'Bech32Prefix', EMPTY)).bech32Prefix,
      'bitscale',
    );
  });

  for (const [name, least] of [
    ['tx_size_cost_per_byte', 10],
    ['sig_verify_cost_secp256k1', 1000],
    ['tx_sig_limit', 1],
  ] as const) {
    it(`refuses a genesis file with ${name} below ${least}`, () => {
      const params = {
        max_memo_characters: '256',
        tx_sig_limit: '7',
        tx_size_cost_per_byte: '10',
        sig_verify_cost_ed25519: '590',
        sig_verify_cost_secp256k1: '1000',
      };
      const start = (value: number): void => {
        const { app } = testApplication();
        app.initChain(initRequest({ auth: { params: { ...params, [name]: String(value) } } }));
      };
      start(least);
      assert.throws(() => start(least - 1), /must be at least/);
    });
  }

  it('refuses a genesis file that gives an account or a number twice', () => {
    const twice = { accounts: [{ address: alice.text }, { address: alice.text }] };
    const number = {
      accounts: [
        { address: alice.text, account_number: '4' },
        { address: bob.text, account_number: '4' },
      ],
    };
    for (const auth of [twice, number]) {
      assert.throws(() => testApplication().app.initChain(initRequest({ auth })), /given twice/);
    }
  });
});

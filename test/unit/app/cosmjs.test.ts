/** Transactions signed by stock CosmJS, with the wallets users have. */
import assert from 'node:assert/strict';
import { Secp256k1HdWallet } from '@cosmjs/amino';
import { DirectSecp256k1HdWallet, type OfflineSigner } from '@cosmjs/proto-signing';
import { SigningStargateClient } from '@cosmjs/stargate';
import { TxRaw } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import {
  CHAIN_ID,
  initRequest,
  runBlock,
  testApplication,
  testKey,
} from '../../support/application.ts';

const MNEMONIC = 'test test test test test test test test test test test junk';
const prefix = 'bitscale';

async function signedSend(wallet: OfflineSigner) {
  const [account] = await wallet.getAccounts();
  assert.ok(account);
  const client = await SigningStargateClient.offline(wallet);
  const value = {
    fromAddress: account.address,
    toAddress: testKey('bob').text,
    amount: [{ denom: 'uscale', amount: '250' }],
  };
  const fee = { amount: [{ denom: 'uscale', amount: '5000' }], gas: '200000' };
  const raw = await client.sign(
    account.address,
    [{ typeUrl: '/cosmos.bank.v1beta1.MsgSend', value }],
    fee,
    'hello <world> & others',
    { accountNumber: 0n, sequence: 0, chainId: CHAIN_ID },
  );
  return { address: account.address, tx: TxRaw.encode(raw).finish() };
}

describe('app/CosmJS', () => {
  const wallets: [string, () => Promise<OfflineSigner>][] = [
    ['direct', () => DirectSecp256k1HdWallet.fromMnemonic(MNEMONIC, { prefix })],
    ['amino', () => Secp256k1HdWallet.fromMnemonic(MNEMONIC, { prefix })],
  ];
  for (const [name, makeWallet] of wallets) {
    it(`executes a send signed by a ${name} wallet`, async () => {
      const { address, tx } = await signedSend(await makeWallet());
      const { app } = testApplication({ minGasPrices: '0.025uscale' });
      const balances = [{ address, coins: [{ denom: 'uscale', amount: '10000' }] }];
      app.initChain(initRequest({ auth: { accounts: [{ address }] }, bank: { balances } }));
      await runBlock(app, []);
      const checked = app.checkTx(tx, 'new');
      assert.equal(checked.code, 0, checked.log);
      assert.equal(checked.priority, 25_000_000_000_000_000n);
      const { txResults } = await runBlock(app, [tx]);
      assert.equal(txResults[0]?.code, 0, txResults[0]?.log);
      assert.match(JSON.stringify(app.exportGenesis()), /"4750"/);
    });
  }
});

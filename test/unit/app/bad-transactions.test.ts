/** Bad transactions, one rule each: the code a client sees from CheckTx, and no trace in the state. */
import assert from 'node:assert/strict';
import { PubKey } from 'cosmjs-types/cosmos/crypto/secp256k1/keys';
import { AuthInfo, TxBody, TxRaw } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { utf8 } from '../../../node/base/bytes.ts';
import { accountAddress, moduleAddress } from '../../../node/base/address.ts';
import { toBech32 } from '../../../node/base/bech32.ts';
import {
  genesisFor,
  initRequest,
  runBlock,
  sendMessage,
  testApplication,
  testKey,
} from '../../support/application.ts';
import { alice, BAD_TXS, bob, signed, startedApp } from '../../support/bad-transactions.ts';

describe('app/bad transactions', () => {
  for (const [name, tx, code, text] of BAD_TXS) {
    it(`${name}: ${code}, and CheckTx leaves the way free for a good one`, async () => {
      const app = await startedApp();
      const result = app.checkTx(tx(), 'new');
      assert.equal(`${result.codespace}/${result.code}`, code, result.log);
      if (text) assert.match(result.log, text);
      assert.equal(app.checkTx(signed(), 'new').code, 0);
    });
  }

  it('11 refuses eight signatures with sdk/14', async () => {
    const keys = Array.from({ length: 8 }, (_, i) => testKey(`signer ${i}`));
    const { app } = testApplication();
    app.initChain(initRequest(genesisFor(keys)));
    await runBlock(app, []);
    const body = TxBody.fromPartial({
      messages: keys.map((key) => sendMessage(key, bob.text, '1')),
    });
    const signerInfos = keys.map(({ pubKey }) => ({
      publicKey: {
        typeUrl: '/cosmos.crypto.secp256k1.PubKey',
        value: PubKey.encode({ key: pubKey }).finish(),
      },
      modeInfo: { single: { mode: 1 } },
    }));
    const authInfo = AuthInfo.fromPartial({ signerInfos, fee: { gasLimit: 1_000_000n } });
    const tx = TxRaw.encode({
      bodyBytes: TxBody.encode(body).finish(),
      authInfoBytes: AuthInfo.encode(authInfo).finish(),
      signatures: keys.map(() => new Uint8Array(64)),
    }).finish();
    const result = app.checkTx(tx, 'new');
    assert.equal(`${result.codespace}/${result.code}`, 'sdk/14', result.log);
  });

  it('14 refuses a sequence that is used with sdk/32, and names the next', async () => {
    const app = await startedApp();
    await runBlock(app, [signed()]);
    const { codespace, code, log } = app.checkTx(signed({ memo: 'again' }), 'new');
    const text = 'account sequence mismatch, expected 1, got 0: incorrect account sequence';
    assert.deepEqual([codespace, code, log], ['sdk', 32, text]);
  });

  it('17 refuses a key that is no point of the curve with sdk/8, although the address is of it', async () => {
    const pubKey = Uint8Array.from({ length: 33 }, (_, i) => (i === 0 ? 2 : 0xff));
    const address = accountAddress(pubKey);
    const ghost = { ...alice, pubKey, address, text: toBech32('bitscale', address) };
    const { app } = testApplication();
    app.initChain(initRequest(genesisFor([ghost])));
    await runBlock(app, []);
    const result = app.checkTx(
      signed({ key: ghost, messages: [sendMessage(ghost, bob.text, '5')] }),
      'new',
    );
    assert.equal(`${result.codespace}/${result.code}`, 'sdk/8', result.log);
  });

  it('20 refuses to send more than there is with sdk/5, and keeps the fee', async () => {
    const app = await startedApp();
    const messages = [sendMessage(alice, bob.text, '999999999001')];
    const { txResults } = await runBlock(app, [signed({ messages })]);
    const [{ codespace, code, log } = assert.fail()] = txResults;
    assert.deepEqual([codespace, code], ['sdk', 5]);
    assert.match(log, /spendable balance 999999999000uscale is smaller than 999999999001uscale/);
    assert.match(JSON.stringify(app.exportGenesis()), /"999999999000"/);
  });

  it('25 refuses to pay a module account with sdk/4, and keeps the fee', async () => {
    const app = await startedApp();
    const target = toBech32('bitscale', moduleAddress('fee_collector'));
    const { txResults } = await runBlock(app, [
      signed({ messages: [sendMessage(alice, target, '5')] }),
    ]);
    assert.equal(`${txResults[0]?.codespace}/${txResults[0]?.code}`, 'sdk/4');
    assert.match(txResults[0]?.log ?? '', /is not allowed to receive funds: unauthorized$/);
    assert.equal(app.checkTx(signed(), 'new').code, 32);
  });

  it('19 charges the fee and undoes the messages when gas runs out in a message', async () => {
    const app = await startedApp();
    const { txResults } = await runBlock(app, [signed({ gas: 70_000n })]);
    assert.equal(txResults[0]?.code, 11, txResults[0]?.log);
    const state = JSON.stringify(app.exportGenesis());
    assert.match(state, /"999999999000"/);
    assert.match(state, /"1000000000000"/);
  });

  it('answers in a block only that a tx cannot be decoded, not why', async () => {
    const app = await startedApp();
    const { txResults } = await runBlock(app, [utf8('garbage')]);
    assert.equal(txResults[0]?.log, 'tx parse error');
    assert.equal(txResults[0]?.gasUsed, 0n);
  });
});

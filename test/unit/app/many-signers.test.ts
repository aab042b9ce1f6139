/** Transactions that more have signed than may: whoever sends one must not make a node work for it. */
import assert from 'node:assert/strict';
import { PubKey } from 'cosmjs-types/cosmos/crypto/secp256k1/keys';
import { SignMode } from 'cosmjs-types/cosmos/tx/signing/v1beta1/signing';
import { AuthInfo, SignDoc, TxBody, TxRaw } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { SINGLE_KEY_URL } from '../../../node/app/public-key.ts';
import type { Bytes } from '../../../node/base/bytes.ts';
import { sha256 } from '../../../node/base/hash.ts';
import { signSecp256k1 } from '../../../node/base/secp256k1.ts';
import {
  CHAIN_ID,
  sendMessage,
  startedApplication,
  testKey,
  type TestKey,
} from '../../support/application.ts';

/** The chain's parameter `tx_sig_limit`. */
const LIMIT = 7;
const keys = Array.from({ length: LIMIT + 1 }, (_, i) => testKey(`signer ${i}`));

/** One send of each; account numbers as genesis gives them. */
function signedBy(signers: readonly TestKey[]): Bytes {
  const messages = signers.map((key) => sendMessage(key, key.text, '1'));
  const bodyBytes = TxBody.encode(TxBody.fromPartial({ messages })).finish();
  const signerInfos = signers.map(({ pubKey }) => ({
    publicKey: { typeUrl: SINGLE_KEY_URL, value: PubKey.encode({ key: pubKey }).finish() },
    modeInfo: { single: { mode: SignMode.SIGN_MODE_DIRECT } },
    sequence: 0n,
  }));
  const fee = { amount: [{ denom: 'uscale', amount: '1000' }], gasLimit: 2_000_000n };
  const authInfoBytes = AuthInfo.encode(AuthInfo.fromPartial({ signerInfos, fee })).finish();
  const signatures = signers.map(({ secret }, i) => {
    const doc = { bodyBytes, authInfoBytes, chainId: CHAIN_ID, accountNumber: BigInt(i) };
    return signSecp256k1(secret, sha256(SignDoc.encode(doc).finish()));
  });
  return TxRaw.encode({ bodyBytes, authInfoBytes, signatures }).finish();
}

describe('app: transactions of many signers', () => {
  it('as many as may sign: all signatures are prepared, and it passes', async () => {
    const { app } = await startedApplication(keys);
    const tx = signedBy(keys.slice(0, LIMIT));
    assert.equal(app.signatureChecks([tx]).length, LIMIT);
    const { code, log } = app.checkTx(tx, 'new');
    assert.equal(code, 0, log);
  });

  it('one more: nothing is prepared, and it is refused with sdk/14', async () => {
    const { app } = await startedApplication(keys);
    const tx = signedBy(keys);
    assert.deepEqual(app.signatureChecks([tx]), []);
    const { code, codespace, log } = app.checkTx(tx, 'new');
    assert.deepEqual([codespace, code], ['sdk', 14], log);
  });
});

/** Accounts of several keys, put together and signed by stock CosmJS. */
import assert from 'node:assert/strict';
import {
  Secp256k1Wallet,
  coins,
  createMultisigThresholdPubkey,
  encodeSecp256k1Pubkey,
  pubkeyToAddress,
} from '@cosmjs/amino';
import { SigningStargateClient, makeMultisignedTxBytes } from '@cosmjs/stargate';
import type { Bytes } from '../../../node/base/bytes.ts';
import { fromBech32 } from '../../../node/base/bech32.ts';
import { CHAIN_ID, runBlock, startedApplication, testKey } from '../../support/application.ts';

const members = ['one', 'two', 'three'].map((name) => testKey(name));
const outsider = testKey('outsider');
const publicKeys = members.map(({ pubKey }) => encodeSecp256k1Pubkey(pubKey));
const key = createMultisigThresholdPubkey(publicKeys, 2, true);
const text = pubkeyToAddress(key, 'bitscale');
const account = { ...outsider, text, address: fromBech32('bitscale', text) };

async function send(signers: readonly (typeof outsider)[], sequence: number): Promise<Bytes> {
  const fee = { amount: coins(5000, 'uscale'), gas: '200000' };
  const amount = coins(7, 'uscale');
  const value = { fromAddress: text, toAddress: outsider.text, amount };
  const message = { typeUrl: '/cosmos.bank.v1beta1.MsgSend', value };
  const facts = { accountNumber: 0n, sequence, chainId: CHAIN_ID };
  const signatures = new Map<string, Uint8Array>();
  let bodyBytes: Uint8Array = new Uint8Array();
  for (const { secret, text: address } of signers) {
    const wallet = await Secp256k1Wallet.fromKey(secret, 'bitscale');
    const client = await SigningStargateClient.offline(wallet);
    const signed = await client.sign(address, [message], fee, 'by many', facts);
    signatures.set(address, signed.signatures[0] as Uint8Array);
    ({ bodyBytes } = signed);
  }
  return makeMultisignedTxBytes(key, sequence, fee, bodyBytes, signatures);
}

const started = async () => (await startedApplication([account])).app;

describe('app/multisig by CosmJS', () => {
  it('sends with two or three of three signatures, the second time without storing the key', async () => {
    const app = await started();
    const [one, two, three] = members as [typeof outsider, typeof outsider, typeof outsider];
    for (const [sequence, signers] of [
      [one, three],
      [three, two, one],
      [two, three],
    ].entries()) {
      const tx = await send(signers, sequence);
      assert.equal(app.checkTx(tx, 'new').code, 0);
      const { txResults } = await runBlock(app, [tx]);
      assert.equal(txResults[0]?.code, 0, txResults[0]?.log);
    }
    assert.match(JSON.stringify(app.exportGenesis()), /"999999984979"/);
  });

  it('refuses one signature of two with sdk/4', async () => {
    const app = await started();
    const { code, codespace } = app.checkTx(await send(members.slice(0, 1), 0), 'new');
    assert.deepEqual([codespace, code], ['sdk', 4]);
  });

  it('refuses signatures of a later sequence with sdk/32', async () => {
    const app = await started();
    const early = app.checkTx(await send(members.slice(0, 2), 1), 'new');
    assert.deepEqual([early.codespace, early.code], ['sdk', 32]);
  });

  it('costs 1,000 gas for every signature in it', async () => {
    const used = await Promise.all(
      [2, 3].map(async (count) => {
        const app = await started();
        const tx = await send(members.slice(0, count), 0);
        const { txResults } = await runBlock(app, [tx]);
        return (txResults[0]?.gasUsed ?? 0n) - 10n * BigInt(tx.length);
      }),
    );
    assert.equal((used[1] as bigint) - (used[0] as bigint), 1000n);
  });
});

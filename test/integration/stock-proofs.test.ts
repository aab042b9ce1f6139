/** Programs that are not ours against a whole node: CosmJS asks and pays, stock ICS-23 code checks proofs. */
import assert from 'node:assert/strict';
import ics from '@confio/ics23';
import { DirectSecp256k1Wallet } from '@cosmjs/proto-signing';
import { GasPrice, SigningStargateClient, StargateClient } from '@cosmjs/stargate';
import { Comet38Client } from '@cosmjs/tendermint-rpc';
import { balanceKey } from '../../modules/bank/keys.ts';
import { ACCOUNT_PREFIX, accountText } from '../../node/base/address.ts';
import { fromUtf8, utf8, type Bytes } from '../../node/base/bytes.ts';
import { sha256 } from '../../node/base/hash.ts';
import { startSoloNode, SOLO_CHAIN, type SoloNode } from '../support/solo-node.ts';

const RECEIVER = new Uint8Array(20).fill(7);
const PRESENT_KEY = balanceKey(RECEIVER, 'uscale');
const ABSENT_KEY = balanceKey(RECEIVER, 'uother');
const AMOUNT = { denom: 'uscale', amount: '12345' };

interface Proven {
  readonly height: number;
  readonly value: Bytes;
  /** Of the key in the store, then of the store in the app hash. */
  readonly proofs: readonly ics.ics23.ICommitmentProof[];
  /** In the header after `height`. */
  readonly appHash: Bytes;
}

/** Root of the store's tree as the second proof says it. */
function storeRoot({ proofs: [, outer] }: Proven): Bytes {
  return outer?.exist?.value ?? new Uint8Array(0);
}

function leadsToAppHash(proven: Proven): boolean {
  const [, outer] = proven.proofs;
  const { tendermintSpec: spec, verifyMembership } = ics;
  const root = storeRoot(proven);
  return outer !== undefined && verifyMembership(outer, spec, proven.appHash, utf8('bank'), root);
}

function holds(proven: Proven, key: Bytes, value: Bytes): boolean {
  const [inner] = proven.proofs;
  if (inner === undefined || !leadsToAppHash(proven)) return false;
  return ics.verifyMembership(inner, ics.iavlSpec, storeRoot(proven), key, value);
}

function isAbsent(proven: Proven, key: Bytes): boolean {
  const [inner] = proven.proofs;
  if (inner === undefined || !leadsToAppHash(proven)) return false;
  return ics.verifyNonMembership(inner, ics.iavlSpec, storeRoot(proven), key);
}

describe('stock clients against a node', () => {
  let solo: SoloNode;
  let comet: Comet38Client;
  let reader: StargateClient;
  let signer: SigningStargateClient;
  let sender: string;
  let receipt: Awaited<ReturnType<SigningStargateClient['sendTokens']>>;

  const untilHeight = async (height: number): Promise<void> => {
    if (solo.node.engine.height() >= height) return;
    await new Promise<void>((resolve) =>
      solo.node.engine.onCommit(({ block }) => {
        if (block.header.height >= height) resolve();
      }),
    );
  };

  const ask = async (key: Bytes, height: number): Promise<Proven> => {
    const question = { path: '/store/bank/key', data: key, height, prove: true };
    const answer = await comet.abciQuery(question);
    assert.equal(answer.code, 0, answer.log);
    assert.equal(answer.height, height);
    const ops = answer.proof?.ops ?? [];
    assert.deepEqual(
      ops.map(({ type }) => type),
      ['ics23:iavl', 'ics23:simple'],
    );
    await untilHeight(height + 1);
    const { block } = await comet.block(height + 1);
    const proofs = ops.map(({ data }) => ics.ics23.CommitmentProof.decode(data));
    return { height, value: answer.value, proofs, appHash: block.header.appHash };
  };

  before(async () => {
    solo = await startSoloNode();
    comet = await Comet38Client.connect(solo.url);
    reader = await StargateClient.connect(solo.url);
    const { privateKey } = solo.account;
    const wallet = await DirectSecp256k1Wallet.fromKey(privateKey, ACCOUNT_PREFIX);
    const gasPrice = GasPrice.fromString('0.001uscale');
    signer = await SigningStargateClient.connectWithSigner(solo.url, wallet, { gasPrice });
    sender = accountText(solo.account.address);
    // No proofs of the states before: an application refuses heights up to 1, as in the Cosmos SDK.
    await untilHeight(2);
    receipt = await signer.sendTokens(sender, accountText(RECEIVER), [AMOUNT], 'auto', 'for you');
    assert.equal(receipt.code, 0, JSON.stringify(receipt.events));
  });

  after(async () => {
    for (const client of [comet, reader, signer]) client?.disconnect();
    await solo.remove();
  });

  it('a balance is proven up to the app hash of the next header', async () => {
    const proven = await ask(PRESENT_KEY, receipt.height);
    assert.equal(fromUtf8(proven.value), AMOUNT.amount);
    assert.ok(holds(proven, PRESENT_KEY, proven.value));
  });

  it('a changed value, another key and the app hash of another block are refused', async () => {
    const proven = await ask(PRESENT_KEY, receipt.height);
    const { block } = await comet.block(receipt.height);
    assert.ok(!holds(proven, PRESENT_KEY, utf8('12346')));
    assert.ok(!holds(proven, ABSENT_KEY, proven.value));
    assert.ok(!isAbsent(proven, PRESENT_KEY));
    assert.ok(!holds({ ...proven, appHash: block.header.appHash }, PRESENT_KEY, proven.value));
  });

  it('an unknown key is proven absent, and only that key', async () => {
    const proven = await ask(ABSENT_KEY, receipt.height);
    assert.equal(proven.value.length, 0);
    assert.ok(isAbsent(proven, ABSENT_KEY));
    assert.ok(!isAbsent(proven, PRESENT_KEY));
    assert.ok(!holds(proven, ABSENT_KEY, utf8('1')));
  });

  it('before the payment the balance was absent, and that is proven, too', async () => {
    assert.ok(isAbsent(await ask(PRESENT_KEY, receipt.height - 1), PRESENT_KEY));
  });

  it('keys before the first and after the last of a store are proven absent', async () => {
    for (const key of [Uint8Array.of(0), new Uint8Array(40).fill(255)]) {
      assert.ok(isAbsent(await ask(key, receipt.height), key));
    }
  });

  it('StargateClient reads balances, accounts and blocks', async () => {
    assert.equal(await reader.getChainId(), SOLO_CHAIN);
    assert.deepEqual(await reader.getBalance(accountText(RECEIVER), 'uscale'), AMOUNT);
    assert.deepEqual(await reader.getAllBalances(accountText(RECEIVER)), [AMOUNT]);
    assert.deepEqual(await reader.getSequence(sender), { accountNumber: 0n, sequence: 1 });
    assert.equal((await reader.getAccount(sender))?.pubkey?.type, 'tendermint/PubKeySecp256k1');
    assert.equal(await reader.getAccount(accountText(new Uint8Array(20).fill(8))), null);
    const block = await reader.getBlock(receipt.height);
    assert.equal(block.header.height, receipt.height);
    assert.equal(block.txs.length, 1);
    assert.ok((await reader.getHeight()) >= receipt.height);
  });

  it('StargateClient finds the payment by hash, by sender and by height', async () => {
    const found = await reader.getTx(receipt.transactionHash);
    assert.equal(found?.height, receipt.height);
    assert.equal(found.code, 0);
    assert.equal(found.gasUsed, receipt.gasUsed);
    const hash = Buffer.from(sha256(found.tx)).toString('hex').toUpperCase();
    assert.equal(hash, receipt.transactionHash);
    const queries = [
      `transfer.recipient='${accountText(RECEIVER)}'`,
      [{ key: 'message.sender', value: sender }],
      [{ key: 'tx.height', value: receipt.height }],
    ];
    for (const query of queries) {
      const hashes = (await reader.searchTx(query)).map((tx) => tx.hash);
      assert.deepEqual(hashes, [receipt.transactionHash]);
    }
    assert.equal(await reader.getTx('00'.repeat(32)), null);
    assert.deepEqual(await reader.searchTx("transfer.recipient='nobody'"), []);
  });

  it('SigningStargateClient simulates without a trace', async () => {
    const value = { fromAddress: sender, toAddress: accountText(RECEIVER), amount: [AMOUNT] };
    const message = { typeUrl: '/cosmos.bank.v1beta1.MsgSend', value };
    const gas = await signer.simulate(sender, [message], 'a try');
    assert.ok(gas > 0 && gas < 1_000_000, `${gas} gas`);
    assert.deepEqual(await reader.getSequence(sender), { accountNumber: 0n, sequence: 1 });
    const tooMuch = { ...value, amount: [{ denom: 'uscale', amount: '9'.repeat(30) }] };
    const refused = signer.simulate(sender, [{ ...message, value: tooMuch }], '');
    await assert.rejects(refused, /insufficient funds/);
  });
});

/** What the stock StargateClient may ask of a node, and what it must hear. */
import assert from 'node:assert/strict';
import {
  BroadcastTxError,
  coins,
  SigningStargateClient,
  StargateClient,
  TimeoutError,
  type DeliverTxResponse,
} from '@cosmjs/stargate';
import { Comet38Client } from '@cosmjs/tendermint-rpc';
import { TxRaw } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { accountText } from '../../../node/base/address.ts';
import { fromHex } from '../../../node/base/bytes.ts';
import { sha256 } from '../../../node/base/hash.ts';
import { SOLO_CHAIN, startSoloNode, untilYes, type SoloNode } from '../../support/solo-node.ts';
import { addressOf, connect, direct, FEE, send, signedBytes } from './wallets.ts';

const FUNDS = '1000000000000';
const NOBODY = accountText(new Uint8Array(20).fill(9));
const OTHER = accountText(new Uint8Array(20).fill(8));
const RECEIVER = accountText(new Uint8Array(20).fill(7));

/** `address` gets a second coin, for what lists several. */
function withTokens(json: Record<string, unknown>, address: string): Record<string, unknown> {
  const { bank } = json['app_state'] as {
    bank: { balances: { address: string; coins: object[] }[]; supply: object[] };
  };
  const balance = bank.balances.find((entry) => entry.address === address);
  for (const list of [balance!.coins, bank.supply]) list.unshift({ denom: 'atoken', amount: '7' });
  return json;
}

describe('clients: StargateClient', () => {
  let solo: SoloNode;
  let client: StargateClient;
  let signing: SigningStargateClient;
  let address: string;
  let sent: DeliverTxResponse;

  before(async () => {
    const wallet = await direct(0);
    address = await addressOf(wallet);
    solo = await startSoloNode({ genesis: (json) => withTokens(json, address) });
    client = await StargateClient.connect(solo.url);
    signing = await connect(solo, wallet);
    assert.equal((await client.getAccount(address))?.pubkey, null, 'unknown before it signs');
    assert.equal((await client.getSequence(address)).sequence, 0);
    sent = await signing.sendTokens(address, RECEIVER, coins(5, 'uscale'), FEE, 'rent');
  });
  after(async () => {
    client.disconnect();
    signing.disconnect();
    await solo.remove();
  });

  it('the node is found to be CometBFT 0.38 and names its chain', async () => {
    const { cometClient } = client as unknown as { cometClient: unknown };
    assert.ok(cometClient instanceof Comet38Client);
    assert.equal(await client.getChainId(), SOLO_CHAIN);
  });

  it('the height is that of the newest block, and grows', async () => {
    const height = await client.getHeight();
    assert.equal((await client.getBlock(height)).header.height, height);
    await new Promise<void>((resolve) => solo.node.engine.onCommit(() => resolve()));
    assert.ok((await client.getHeight()) >= height);
    assert.ok((await client.getBlock()).header.height >= height);
  });

  it('an account has its number, its sequence and, once it has signed, its key', async () => {
    const account = await client.getAccount(address);
    assert.equal(account?.address, address);
    assert.equal(account.pubkey?.type, 'tendermint/PubKeySecp256k1');
    const { accountNumber, sequence } = account;
    assert.deepEqual(await client.getSequence(address), { accountNumber, sequence });
    assert.ok(sequence >= 1);
  });

  it('an account that does not exist is null, and has no sequence', async () => {
    assert.equal(await client.getAccount(NOBODY), null);
    await assert.rejects(client.getSequence(NOBODY), /does not exist on chain/);
  });

  it('one who only received has an account without a key', async () => {
    const account = await client.getAccount(RECEIVER);
    assert.deepEqual([account?.pubkey, account?.sequence], [null, 0]);
  });

  it('a block has its id, chain, time and transactions', async () => {
    const block = await client.getBlock(sent.height);
    assert.match(block.id, /^[0-9A-F]{64}$/);
    assert.equal(block.header.chainId, SOLO_CHAIN);
    assert.equal(block.header.version.block, '11');
    assert.match(block.header.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
    assert.deepEqual(sha256(block.txs[0]!), fromHex(sent.transactionHash.toLowerCase()));
  });

  it('a block that is not there yet is refused with the newest height', async () => {
    await assert.rejects(client.getBlock(999_999), /must be less than or equal to/);
  });

  it('a balance is a coin, and zero when there is none', async () => {
    assert.deepEqual(await client.getBalance(RECEIVER, 'uscale'), { denom: 'uscale', amount: '5' });
    assert.deepEqual(await client.getBalance(address, 'gold'), { denom: 'gold', amount: '0' });
    assert.deepEqual(await client.getBalance(NOBODY, 'uscale'), { denom: 'uscale', amount: '0' });
  });

  it('all balances come ordered by denomination, and none for nobody', async () => {
    const [first, second] = await client.getAllBalances(address);
    assert.deepEqual(first, { denom: 'atoken', amount: '7' });
    assert.equal(second?.denom, 'uscale');
    assert.ok(BigInt(second.amount) < BigInt(FUNDS));
    assert.deepEqual(await client.getAllBalances(NOBODY), []);
  });

  it('a transaction is found by its hash, with what it did', async () => {
    const tx = await client.getTx(sent.transactionHash);
    assert.ok(tx);
    assert.deepEqual([tx.code, tx.height, tx.txIndex], [0, sent.height, 0]);
    assert.equal(tx.rawLog, '');
    assert.equal(tx.gasWanted, 200_000n);
    assert.equal(tx.msgResponses[0]?.typeUrl, '/cosmos.bank.v1beta1.MsgSendResponse');
    assert.deepEqual(tx.events, sent.events);
    assert.equal(await client.getTx('0'.repeat(64)), null);
  });

  it('searches find it by text, by pairs of key and value, and by height', async () => {
    const queries: Parameters<StargateClient['searchTx']>[0][] = [
      `tx.hash='${sent.transactionHash}'`,
      `transfer.recipient='${RECEIVER}' AND tx.height>=1`,
      [{ key: 'transfer.recipient', value: RECEIVER }],
      [
        { key: 'message.sender', value: address },
        { key: 'tx.height', value: sent.height },
      ],
      [{ key: 'tx.height', value: BigInt(sent.height) }],
    ];
    for (const query of queries) {
      const hashes = (await client.searchTx(query)).map(({ hash }) => hash);
      assert.deepEqual(hashes, [sent.transactionHash], String(query));
    }
    const none = [
      `transfer.recipient='${NOBODY}'`,
      `transfer.recipient='${RECEIVER}' AND tx.height>${sent.height}`,
    ];
    for (const query of none) assert.deepEqual(await client.searchTx(query), [], query);
  });

  it('a broadcast ends with the transaction in a block', async () => {
    const bytes = await signedBytes(signing, address, [send(address, OTHER, 1)]);
    const result = await client.broadcastTx(bytes, 30_000, 50);
    assert.equal(result.code, 0);
    assert.ok(result.gasUsed > 0n && result.gasUsed <= result.gasWanted);
    assert.equal((await client.getTx(result.transactionHash))?.height, result.height);
  });

  it('a failed transaction is in its block all the same, with code and cause', async () => {
    const bytes = await signedBytes(signing, address, [send(address, RECEIVER, '9'.repeat(20))]);
    const result = await client.broadcastTx(bytes, 30_000, 50);
    assert.equal(result.code, 5);
    assert.match(result.rawLog ?? '', /insufficient funds/);
    assert.deepEqual(result.msgResponses, []);
    assert.equal((await client.getTx(result.transactionHash))?.code, 5);
  });

  it('a broadcast that times out says so and names the transaction, which goes on', async () => {
    const bytes = await signedBytes(signing, address, [send(address, RECEIVER, 2)]);
    const hash = Buffer.from(sha256(bytes)).toString('hex').toUpperCase();
    await assert.rejects(client.broadcastTx(bytes, 1, 50), (error) => {
      assert.ok(error instanceof TimeoutError);
      assert.equal(error.txId, hash);
      return true;
    });
    await untilYes(solo, async () => (await client.getTx(hash)) !== null);
  });

  it('a transaction that CheckTx refuses is an error with code, codespace and log', async () => {
    const used = { ...(await client.getSequence(address)), chainId: 'other-1' };
    const raw = await signing.sign(address, [send(address, RECEIVER, 1)], FEE, '', used);
    const refused = [TxRaw.encode(raw).finish(), /signature verification failed.*unauthorized/];
    const rubbish = [new Uint8Array([1, 2, 3]), /tx parse error/];
    for (const [bytes, log] of [refused, rubbish] as [Uint8Array, RegExp][]) {
      await assert.rejects(client.broadcastTx(bytes), (error) => {
        assert.ok(error instanceof BroadcastTxError);
        assert.equal(error.codespace, 'sdk');
        assert.match(error.log ?? '', log);
        return true;
      });
    }
  });
});

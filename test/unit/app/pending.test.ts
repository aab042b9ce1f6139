/** The mempool over the application itself: what waits, what replaces what, and what a block makes of it. */
import assert from 'node:assert/strict';
import { Secp256k1Wallet, coins } from '@cosmjs/amino';
import { SigningStargateClient } from '@cosmjs/stargate';
import { TxRaw } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import type { Bytes } from '../../../node/base/bytes.ts';
import { addNanos } from '../../../node/base/time.ts';
import { Mempool } from '../../../node/mempool/mempool.ts';
import {
  CHAIN_ID,
  GENESIS_TIME,
  genesisFor,
  initRequest,
  runBlock,
  sendMessage,
  signTx,
  testApplication,
  testKey,
  type TestTx,
} from '../../support/application.ts';

const [alice, bob] = [testKey('alice'), testKey('bob')];

function send(sequence: number, fee: string, change: Partial<TestTx> = {}): Bytes {
  const messages = [sendMessage(alice, bob.text, '5')];
  return signTx({
    messages,
    key: alice,
    accountNumber: 0n,
    sequence: BigInt(sequence),
    fee,
    ...change,
  });
}

async function started(limits: ConstructorParameters<typeof Mempool>[0]['limits'] = {}) {
  const { app } = testApplication({ unordered: true, minGasPrices: '0.001uscale' });
  app.initChain(initRequest(genesisFor([alice, bob])));
  await runBlock(app, []);
  const mempool = new Mempool({ app, limits });
  const block = async (txs: readonly Bytes[]) => {
    const { txResults } = await runBlock(app, txs);
    mempool.update(app.info().height, txs, txResults);
    return txResults;
  };
  return { app, mempool, block };
}

describe('mempool over the application', () => {
  it('finds when asked what its sender cannot pay for any more, though its place is right', async () => {
    const { mempool, block } = await started();
    const all = [sendMessage(alice, bob.text, String(1_000_000_000_000n - 1_500n))];
    const [first, second] = [send(0, '1000', { messages: all }), send(1, '1000')];
    for (const tx of [first, second]) assert.equal(mempool.add(tx).code, 0);
    assert.equal((await block([first]))[0]?.code, 0);
    assert.deepEqual(mempool.txs(9), [second]);
    assert.equal(mempool.recount(), true);
    assert.equal(mempool.size(), 0);
  });

  it('answers a peer as it answers a client, without the events', async () => {
    const [one, other] = [await started(), await started()];
    const tx = send(0, '2000');
    const answer = one.mempool.add(tx);
    assert.equal(answer.code, 0);
    const types = answer.events.flatMap(({ type, attributes }) =>
      attributes.map(({ key }) => `${type}.${key}`),
    );
    assert.deepEqual(types.slice(-4), ['tx.fee', 'tx.fee_payer', 'tx.acc_seq', 'tx.signature']);
    assert.deepEqual(other.mempool.add(tx, 'peer'), { ...answer, events: [] });
  });

  it('executes the replacement, not what it replaced, and those that follow it', async () => {
    const { mempool, block } = await started();
    for (const tx of [send(0, '1000'), send(1, '1000')]) assert.equal(mempool.add(tx).code, 0);
    const better = send(0, '1100');
    assert.equal(mempool.add(better).code, 0);
    const txs = mempool.reap(100_000, -1n);
    assert.deepEqual(txs, [better, send(1, '1000')]);
    assert.deepEqual(
      (await block(txs)).map(({ code }) => code),
      [0, 0],
    );
    assert.equal(mempool.size(), 0);
    assert.equal(mempool.add(send(2, '1000')).code, 0);
  });

  it('checks signature, fee and messages of a replacement as of any other', async () => {
    const { mempool } = await started();
    mempool.add(send(0, '1000'));
    const codes = [
      send(0, '2000', { chainId: 'other-1' }),
      send(0, '1000000000001'),
      send(0, '2000', { messages: [sendMessage(alice, bob.text, '-1')] }),
      send(0, '2000', { body: { timeoutHeight: 1n } }),
    ].map((tx) => mempool.add(tx).code);
    assert.deepEqual(codes, [4, 5, 10, 30]);
    assert.deepEqual(mempool.txs(9), [send(0, '1000')]);
  });

  it('answers a bid that is too low, and one for a sequence already in a block, with sdk/32', async () => {
    const { mempool, block } = await started();
    mempool.add(send(0, '1000'));
    const low = mempool.add(send(0, '1099'));
    assert.match(
      low.log,
      /^account sequence mismatch, expected 1, got 0: incorrect account sequence/,
    );
    await block(mempool.reap(100_000, -1n));
    assert.equal(mempool.add(send(0, '9000')).code, 32);
  });

  it('leaves out a pending tx that another node put into a block with the same sequence', async () => {
    const { mempool, block } = await started();
    for (const sequence of [0, 1]) mempool.add(send(sequence, '1000'));
    mempool.add(send(0, '1200'));
    await block([send(0, '1000')]);
    assert.deepEqual(mempool.txs(9), [send(1, '1000')]);
  });

  it('replaces one signed in amino JSON, whose signature names the sequence', async () => {
    const { mempool, block } = await started();
    const wallet = await Secp256k1Wallet.fromKey(alice.secret, 'bitscale');
    const client = await SigningStargateClient.offline(wallet);
    const value = { fromAddress: alice.text, toAddress: bob.text, amount: coins(5, 'uscale') };
    const amino = async (amount: number): Promise<Bytes> => {
      const fee = { amount: coins(amount, 'uscale'), gas: '200000' };
      const signer = { accountNumber: 0n, sequence: 0, chainId: CHAIN_ID };
      const message = { typeUrl: '/cosmos.bank.v1beta1.MsgSend', value };
      return TxRaw.encode(await client.sign(alice.text, [message], fee, '', signer)).finish();
    };
    assert.equal(mempool.add(await amino(1000)).code, 0);
    const better = mempool.add(await amino(2000));
    assert.equal(better.code, 0, better.log);
    const results = await block(mempool.reap(100_000, -1n));
    assert.deepEqual(
      results.map(({ code }) => code),
      [0],
    );
  });

  it('drops what times out, at its height or at its time', async () => {
    const { mempool, block } = await started();
    mempool.add(send(0, '1000', { body: { timeoutHeight: 2n } }));
    const timeoutTimestamp = addNanos(GENESIS_TIME, 2_500_000_000n);
    mempool.add(send(0, '1000', { body: { unordered: true, timeoutTimestamp } }));
    assert.equal(mempool.size(), 2);
    await block([]);
    assert.equal(mempool.size(), 1);
    await block([]);
    assert.equal(mempool.size(), 0);
  });

  it('says of a sender with too many that it has too many, and of a full pool that it is full', async () => {
    const { mempool } = await started({ txsPerSender: 1 });
    mempool.add(send(0, '1000'));
    const text = /^BitscaleError: bitscale1\w+ has too many pending transactions: mempool is full$/;
    assert.throws(() => mempool.add(send(1, '1000')), text);
    const full = (await started({ txs: 1 })).mempool;
    full.add(send(0, '1000'));
    const other = signTx({
      messages: [sendMessage(bob, alice.text, '1')],
      key: bob,
      accountNumber: 1n,
      sequence: 0n,
      fee: '500',
    });
    assert.throws(() => full.add(other), /^BitscaleError: mempool is full$/);
  });

  it('keeps unordered ones beside ordered ones, each for one block', async () => {
    const { mempool, block } = await started();
    const free = [3, 4].map((seconds) =>
      send(0, '5000', {
        body: {
          unordered: true,
          timeoutTimestamp: addNanos(GENESIS_TIME, BigInt(seconds) * 1_000_000_000n),
        },
      }),
    );
    for (const tx of [send(0, '1000'), ...free, send(1, '1000')]) {
      assert.equal(mempool.add(tx).code, 0);
    }
    const txs = mempool.reap(100_000, -1n);
    assert.deepEqual(txs, [...free, send(0, '1000'), send(1, '1000')]);
    assert.ok((await block(txs)).every(({ code }) => code === 0));
    assert.throws(() => mempool.add(free[0] as Bytes), /tx already in mempool/);
  });
});

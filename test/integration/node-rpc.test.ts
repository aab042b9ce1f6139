/** What clients may rely on when a block comes: first it can be found, then it is shown and announced. */
import assert from 'node:assert/strict';
import { DirectSecp256k1Wallet } from '@cosmjs/proto-signing';
import { SigningStargateClient, StargateClient } from '@cosmjs/stargate';
import { Comet38Client } from '@cosmjs/tendermint-rpc';
import { ACCOUNT_PREFIX, accountText } from '../../node/base/address.ts';
import { utf8, type Bytes } from '../../node/base/bytes.ts';
import { formatTime, timeFromMillis } from '../../node/base/time.ts';
import { Indexer } from '../../node/rpc/index/indexer.ts';
import { leaveSocket, take } from '../support/comet-socket.ts';
import { startSoloNode, SOLO_CHAIN, type SoloNode } from '../support/solo-node.ts';

const RECEIVER = accountText(new Uint8Array(20).fill(7));

async function signedSend({ account, url }: SoloNode): Promise<Bytes> {
  const wallet = await DirectSecp256k1Wallet.fromKey(account.privateKey, ACCOUNT_PREFIX);
  const client = await SigningStargateClient.connectWithSigner(url, wallet);
  const sender = accountText(account.address);
  const amount = [{ denom: 'uscale', amount: '1' }];
  const value = { fromAddress: sender, toAddress: RECEIVER, amount };
  const message = { typeUrl: '/cosmos.bank.v1beta1.MsgSend', value };
  const fee = { amount: [{ denom: 'uscale', amount: '200' }], gas: '200000' };
  const { TxRaw } = await import('cosmjs-types/cosmos/tx/v1beta1/tx');
  const tx = await client.sign(sender, [message], fee, '');
  client.disconnect();
  return TxRaw.encode(tx).finish();
}

describe('node: a block as clients see it', () => {
  const running: SoloNode[] = [];
  const start = async (options: Parameters<typeof startSoloNode>[0] = {}): Promise<SoloNode> => {
    const solo = await startSoloNode(options);
    running.push(solo);
    return solo;
  };
  afterEach(async () => {
    for (const solo of running.splice(0)) await solo.remove();
  });

  it('before the first block clients connect and see height 0', async () => {
    const genesisTime = formatTime(timeFromMillis(Date.now() + 3_600_000));
    const solo = await start({
      genesis: (json) => ({ ...json, genesis_time: genesisTime }),
      until: () => Promise.resolve(),
    });
    const comet = await Comet38Client.connect(solo.url);
    const { syncInfo, validatorInfo } = await comet.status();
    assert.equal(syncInfo.latestBlockHeight, 0);
    assert.equal(validatorInfo.votingPower, 1_000_000n);
    assert.equal((await comet.abciInfo()).lastBlockHeight ?? 0, 0);
    await assert.rejects(comet.block(1), /must be less than or equal to/);
    const client = await StargateClient.connect(solo.url);
    assert.equal(await client.getHeight(), 0);
    assert.equal(await client.getChainId(), SOLO_CHAIN);
    assert.equal(await client.getTx('AB'.repeat(32)), null);
    comet.disconnect();
    client.disconnect();
  });

  it('an announced transaction is found by hash, by event and in the state at its height', async () => {
    const solo = await start();
    const tx = await signedSend(solo);
    const socket = await Comet38Client.connect(solo.url.replace('http', 'ws'));
    const seen = take(socket.subscribeTx(), 1);
    await socket.health();
    assert.equal((await socket.broadcastTxSync({ tx })).code, 0);
    const found = await socket.tx({ hash: (await seen)[0]!.hash });
    const { syncInfo } = await socket.status();
    assert.ok(syncInfo.latestBlockHeight >= found.height);
    // Blocks go on between two questions.
    const { lastBlockHeight = 0 } = await socket.abciInfo();
    const later = (await socket.status()).syncInfo.latestBlockHeight;
    assert.ok(lastBlockHeight >= syncInfo.latestBlockHeight && lastBlockHeight <= later);
    const query = `transfer.recipient='${RECEIVER}'`;
    assert.equal((await socket.txSearch({ query })).totalCount, 1);
    const balances = { path: '/store/bank/subspace', data: utf8(''), height: found.height };
    assert.equal((await socket.abciQuery(balances)).height, found.height);
    leaveSocket(socket);
  });

  it('subscribers hear how consensus moves', async () => {
    const solo = await start();
    const socket = new WebSocket(`${solo.url.replace('http', 'ws')}/websocket`);
    const kinds = ['NewRound', 'CompleteProposal', 'Vote', 'Polka', 'Lock'];
    await new Promise((resolve) => socket.addEventListener('open', resolve));
    const heard = new Set<string>();
    const all = new Promise<void>((resolve) => {
      socket.addEventListener('message', ({ data }) => {
        const { id, result } = JSON.parse(String(data)) as { id: number; result: object };
        if ('data' in result) heard.add(kinds[id] ?? '');
        if (heard.size === kinds.length) resolve();
      });
    });
    kinds.forEach((kind, id) => {
      const params = { query: `tm.event='${kind}'` };
      socket.send(JSON.stringify({ jsonrpc: '2.0', id, method: 'subscribe', params }));
    });
    await all;
    socket.close();
  });

  it('a height that is stored but not indexed yet is not shown', async () => {
    const { index } = Indexer.prototype;
    let release: () => void = () => undefined;
    let held: () => void = () => undefined;
    const holding = new Promise<void>((resolve) => (held = resolve));
    const solo = await start();
    const comet = await Comet38Client.connect(solo.url);
    try {
      Indexer.prototype.index = async function (this: Indexer, ...args) {
        held();
        await new Promise<void>((resolve) => (release = resolve));
        return index.apply(this, args);
      };
      await holding;
      const stored = solo.node.engine.height();
      assert.equal((await comet.status()).syncInfo.latestBlockHeight, stored - 1);
      assert.equal((await comet.block()).block.header.height, stored - 1);
      await assert.rejects(comet.block(stored), /must be less than or equal to/);
      const announced = new Promise<number>((resolve) => {
        solo.node.engine.onCommit(({ block }) => resolve(block.header.height));
      });
      Indexer.prototype.index = index;
      release();
      assert.equal(await announced, stored);
      assert.equal((await comet.block(stored)).block.header.height, stored);
    } finally {
      Indexer.prototype.index = index;
      release();
      comet.disconnect();
    }
  });
});

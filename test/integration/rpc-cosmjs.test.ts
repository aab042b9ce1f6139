/** The stock CosmJS client against a real server on real sockets. */
import assert from 'node:assert/strict';
import { Comet38Client, HttpBatchClient, connectComet } from '@cosmjs/tendermint-rpc';
import { sha256 } from '../../node/base/hash.ts';
import { leaveSocket, take } from '../support/comet-socket.ts';
import { commitBlock, fakeView, startFakeNode, type FakeNode } from '../unit/rpc/fake-node.ts';
import { RECORDED_TIP } from '../unit/rpc/recorded.ts';

const TX_QUERY = "app.key = 'tx1'";
const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(value));

describe('rpc with CosmJS', () => {
  let node: FakeNode;
  beforeEach(async () => {
    node = await startFakeNode();
  });
  afterEach(() => node.server.stop());

  it('is detected as CometBFT 0.38', async () => {
    const client = await connectComet(node.url);
    assert.ok(client instanceof Comet38Client);
    client.disconnect();
  });

  it('decodes the status of a node that has no validator key', async () => {
    const keyless = { ...fakeView(), validatorPubKey: new Uint8Array(0) };
    const other = await startFakeNode({}, { node: keyless });
    const client = await Comet38Client.connect(other.url);
    assert.equal((await client.status()).validatorInfo.votingPower, 0n);
    await other.server.stop();
  });

  for (const protocol of ['http', 'ws']) {
    it(`answers every method of Comet38Client over ${protocol}`, async () => {
      const client = await Comet38Client.connect(`${protocol}://127.0.0.1:${node.port}`);
      await readMethods(client);
      await searchMethods(client);
      await broadcastMethods(client, node);
      leaveSocket(client);
    });
  }

  it('answers batches of 10', async () => {
    const rpc = new HttpBatchClient(node.url, { batchSizeLimit: 10 });
    const client = Comet38Client.create(rpc);
    const heights = Array.from({ length: 10 }, (_, i) => i + 1);
    const blocks = await Promise.all(heights.map((height) => client.block(height)));
    assert.deepEqual(
      blocks.map(({ block }) => block.header.height),
      heights,
    );
    client.disconnect();
  });

  it('streams blocks, headers and transactions', async () => {
    const client = await Comet38Client.connect(`ws://127.0.0.1:${node.port}`);
    const block = take(client.subscribeNewBlock(), 1);
    const header = take(client.subscribeNewBlockHeader(), 1);
    const tx = take(client.subscribeTx("app.key = 'async-key'"), 1);
    // The subscriptions are in place once a later request on the same socket is answered.
    await client.health();
    const height = await commitBlock(node, [text('a=b')]);
    assert.equal((await block)[0]?.header.height, height);
    assert.equal((await header)[0]?.height, height);
    assert.deepEqual((await tx)[0]?.hash, sha256(text('a=b')));
    leaveSocket(client);
  });
});

async function readMethods(client: Comet38Client): Promise<void> {
  const status = await client.status();
  assert.equal(status.syncInfo.latestBlockHeight, RECORDED_TIP);
  assert.equal(status.validatorInfo.votingPower, 10n);
  assert.equal(await client.health(), null);
  assert.equal((await client.abciInfo()).lastBlockHeight, RECORDED_TIP);
  const query = await client.abciQuery({ path: '/key', data: text('tx0'), prove: false });
  assert.deepEqual(query.value, text('value'));
  assert.equal((await client.block(10)).block.header.height, 10);
  assert.equal((await client.block()).block.header.height, RECORDED_TIP);
  assert.equal((await client.blockResults(223)).results.length, 1);
  assert.equal((await client.blockchain(1, 10)).blockMetas.length, 10);
  assert.equal((await client.commit(10)).canonical, true);
  assert.equal((await client.genesis()).chainId, 'dockerchain');
  assert.equal((await client.validators({ height: 10, per_page: 1 })).validators.length, 1);
  assert.equal((await client.validatorsAll(10)).total, 1);
}

async function searchMethods(client: Comet38Client): Promise<void> {
  const blocks = await client.blockSearchAll({ query: 'block.height <= 101', per_page: 50 });
  assert.equal(blocks.blocks.length, 101);
  const page = await client.blockSearch({ query: 'block.height > 1', page: 2, per_page: 5 });
  assert.equal(page.totalCount, RECORDED_TIP - 1);
  const found = await client.txSearch({ query: TX_QUERY, prove: true });
  const hash = sha256(text('tx1=value'));
  assert.equal(found.totalCount, 1);
  assert.deepEqual(found.txs[0]?.hash, hash);
  const all = await client.txSearchAll({ query: 'tx.height > 1', per_page: 2 });
  assert.equal(all.txs.length, all.totalCount);
  const tx = await client.tx({ hash, prove: true });
  assert.deepEqual(tx.tx, text('tx1=value'));
  assert.ok(tx.proof);
}

async function broadcastMethods(client: Comet38Client, node: FakeNode): Promise<void> {
  const sync = await client.broadcastTxSync({ tx: text('sync') });
  assert.equal(sync.code, 0);
  assert.deepEqual(sync.hash, sha256(text('sync')));
  await client.broadcastTxAsync({ tx: text('async') });
  const counts = await client.numUnconfirmedTxs();
  assert.equal(counts.total, 2);
  node.pool.onAdd = (tx) => void commitBlock(node, [tx]);
  const committed = await client.broadcastTxCommit({ tx: text('commit') });
  assert.equal(committed.checkTx.code, 0);
  assert.equal(committed.height, RECORDED_TIP + 1);
  node.pool.onAdd = () => undefined;
  await assert.rejects(client.broadcastTxSync({ tx: text('sync') }), /tx already exists in cache/);
}

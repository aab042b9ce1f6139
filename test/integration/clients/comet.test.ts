/** The stock client of CometBFT's RPC against a real node: streams, searches by page, sets and blocks that agree. */
import assert from 'node:assert/strict';
import { assertIsDeliverTxSuccess, coins, SigningStargateClient } from '@cosmjs/stargate';
import {
  Comet38Client,
  connectComet,
  HttpBatchClient,
  WebsocketClient,
} from '@cosmjs/tendermint-rpc';
import { accountText } from '../../../node/base/address.ts';
import { toHex, toUpperHex } from '../../../node/base/bytes.ts';
import { sha256 } from '../../../node/base/hash.ts';
import { leaveSocket, take } from '../../support/comet-socket.ts';
import { SOLO_CHAIN, startSoloNode, type SoloNode } from '../../support/solo-node.ts';
import { connect, direct, FEE, send, signedBytes } from './wallets.ts';

const OTHER = accountText(new Uint8Array(20).fill(8));
const RECEIVER = accountText(new Uint8Array(20).fill(7));
const SENDS = 5;

describe('clients: Comet38Client', () => {
  let solo: SoloNode;
  let signing: SigningStargateClient;
  let sender: string;
  const heights: number[] = [];

  before(async () => {
    solo = await startSoloNode();
    signing = await connect(solo, await direct(0));
    sender = accountText(solo.account.address);
    for (let i = 0; i < SENDS; i++) {
      const result = await signing.sendTokens(sender, RECEIVER, coins(1, 'uscale'), FEE, String(i));
      assertIsDeliverTxSuccess(result);
      heights.push(result.height);
    }
  });
  after(async () => {
    signing.disconnect();
    await solo.remove();
  });

  const clients = new Map<string, Comet38Client>();
  before(async () => {
    for (const protocol of ['http', 'ws']) {
      const comet = await Comet38Client.connect(solo.url.replace('http', protocol));
      // CosmJS 0.39 never sends anything when its socket opens before the first request waits.
      await comet.health();
      clients.set(protocol, comet);
    }
  });
  after(() => clients.forEach((comet) => leaveSocket(comet)));

  /** The same test over each way to ask. */
  function over(name: string, test: (comet: Comet38Client) => Promise<void>): void {
    for (const protocol of ['http', 'ws']) {
      it(`${name}, over ${protocol}`, () => test(clients.get(protocol)!));
    }
  }

  over('status, genesis, ABCI and validators tell of one chain', async (comet) => {
    const status = await comet.status();
    assert.equal(status.nodeInfo.network, SOLO_CHAIN);
    assert.match(status.nodeInfo.version, /^0\.38\./);
    assert.equal(status.syncInfo.catchingUp, false);
    const { chainId, validators, appHash } = await comet.genesis();
    assert.deepEqual([chainId, validators.length, appHash.length], [SOLO_CHAIN, 1, 0]);
    const { lastBlockHeight = 0, lastBlockAppHash } = await comet.abciInfo();
    assert.ok(lastBlockHeight >= status.syncInfo.latestBlockHeight);
    assert.equal(lastBlockAppHash?.length, 32);
    const set = await comet.validatorsAll(lastBlockHeight);
    assert.deepEqual([set.total, set.count], [1, 1]);
    assert.deepEqual(set.validators[0]?.pubkey, status.validatorInfo.pubkey);
    assert.deepEqual(set.validators[0]?.address, status.validatorInfo.address);
  });

  over('each block carries the signed commit and the hash of the one before', async (comet) => {
    const height = heights[0]!;
    const { block, blockId } = await comet.block(height);
    const next = await comet.block(height + 1);
    assert.deepEqual(next.block.header.lastBlockId?.hash, blockId.hash);
    assert.deepEqual(next.block.lastCommit?.blockId.hash, blockId.hash);
    const { commit, header } = await comet.commit(height);
    assert.deepEqual(commit.signatures, next.block.lastCommit.signatures);
    assert.deepEqual(header, block.header);
    const { validators } = await comet.validators({ height });
    assert.deepEqual(commit.signatures[0]?.validatorAddress, validators[0]?.address);
  });

  over('results, headers and the chain of blocks agree with the blocks', async (comet) => {
    const height = heights[0]!;
    const [{ block, blockId }, results] = await Promise.all([
      comet.block(height),
      comet.blockResults(height),
    ]);
    assert.equal(results.results.length, block.txs.length);
    assert.equal(results.results[0]?.code, 0);
    const { blockMetas, lastHeight } = await comet.blockchain(height - 1, height + 1);
    assert.ok(lastHeight > height);
    const metas = blockMetas.map((meta) => meta.header.height);
    assert.deepEqual(metas, [height + 1, height, height - 1]);
    assert.deepEqual(blockMetas[1]?.blockId, blockId);
    assert.equal(blockMetas[1].numTxs, 1);
  });

  over('a transaction comes with a proof that it is in its block', async (comet) => {
    const height = heights[1]!;
    const { block } = await comet.block(height);
    const hash = sha256(block.txs[0]!);
    const tx = await comet.tx({ hash, prove: true });
    assert.deepEqual([tx.height, tx.index, tx.result.code], [height, 0, 0]);
    assert.deepEqual(tx.proof?.data, block.txs[0]);
    assert.deepEqual(tx.proof?.rootHash, block.header.dataHash);
  });

  over('searches go by page, in either order, and all pages make the whole', async (comet) => {
    const query = `transfer.recipient='${RECEIVER}'`;
    const ordered = await comet.txSearch({ query, order_by: 'desc', per_page: 2, page: 2 });
    const newest = [...heights].reverse();
    assert.equal(ordered.totalCount, SENDS);
    const page = ordered.txs.map(({ height }) => height);
    assert.deepEqual(page, newest.slice(2, 4));
    const all = await comet.txSearchAll({ query, per_page: 2 });
    const found = all.txs.map(({ height }) => height);
    assert.deepEqual(found, heights);
    const late = { query: `${query} AND tx.height>${heights[2]}` };
    assert.equal((await comet.txSearch(late)).totalCount, SENDS - 3);
    await assert.rejects(comet.txSearch({ query, page: 99 }), /page should be within/);
    await assert.rejects(comet.txSearch({ query: "transfer.recipient='" }), /query/);
  });

  over('a hash finds its transaction in either case, as asking for it does', async (comet) => {
    const { block } = await comet.block(heights[2]);
    const { proof: _, ...tx } = await comet.tx({ hash: sha256(block.txs[0]!) });
    for (const text of [toHex(tx.hash), toUpperHex(tx.hash)]) {
      const { txs, totalCount } = await comet.txSearch({ query: `tx.hash='${text}'` });
      assert.equal(totalCount, 1);
      assert.deepEqual({ ...txs[0], proof: undefined }, { ...tx, proof: undefined });
    }
  });

  over('one order is the other turned round, and ascending is what none means', async (comet) => {
    const query = `transfer.recipient='${RECEIVER}'`;
    const [none, up, down] = await Promise.all([
      comet.txSearch({ query }),
      comet.txSearch({ query, order_by: 'asc' }),
      comet.txSearch({ query, order_by: 'desc' }),
    ]);
    assert.deepEqual(none, up);
    assert.deepEqual([...down.txs].reverse(), up.txs);
  });

  over('the chain of blocks ends at the newest, or where it is told to', async (comet) => {
    const { latestBlockHeight: height } = (await comet.status()).syncInfo;
    const down = (from: number, count: number): number[] =>
      Array.from({ length: count }, (_, i) => from - i);
    const metas = async (low?: number, high?: number): Promise<[number, number[]]> => {
      const { lastHeight, blockMetas } = await comet.blockchain(low, high);
      const { header, numTxs, blockSize, blockId } = blockMetas[0]!;
      assert.deepEqual([header.chainId, header.version.block], [SOLO_CHAIN, 11]);
      assert.ok(numTxs >= 0 && blockSize > 0 && blockId.hash.length === 32);
      assert.ok(lastHeight >= height);
      return [lastHeight, blockMetas.map((meta) => meta.header.height)];
    };
    for (const high of [undefined, height + 100]) {
      const [last, newest] = await metas(undefined, high);
      assert.deepEqual(newest, down(last, Math.min(last, 20)));
    }
    const [, below] = await metas(undefined, height - 1);
    assert.deepEqual(below.slice(0, 3), down(height - 1, 3));
    const [, between] = await metas(height - 2, height - 1);
    assert.deepEqual(between, down(height - 1, 2));
    await assert.rejects(comet.blockchain(height, height - 1), /can't be greater than max height/);
  });

  over('a block without transactions has no results and no events', async (comet) => {
    const { height, results, finalizeBlockEvents, validatorUpdates } = await comet.blockResults(1);
    assert.deepEqual([height, results, finalizeBlockEvents], [1, [], []]);
    assert.deepEqual(validatorUpdates, []);
  });

  over('the numbers of the mempool are there', async (comet) => {
    const { total, totalBytes } = await comet.numUnconfirmedTxs();
    assert.deepEqual([total >= 0, totalBytes >= 0], [true, true]);
  });

  over('abci_query answers what the key holds, with its proof', async (comet) => {
    const key = Uint8Array.of(5);
    const answer = await comet.abciQuery({ path: '/store/bank/key', data: key, prove: true });
    assert.deepEqual([answer.code, answer.codespace, answer.info], [0, '', '']);
    assert.deepEqual(answer.key, key);
    assert.deepEqual(
      answer.proof?.ops.map(({ type }) => type),
      ['ics23:iavl', 'ics23:simple'],
    );
    assert.ok(answer.height! >= heights[0]!);
  });

  over('blocks are found by their height', async (comet) => {
    const query = `block.height>=${heights[0]} AND block.height<=${heights[1]}`;
    const { blocks, totalCount } = await comet.blockSearchAll({ query, per_page: 1 });
    assert.equal(totalCount, heights[1]! - heights[0]! + 1);
    const found = blocks.map(({ block }) => block.header.height);
    assert.deepEqual(
      found,
      [...found].sort((a, b) => a - b),
    );
    assert.deepEqual([found[0], found.at(-1)], [heights[0], heights[1]]);
  });

  over('heights that are not there are refused in words that tools look for', async (comet) => {
    const ask = [
      (height: number) => comet.block(height),
      (height: number) => comet.blockResults(height),
      (height: number) => comet.commit(height),
      (height: number) => comet.validators({ height }),
    ];
    for (const one of ask) {
      await assert.rejects(one(999_999), /must be less than or equal to the current blockchain/);
      await assert.rejects(one(-1), /height must be greater than 0/);
    }
    await assert.rejects(comet.tx({ hash: new Uint8Array(32) }), /not found/);
  });

  describe('streams', () => {
    let comet: Comet38Client;
    beforeEach(async () => {
      comet = await Comet38Client.connect(solo.url.replace('http', 'ws'));
    });
    afterEach(() => leaveSocket(comet));

    it('blocks and headers come one after the other, none missing', async () => {
      const blocks = take(comet.subscribeNewBlock(), 3);
      const headers = take(comet.subscribeNewBlockHeader(), 3);
      const seen = (await blocks).map(({ header }) => header.height);
      assert.deepEqual(seen, [seen[0]!, seen[0]! + 1, seen[0]! + 2]);
      const only = (await headers).map(({ height }) => height);
      assert.deepEqual(only, [only[0]!, only[0]! + 1, only[0]! + 2]);
      for (const block of await blocks) {
        assert.equal(block.header.chainId, SOLO_CHAIN);
        const asked = await comet.block(block.header.height);
        assert.deepEqual(block.header, asked.block.header);
      }
    });

    it('a transaction is announced to those who asked for it, and to no others', async () => {
      const mine = take(comet.subscribeTx(`transfer.recipient='${RECEIVER}'`), 1);
      const others: unknown[] = [];
      const nobody = accountText(new Uint8Array(20).fill(9));
      comet.subscribeTx(`transfer.recipient='${nobody}'`).subscribe({
        next: (tx) => others.push(tx),
        error: assert.fail,
      });
      await comet.health();
      const bytes = await signedBytes(signing, sender, [send(sender, RECEIVER, 1)]);
      const { hash } = await comet.broadcastTxSync({ tx: bytes });
      const [event] = await mine;
      assert.ok(event);
      assert.deepEqual([event.hash, event.tx], [hash, bytes]);
      assert.equal(event.result.code, 0);
      const found = await comet.tx({ hash });
      assert.deepEqual([event.height, event.result.events], [found.height, found.result.events]);
      assert.deepEqual(others, []);
    });

    it('blocks come with their transactions, in the order they were sent', async () => {
      const full: Uint8Array[] = [];
      const both = new Promise<void>((resolve, reject) => {
        comet.subscribeNewBlock().subscribe({
          next: ({ txs }) => {
            full.push(...txs);
            if (full.length === 2) resolve();
          },
          error: reject,
        });
      });
      await comet.health();
      const sentTxs: Uint8Array[] = [];
      for (const amount of [1, 2]) {
        const tx = await signedBytes(signing, sender, [send(sender, OTHER, amount)]);
        sentTxs.push(tx);
        const { hash, txResult } = await comet.broadcastTxCommit({ tx });
        assert.deepEqual([hash, txResult?.code], [sha256(tx), 0]);
      }
      await both;
      assert.deepEqual(full, sentTxs);
    });

    it('one stream may be read twice, and other questions asked beside it', async () => {
      const [a, b] = [comet.subscribeNewBlockHeader(), comet.subscribeNewBlockHeader()];
      const [first, second, status] = await Promise.all([take(a, 2), take(b, 2), comet.status()]);
      assert.deepEqual(
        first.map(({ height }) => height),
        second.map(({ height }) => height),
      );
      assert.equal(status.nodeInfo.network, SOLO_CHAIN);
    });

    it('one who leaves a stream hears no more of it', async () => {
      const [first] = await take(comet.subscribeNewBlockHeader(), 1);
      const [again] = await take(comet.subscribeNewBlockHeader(), 1);
      assert.ok(again!.height > first!.height);
    });
  });

  it('broadcast_tx_commit answers when the transaction is in a block', async () => {
    const comet = await Comet38Client.connect(solo.url);
    const good = await signedBytes(signing, sender, [send(sender, OTHER, 1)]);
    const { height, hash, checkTx, txResult } = await comet.broadcastTxCommit({ tx: good });
    assert.deepEqual([checkTx.code, txResult?.code], [0, 0]);
    assert.equal((await comet.tx({ hash })).height, height);
    const refused = await comet.broadcastTxCommit({ tx: new Uint8Array([1]) });
    assert.equal(refused.checkTx.code, 2);
    assert.equal(refused.checkTx.codespace, 'sdk');
    comet.disconnect();
  });

  it('broadcast_tx_async answers with the hash alone', async () => {
    const comet = await Comet38Client.connect(solo.url);
    const tx = await signedBytes(signing, sender, [send(sender, OTHER, 3)]);
    const { hash } = await comet.broadcastTxAsync({ tx });
    assert.deepEqual(hash, sha256(tx));
    comet.disconnect();
  });

  it('questions sent together as a batch are answered each for itself', async () => {
    const http = new HttpBatchClient(solo.url, { batchSizeLimit: 10, dispatchInterval: 5 });
    const comet = Comet38Client.create(http);
    const asked = Array.from({ length: 25 }, (_, i) => i + 1);
    const blocks = asked.map((height) =>
      comet.block(height).then(
        ({ block }) => block.header.height,
        () => 0,
      ),
    );
    const [found, status] = await Promise.all([Promise.all(blocks), comet.status()]);
    const tip = status.syncInfo.latestBlockHeight;
    const behind = asked.filter((height) => height <= tip - 5);
    assert.deepEqual(
      found.filter((height) => height !== 0 && height <= tip - 5),
      behind,
    );
    await assert.rejects(comet.tx({ hash: new Uint8Array(32) }), /not found/);
    comet.disconnect();
  });

  for (const protocol of ['http', 'ws']) {
    it(`connectComet finds version 0.38, over ${protocol}`, async () => {
      const comet = await connectComet(solo.url.replace('http', protocol));
      assert.ok(comet instanceof Comet38Client);
      if (protocol === 'ws') leaveSocket(comet);
      else comet.disconnect();
    });
  }

  it('an unknown method is an error that names it', async () => {
    const socket = new WebsocketClient(solo.url.replace('http', 'ws'), assert.fail);
    const request = { jsonrpc: '2.0', id: 1, method: 'no_such_method', params: {} } as const;
    await assert.rejects(socket.execute(request), /-32601/);
    leaveSocket(Comet38Client.create(socket));
  });
});

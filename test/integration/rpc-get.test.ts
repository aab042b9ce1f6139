/** GET requests, CORS and an index on disk, over real sockets and files. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toHex } from '../../node/base/bytes.ts';
import { sha256 } from '../../node/base/hash.ts';
import { Indexer } from '../../node/rpc/index/indexer.ts';
import { EMPTY_TX_RESULT } from '../../node/rpc/json/abci.ts';
import { LevelDb } from '../../node/store/level-db.ts';
import { FakeBlocks, startFakeNode, type FakeNode } from '../unit/rpc/fake-node.ts';
import { recorded, recordedChain, type Recorded } from '../unit/rpc/recorded.ts';

const FIRST_TX = recorded('incoming', 'tx_search_with_prove').result.txs[0];

describe('rpc: GET', () => {
  let node: FakeNode;
  before(async () => {
    node = await startFakeNode({ corsOrigins: ['http://wallet.test'] });
  });
  after(() => node.server.stop());

  const get = async (path: string): Promise<{ status: number; json: Recorded }> => {
    const response = await fetch(node.url + path);
    return { status: response.status, json: await response.json() };
  };

  it('answers /health with id -1', async () => {
    const { status, json } = await get('/health');
    assert.equal(status, 200);
    assert.deepEqual(json, { jsonrpc: '2.0', id: -1, result: {} });
  });

  for (const path of ['/block?height=10', '/block?height="10"']) {
    it(`reads the number in ${path}`, async () => {
      assert.equal((await get(path)).json.result.block.header.height, '10');
    });
  }

  it('reads quoted strings, flags and numbers together', async () => {
    const query = encodeURIComponent('"tx.height > 1"');
    const { json } = await get(`/tx_search?query=${query}&prove=true&page=1&per_page=1`);
    assert.deepEqual(json.result.txs, [FIRST_TX]);
  });

  it('reads 0x-hexadecimal hashes', async () => {
    assert.deepEqual((await get(`/tx?hash=0x${FIRST_TX.hash}&prove=true`)).json.result, FIRST_TX);
  });

  it('takes a transaction as 0x-hexadecimal and as quoted text', async () => {
    const hex = await get(`/broadcast_tx_sync?tx=0x${Buffer.from('tx0=value').toString('hex')}`);
    assert.equal(
      hex.json.result.hash,
      recorded('incoming', 'subscribe_txs_broadcast_tx_0').result.hash,
    );
    const quoted = await get('/broadcast_tx_sync?tx="tx1=value"');
    assert.equal(
      quoted.json.result.hash,
      recorded('incoming', 'subscribe_txs_broadcast_tx_1').result.hash,
    );
  });

  it('answers errors with 500 and unknown methods with 404', async () => {
    const failed = await get('/block?height=0');
    assert.equal(failed.status, 500);
    assert.equal(failed.json.error.code, -32603);
    assert.equal((await get('/no_such')).status, 404);
    assert.equal((await get('/subscribe?query="a"')).status, 404);
  });

  it('serves the genesis file whole and in chunks', async () => {
    const { genesis } = (await get('/genesis')).json.result;
    const { chunk, total, data } = (await get('/genesis_chunked?chunk=0')).json.result;
    assert.deepEqual([chunk, total], ['0', '1']);
    assert.deepEqual(JSON.parse(Buffer.from(data, 'base64').toString()), genesis);
    assert.equal(
      (await get('/genesis_chunked?chunk=1')).json.error.data,
      'there are 0 chunks, 1 is invalid',
    );
  });

  it('lets pages of the allowed origin read answers, and no others', async () => {
    const allowed = async (origin: string): Promise<string | null> => {
      const response = await fetch(`${node.url}/health`, { headers: { Origin: origin } });
      return response.headers.get('access-control-allow-origin');
    };
    assert.equal(await allowed('http://wallet.test'), 'http://wallet.test');
    assert.equal(await allowed('http://evil.test'), null);
    const preflight = await fetch(node.url, {
      method: 'OPTIONS',
      headers: { Origin: 'http://wallet.test' },
    });
    assert.equal(preflight.status, 204);
    assert.match(preflight.headers.get('access-control-allow-methods') ?? '', /POST/);
  });

  for (const method of ['consensus_state', 'dump_consensus_state', 'net_info', 'unconfirmed_txs']) {
    it(`answers /${method}`, async () => {
      assert.equal((await get(`/${method}`)).status, 200);
    });
  }

  it('shows what ping.pub reads from dump_consensus_state', async () => {
    const state = (await get('/dump_consensus_state')).json.result.round_state;
    assert.equal(state.validators.validators[0].voting_power, '10');
  });
});

describe('rpc: the index on disk', () => {
  it('shows no height before everything of it can be found', async () => {
    const node = await startFakeNode();
    const ask = async (path: string): Promise<Recorded> =>
      (await fetch(node.url + path)).json() as Promise<Recorded>;
    const latest = async (): Promise<string> =>
      (await ask('/status')).result.sync_info.latest_block_height as string;
    const before = node.blocks.height();
    const last = node.blocks.block(before)!;
    const tx = new Uint8Array(Buffer.from('early'));
    const header = { ...last.block.header, height: before + 1 };
    const stored = { ...last, block: { ...last.block, header, txs: [tx] } };
    const results = { ...node.blocks.results(before)!, txResults: [EMPTY_TX_RESULT] };
    const paths = [
      `/tx?hash=0x${toHex(sha256(tx))}`,
      `/block?height=${before + 1}`,
      `/block_results?height=${before + 1}`,
      `/commit?height=${before + 1}`,
    ];
    node.blocks.add(stored, results);
    assert.equal(await latest(), String(before));
    for (const path of paths) assert.equal((await ask(path)).error.code, -32603, path);
    const found = `/tx_search?query=${encodeURIComponent(`"tx.height > ${before}"`)}`;
    assert.equal((await ask(found)).result.total_count, '0');

    await node.indexer.index(stored.block, results);
    assert.equal(await latest(), String(before + 1));
    for (const path of paths.slice(0, 3)) assert.ok((await ask(path)).result, path);
    assert.equal((await ask(found)).result.total_count, '1');
    await node.server.stop();
  });

  it('answers after it was closed and opened again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rpc-index-'));
    const blocks = new FakeBlocks(recordedChain());
    const first = await LevelDb.open(folder);
    await new Indexer(first).catchUp(blocks);
    await first.close();
    const second = await LevelDb.open(folder);
    const node = await startFakeNode({}, { blocks, indexer: new Indexer(second) });
    const query = encodeURIComponent(`"app.key='async-key' AND app.creator CONTAINS 'Neto'"`);
    const response = await fetch(`${node.url}/tx_search?query=${query}&prove=true`);
    const { result } = (await response.json()) as Recorded;
    assert.deepEqual(result, { txs: [FIRST_TX], total_count: '1' });
    await node.server.stop();
    await second.close();
    rmSync(folder, { recursive: true });
  });
});

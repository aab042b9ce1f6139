/**
 * Every answer that was recorded from CometBFT 0.38, compared WHOLE with ours: the fake node is brought to where the
 * recorded one stood, asked the recorded request, and must say the same to the last character of every value.
 */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { WebSocket } from 'ws';
import { fromHex } from '../../../node/base/bytes.ts';
import { parseTime } from '../../../node/base/time.ts';
import type { QueryResponse } from '../../../node/app/abci.ts';
import { storedBlockJson } from '../../../node/rpc/json/block.ts';
import { commitBlock, FakeBlocks, fakeApp, fakeView, startFakeNode } from './fake-node.ts';
import type { FakeNode } from './fake-node.ts';
import { recorded, recordedChain, storedFrom, txResultFrom } from './recorded.ts';
import type { Recorded } from './recorded.ts';

const FOLDER = new URL('../../vectors/comet-rpc-v0_38/', import.meta.url);
const filesOf = (direction: string): string[] =>
  readdirSync(new URL(direction, FOLDER)).map((file) => file.replace('.json', ''));

type Deps = Parameters<typeof startFakeNode>[1];

/** What the node of the recording was when it was asked; absent: as startFakeNode makes it. */
const STOOD_AT: Readonly<Record<string, () => Deps>> = {
  status: () => ({ blocks: new FakeBlocks(chainOfStatus()), node: viewWith({ version: VERSION }) }),
  blockchain_from_1_to_10: () => ({ blocks: chainTo(214) }),
  block_search: () => ({ blocks: chainTo(46) }),
  broadcast_tx_commit: () => ({ blocks: chainTo(226) }),
  net_info: () => ({ node: viewWith({ listenAddr: '' }) }),
  abci_info: () => {
    const software = { software: '{"size":0}', softwareVersion: '2.0.0' };
    const info = { height: 198, appHash: fromHex('00'.repeat(8)) };
    return { app: { ...fakeApp, info: () => info }, node: viewWith(software) };
  },
  abci_query_with_non_existent_key: () => {
    const query: typeof fakeApp.query = (request) => ({
      ...(fakeApp.query(request) as QueryResponse),
      height: 200,
    });
    return { app: { ...fakeApp, query } };
  },
};

/** An alpha of 0.38 was recorded. */
const VERSION = '0.38.0-alpha.1';

function chainTo(tip: number): FakeBlocks {
  return new FakeBlocks(recordedChain().slice(0, tip));
}

function viewWith(more: object): ReturnType<typeof fakeView> {
  const view = fakeView();
  return { ...view, nodeInfo: { ...view.nodeInfo, ...more } };
}

/** The newest block is known by its summary only. */
function chainOfStatus(): ReturnType<typeof recordedChain> {
  const { sync_info: sync } = recorded('incoming', 'status').result;
  const chain = recordedChain().slice(0, Number(sync.latest_block_height));
  const { stored, results } = chain.pop()!;
  const header = {
    ...stored.block.header,
    time: parseTime(sync.latest_block_time),
    appHash: fromHex(sync.latest_app_hash),
  };
  const blockId = { ...stored.blockId, hash: fromHex(sync.latest_block_hash) };
  return [
    ...chain,
    { stored: { ...stored, block: { ...stored.block, header }, blockId }, results },
  ];
}

async function post(url: string, body: unknown): Promise<Recorded> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  assert.equal(response.status, 200);
  return response.json();
}

/** Messages of a socket, in order, each handed out once. */
async function openSocket(port: number): Promise<{
  send(body: unknown): void;
  next(): Promise<Recorded>;
  close(): void;
}> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/websocket`);
  const messages: Recorded[] = [];
  const waiting: ((message: Recorded) => void)[] = [];
  socket.on('message', (data) => {
    const message = JSON.parse(String(data));
    const waiter = waiting.shift();
    if (waiter) waiter(message);
    else messages.push(message);
  });
  await new Promise((resolve) => socket.once('open', resolve));
  return {
    send: (body) => socket.send(JSON.stringify(body)),
    next: () =>
      new Promise((resolve) => {
        const message = messages.shift();
        if (message) resolve(message);
        else waiting.push(resolve);
      }),
    close: () => socket.terminate(),
  };
}

describe('rpc/contract with recorded CometBFT 0.38 answers', () => {
  const compared = new Set<string>();
  let node: FakeNode;
  afterEach(() => node.server.stop());

  /** Takes the recorded answer; the id is that of the request, which recordings of streams have not kept. */
  const expectedOf = (name: string, id: unknown): Recorded => {
    compared.add(name);
    return { ...recorded('incoming', name), id };
  };

  const overHttp = filesOf('outgoing').filter((name) => !name.startsWith('subscribe_'));
  for (const name of overHttp) {
    it(`answers ${name} as recorded`, async () => {
      node = await startFakeNode({}, STOOD_AT[name]?.());
      const request = recorded('outgoing', name);
      if (name === 'broadcast_tx_commit') {
        const { tx_result: result } = recorded('incoming', name).result;
        const txResults = [txResultFrom(result)];
        node.pool.onAdd = (tx) => void commitBlock(node, [tx], { txResults });
      }
      assert.deepEqual(await post(node.url, request), expectedOf(name, request.id));
    });
  }

  it('prints evidence as recorded', async () => {
    node = await startFakeNode();
    const { blocks } = expectedOf('block_search_evidence', 1).result;
    for (const block of blocks) assert.deepEqual(storedBlockJson(storedFrom(block)), block);
  });

  it('sends new blocks to a subscriber as recorded', async () => {
    node = await startFakeNode();
    const socket = await openSocket(node.port);
    const { id, ...rest } = recorded('outgoing', 'subscribe_newblock');
    const request = { ...rest, id: id ?? 'given' };
    socket.send(request);
    const none = { jsonrpc: '2.0', id: request.id, result: {} };
    assert.deepEqual(await socket.next(), none);
    // The recording of the answer to subscribe holds nothing at all.
    assert.deepEqual(recorded('incoming', 'subscribe_newblock'), {});
    compared.add('subscribe_newblock');
    for (const i of [0, 1, 2, 3, 4]) {
      const theirs = expectedOf(`subscribe_newblock_${i}`, request.id);
      const { block_id, block, result_finalize_block: result } = theirs.result.data.value;
      const appHash = Buffer.from(result.app_hash as string, 'base64');
      node.server.bus.publishBlock({
        ...storedFrom({ block, block_id }),
        results: { events: [], txResults: [], validatorUpdates: [], appHash },
        validatorUpdates: [],
      });
      assert.deepEqual(await socket.next(), theirs);
    }
    socket.close();
  });

  it('sends transactions to a subscriber as recorded', async () => {
    node = await startFakeNode();
    const socket = await openSocket(node.port);
    const request = recorded('outgoing', 'subscribe_txs');
    socket.send(request);
    assert.deepEqual(await socket.next(), expectedOf('subscribe_txs', request.id));
    const last = recordedChain().at(-1)!;
    for (const i of [0, 1, 2, 3, 4]) {
      const theirs = expectedOf(`subscribe_txs_${i}`, request.id);
      const { height, tx, result } = theirs.result.data.value.TxResult;
      const header = { ...last.stored.block.header, height: Number(height) };
      node.server.bus.publishBlock({
        block: { ...last.stored.block, header, txs: [Buffer.from(tx as string, 'base64')] },
        blockId: last.stored.blockId,
        results: { ...last.results, txResults: [txResultFrom(result)] },
        validatorUpdates: [],
      });
      assert.deepEqual(await socket.next(), theirs);
    }
    socket.close();
  });

  const otherwise = filesOf('outgoing').filter((name) => /broadcast|malformed/.test(name));
  for (const name of otherwise.filter((candidate) => candidate.startsWith('subscribe_'))) {
    it(`answers ${name} over a WebSocket as recorded`, async () => {
      node = await startFakeNode();
      const socket = await openSocket(node.port);
      const request = recorded('outgoing', name);
      socket.send(request);
      assert.deepEqual(await socket.next(), expectedOf(name, request.id));
      socket.close();
    });
  }

  it('leaves no recorded answer out', async () => {
    node = await startFakeNode();
    assert.deepEqual([...compared].sort(), filesOf('incoming').sort());
    const asked = filesOf('outgoing').filter((name) => !compared.has(name));
    assert.deepEqual(asked, []);
  });
});

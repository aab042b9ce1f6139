import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { WebSocket } from 'ws';
import { commitBlock, startFakeNode, type FakeNode } from './fake-node.ts';
import { recorded, type Recorded } from './recorded.ts';

const OUTGOING = new URL('../../vectors/comet-rpc-v0_38/outgoing/', import.meta.url);
const NAMES = readdirSync(OUTGOING).map((file) => file.replace('.json', ''));
const OVER_SOCKET = NAMES.filter((name) => name.startsWith('subscribe_'));
/** Fields that carry free text or depend on the program that answers. */
const FREE_TEXT = new Set(['log', 'info', 'data', 'message', 'moniker', 'version', 'Listener']);

/** Names the form of a scalar: what a decoder relies on. */
function form(value: Recorded): string {
  if (typeof value !== 'string') return value === null ? 'null' : typeof value;
  if (value === '') return 'empty';
  if (/^-?(0|[1-9]\d*)$/.test(value)) return 'integer string';
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value)) return 'time';
  if (/^([0-9A-F]{2})+$/.test(value)) return 'upper hex';
  if (/^([0-9a-f]{2})+$/.test(value)) return 'lower hex';
  if (/^[A-Za-z0-9+/]+={0,2}$/.test(value) && value.length % 4 === 0) return 'base64';
  return 'text';
}

/** Same keys, same kinds of values, same forms of strings, all the way down. */
function assertSameShape(ours: Recorded, theirs: Recorded, path: string): void {
  const ourKind = kindOf(ours);
  assert.equal(ourKind, kindOf(theirs), `${path}: kind of value`);
  if (ourKind === 'array') {
    assert.equal(ours.length === 0, theirs.length === 0, `${path}: empty or not`);
    for (const [i, item] of ours.entries()) {
      const like = theirs[Math.min(i, theirs.length - 1)];
      assertSameShape(item, like, `${path}[${i}]`);
    }
  } else if (ourKind === 'object') {
    assert.deepEqual(Object.keys(ours).sort(), Object.keys(theirs).sort(), `${path}: keys`);
    for (const key of Object.keys(theirs)) {
      if (!FREE_TEXT.has(key) || kindOf(theirs[key]) !== 'string') {
        assertSameShape(ours[key], theirs[key], `${path}.${key}`);
      }
    }
  } else if (ourKind === 'string') {
    assert.equal(form(ours), form(theirs), `${path}: form of ${ours}, recorded ${theirs}`);
  }
}

function kindOf(value: Recorded): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
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
  let node: FakeNode;
  beforeEach(async () => {
    node = await startFakeNode();
  });
  afterEach(() => node.server.stop());

  for (const name of NAMES.filter((candidate) => !OVER_SOCKET.includes(candidate))) {
    it(`answers ${name} in the recorded shape, with the request's id`, async () => {
      const request = recorded('outgoing', name);
      if (name === 'broadcast_tx_commit') {
        node.pool.onAdd = (tx) => void commitBlock(node, [tx]);
      }
      const answer = await post(node.url, request);
      assert.equal(answer.id, request.id);
      const theirs = recorded('incoming', name);
      assertSameShape({ ...answer, id: '' }, { ...theirs, id: '' }, name);
    });
  }

  const exact = ['block_at_height_1', 'block_search', 'blockchain_from_1_to_10', 'genesis'];
  exact.push('consensus_params', 'consensus_state', 'block_at_height_0', 'tx_search_with_prove');
  exact.push('tx_search_no_prove', 'block_results_at_height_10', 'block_by_hash');
  for (const name of exact) {
    it(`answers ${name} exactly as recorded where the chain is the same`, async () => {
      const { result, error } = await post(node.url, recorded('outgoing', name));
      const theirs = recorded('incoming', name);
      if (theirs.result?.last_height) theirs.result.last_height = '254';
      if (theirs.result?.total_count && name === 'block_search') return assertPages(result, theirs);
      assert.deepEqual(result ?? error, theirs.result ?? theirs.error);
    });
  }

  function assertPages(ours: Recorded, theirs: Recorded): void {
    assert.equal(ours.total_count, '253');
    assert.deepEqual(ours.blocks.slice(0, 45), theirs.result.blocks);
  }

  it('prints evidence as recorded', async () => {
    const { storedFrom } = await import('./recorded.ts');
    const { storedBlockJson } = await import('../../../node/rpc/json/block.ts');
    const theirs = recorded('incoming', 'block_search_evidence').result.blocks[0];
    assert.deepEqual(storedBlockJson(storedFrom(theirs)), theirs);
  });

  it('answers subscribe with an empty result, then new blocks in the recorded shape', async () => {
    const socket = await openSocket(node.port);
    const request = recorded('outgoing', 'subscribe_newblock');
    socket.send(request);
    assert.deepEqual(await socket.next(), { jsonrpc: '2.0', id: request.id, result: {} });
    await commitBlock(node, []);
    const event = await socket.next();
    assert.equal(event.id, request.id, 'events carry the id of the subscription');
    const theirs = recorded('incoming', 'subscribe_newblock_0');
    assertSameShape({ ...event, id: '' }, { ...theirs, id: '' }, 'subscribe_newblock');
    assert.deepEqual(event.result.events, theirs.result.events);
    socket.close();
  });

  it('answers transactions to a subscriber in the recorded shape and with the recorded tags', async () => {
    const socket = await openSocket(node.port);
    socket.send(recorded('outgoing', 'subscribe_txs'));
    await socket.next();
    await commitBlock(node, [new Uint8Array(Buffer.from('tx1=value'))]);
    const event = await socket.next();
    const theirs = recorded('incoming', 'subscribe_txs_1');
    assertSameShape({ ...event, id: '' }, { ...theirs, id: '' }, 'subscribe_txs');
    assert.equal(event.result.events['tx.hash'][0], theirs.result.events['tx.hash'][0]);
    socket.close();
  });

  it('refuses a malformed query with the recorded error', async () => {
    const socket = await openSocket(node.port);
    socket.send(recorded('outgoing', 'subscribe_malformed'));
    const { error } = await socket.next();
    assert.deepEqual(error, recorded('incoming', 'subscribe_malformed').error);
    socket.close();
  });

  for (const name of OVER_SOCKET.filter((candidate) => candidate.includes('broadcast'))) {
    it(`answers ${name} over the WebSocket in the recorded shape`, async () => {
      const socket = await openSocket(node.port);
      socket.send(recorded('outgoing', name));
      const answer = await socket.next();
      const theirs = recorded('incoming', name);
      assertSameShape({ ...answer, id: '' }, { ...theirs, id: '' }, name);
      assert.equal(answer.result.hash, theirs.result.hash);
      socket.close();
    });
  }
});

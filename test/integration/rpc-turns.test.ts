/** Many requests at once must not keep everything else waiting: not in one packet, one batch or on many sockets. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { WebSocket } from 'ws';
import {
  CLIENTS_MS_PER_TURN,
  MAX_RPC_BATCH,
  MAX_WAITING_OF_CONNECTION,
} from '../../node/base/limits.ts';
import type { QueryResponse } from '../../node/app/abci.ts';
import { EMPTY } from '../../node/base/bytes.ts';
import { OK } from '../support/fake-calls.ts';
import { startFakeNode, type FakeNode } from '../unit/rpc/fake-node.ts';

const COUNT = 100;
const WORK_MS = 4;
/** Half of what would be if each turn were used to its end. */
const LEAST_TURNS = (COUNT * WORK_MS) / CLIENTS_MS_PER_TURN / 2;

function slowQuery(): QueryResponse {
  for (const until = performance.now() + WORK_MS; performance.now() < until;);
  return OK;
}

const request = (id: number): string =>
  JSON.stringify({ jsonrpc: '2.0', id, method: 'abci_query', params: { path: '/p', data: '' } });

describe('rpc: many requests at once', () => {
  let node: FakeNode;
  before(async () => {
    const checkTx = (): never => assert.fail();
    const info = () => ({ height: 1, appHash: EMPTY });
    node = await startFakeNode({}, { app: { info, query: slowQuery, checkTx } });
  });
  after(() => node.server.stop());

  /** Turns of the event loop until `work` is done. */
  async function turnsDuring(work: Promise<unknown>): Promise<number> {
    let [turns, isDone] = [0, false];
    const end = work.finally(() => (isDone = true));
    while (!isDone) {
      await new Promise((resolve) => setImmediate(resolve));
      turns += 1;
    }
    await end;
    return turns;
  }

  /** Answers are counted by a word that each of them holds. */
  function answersTo(packet: string, word: string, count: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connect(node.port, '127.0.0.1', () => socket.write(packet));
      let text = '';
      socket.on('data', (chunk) => {
        text += String(chunk);
        if (text.split(word).length - 1 < count) return;
        socket.destroy();
        resolve();
      });
      socket.on('error', reject);
    });
  }

  const head = 'Host: localhost\r\n';
  const get = `GET /abci_query?path="/p" HTTP/1.1\r\n${head}\r\n`;
  const body = request(1);
  const post = `POST / HTTP/1.1\r\n${head}Content-Length: ${body.length}\r\n\r\n${body}`;

  for (const [name, packet] of [
    ['GET', get],
    ['POST', post],
  ] as const) {
    it(`${COUNT} of ${name} in one packet`, async () => {
      const turns = await turnsDuring(answersTo(packet.repeat(COUNT), 'HTTP/1.1 200', COUNT));
      assert.ok(turns >= LEAST_TURNS, `${turns} turns`);
    });
  }

  it('one connection has so many places to wait, is told when it wants more, and others are answered', async () => {
    // The first runs at once and uses up the turn.
    const most = 3 + MAX_WAITING_OF_CONNECTION;
    const excess = 5;
    const socket = connect(node.port, '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    let text = '';
    socket.on('data', (chunk) => (text += String(chunk)));
    const refusals = (): number => text.split('HTTP/1.1 429').length - 1;
    const answers = (): number => text.split('HTTP/1.1 ').length - 1;
    socket.write(get.repeat(most + excess));
    const other = await fetch(`${node.url}/abci_query?path="/p"`);
    assert.equal(other.status, 200);
    while (answers() < most + excess) await new Promise((resolve) => setImmediate(resolve));
    socket.destroy();
    assert.ok(refusals() >= excess && refusals() <= excess + 3, `${refusals()} refused`);
    assert.match(text, /too many of your requests wait/);
    assert.match(text, /Retry-After: 1/);
  });

  it(`${COUNT} messages of a WebSocket, answered in their order`, async () => {
    const client = new WebSocket(`ws://127.0.0.1:${node.port}/websocket`);
    await new Promise((resolve) => client.once('open', resolve));
    const ids: number[] = [];
    const answered = new Promise<void>((resolve) => {
      client.on('message', (data) => {
        ids.push((JSON.parse(String(data)) as { id: number }).id);
        if (ids.length === COUNT) resolve();
      });
    });
    const expected = Array.from({ length: COUNT }, (_, id) => id);
    for (const id of expected) client.send(request(id));
    const turns = await turnsDuring(answered);
    client.terminate();
    assert.ok(turns >= LEAST_TURNS, `${turns} turns`);
    assert.deepEqual(ids, expected);
  });

  it('batches on several connections', async () => {
    const batch = `[${Array.from({ length: MAX_RPC_BATCH }, (_, id) => request(id)).join(',')}]`;
    const sent = Array.from({ length: COUNT / MAX_RPC_BATCH }, async () => {
      const response = await fetch(node.url, { method: 'POST', body: batch });
      assert.equal(((await response.json()) as unknown[]).length, MAX_RPC_BATCH);
    });
    const turns = await turnsDuring(Promise.all(sent));
    assert.ok(turns >= LEAST_TURNS, `${turns} turns`);
  });
});

/**
 * Bad requests over real sockets: each is a request and the one answer to it; the number in a name is that of the
 * rule. Rules 22, 24 and 25, of WebSockets, are in rpc-socket.test.ts.
 */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { WebSocket } from 'ws';
import { MAX_QUERY_BYTES, MAX_RPC_BODY_BYTES } from '../../node/base/limits.ts';
import { startFakeNode, type FakeNode } from '../unit/rpc/fake-node.ts';

interface Row {
  readonly name: string;
  readonly body: string;
  readonly status?: number;
  /** Absent: the body must be empty. */
  readonly code?: number;
  readonly data?: RegExp;
}

const call = (method: string, params?: unknown): string =>
  JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
const withId = (id: string): string => `{"jsonrpc":"2.0","id":${id},"method":"health"}`;
const tx = (text: string): { tx: string } => ({ tx: Buffer.from(text).toString('base64') });
const nested = (depth: number): string =>
  `{"jsonrpc":"2.0","id":1,"method":"health","params":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
const base64 = (size: number): string => Buffer.alloc(size).toString('base64');

const ROWS: readonly Row[] = [
  { name: '1 not JSON', body: '{', status: 400, code: -32700 },
  { name: '1 no body', body: '', status: 400, code: -32700 },
  { name: '2 an empty batch', body: '[]', code: -32600 },
  { name: '3 a batch of 11', body: `[${Array(11).fill(withId('1')).join()}]`, code: -32600 },
  { name: '4 a request that is no object', body: '7', code: -32600 },
  { name: '4 no method', body: '{"jsonrpc":"2.0","id":1}', code: -32600 },
  { name: '5 an unknown method', body: call('no_such'), code: -32601 },
  { name: '5 a method of Object', body: call('constructor'), code: -32601 },
  { name: '5 subscribe without a WebSocket', body: call('subscribe', ["a='b'"]), code: -32601 },
  { name: '6 a parameter of the wrong type', body: call('block', { height: true }), code: -32602 },
  { name: '6 params of the wrong type', body: call('block', 'ten'), code: -32602 },
  { name: '6 a missing parameter', body: call('tx', {}), code: -32602, data: /hash is missing/ },
  { name: '6 an extra parameter', body: call('health', { a: 1 }), code: -32602 },
  { name: '6 an extra position', body: call('block', ['1', '2']), code: -32602 },
  {
    name: '6 __proto__ as a parameter',
    body: call('block').replace('}', ',"params":{"__proto__":{}}}'),
    code: -32602,
  },
  { name: '7 an infinite id', body: withId('1e400'), code: -32600 },
  { name: '7 a fractional id', body: withId('1.5'), code: -32600 },
  { name: '7 an object as id', body: withId('{}'), code: -32600 },
  { name: '8 a notification', body: '{"jsonrpc":"2.0","method":"health"}' },
  {
    name: '9 height 0',
    body: call('block', ['0']),
    code: -32603,
    data: /height must be greater than 0, but got 0/,
  },
  {
    name: '9 a negative height',
    body: call('commit', ['-1']),
    code: -32603,
    data: /greater than 0, but got -1/,
  },
  {
    name: '9 a height above the tip',
    body: call('block', ['255']),
    code: -32603,
    data: /height 255 must be less than or equal to the current blockchain height 254/,
  },
  { name: '10 a height that is no number', body: call('block', ['abc']), code: -32602 },
  { name: '10 a height beyond 2^53', body: call('block', ['9007199254740993']), code: -32602 },
  { name: '12 depth 65', body: nested(65), status: 400, code: -32700 },
  { name: '18 a hash that is not base64', body: call('tx', ['zz!']), code: -32602 },
  { name: '18 a hash of 31 bytes', body: call('tx', [base64(31)]), code: -32602 },
  { name: '18 hexadecimal of odd length', body: call('abci_query', { data: 'abc' }), code: -32602 },
  {
    name: '18 an unknown transaction',
    body: call('tx', [base64(32)]),
    code: -32603,
    data: /tx \(0{64}\) not found/,
  },
  {
    name: '20 a full mempool',
    body: call('broadcast_tx_sync', tx('F')),
    code: -32603,
    data: /^mempool is full$/,
  },
  {
    name: '21 a too large transaction',
    body: call('broadcast_tx_async', tx('L')),
    code: -32603,
    data: /^Tx too large/,
  },
  { name: '23 an unbalanced quote', body: call('tx_search', ["a.b='c"]), code: -32602 },
  {
    name: '23 a query of 513 characters',
    body: call('tx_search', ['a'.repeat(MAX_QUERY_BYTES + 1)]),
    code: -32602,
    data: /maximum query length/,
  },
  {
    name: 'an unknown order',
    body: call('tx_search', { query: 'a EXISTS', order_by: 'up' }),
    code: -32603,
  },
  {
    name: 'page 0',
    body: call('tx_search', { query: 'tx.height > 0', page: '0' }),
    code: -32603,
    data: /page should be within \[1, 1\] range, given 0/,
  },
  {
    name: 'evidence of another kind',
    body: call('broadcast_evidence', [{ type: 'x' }]),
    code: -32602,
  },
];

async function send(node: FakeNode, body: string, init: RequestInit = {}): Promise<Response> {
  return fetch(node.url, { method: 'POST', body, ...init });
}

/** Sends raw bytes and collects what comes back until the server closes. */
function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (chunk) => (answer += String(chunk)));
    socket.on('close', () => resolve(answer));
    socket.on('error', () => undefined);
  });
}

describe('rpc: bad requests', () => {
  let node: FakeNode;
  before(async () => {
    node = await startFakeNode();
  });
  after(() => node.server.stop());

  for (const { name, body, status = 200, code, data } of ROWS) {
    it(`answers ${name} with ${status} ${code ?? 'and nothing'}`, async () => {
      const response = await send(node, body);
      assert.equal(response.status, status);
      const text = await response.text();
      if (code === undefined) return assert.equal(text, '');
      const { error } = JSON.parse(text) as { error: { code: number; data: string } };
      assert.equal(error.code, code);
      if (data) assert.match(error.data, data);
    });
  }

  it('12 accepts depth 64 as JSON', async () => {
    const { error } = (await (await send(node, nested(64))).json()) as { error: { code: number } };
    assert.equal(error.code, -32602);
  });

  it('19 refuses a duplicate transaction in CometBFT’s words', async () => {
    const body = call('broadcast_tx_sync', tx('twice'));
    await send(node, body);
    const { error } = (await (await send(node, body)).json()) as { error: { data: string } };
    assert.equal(error.data, 'tx already exists in cache');
  });

  it('answers a failed CheckTx as a result', async () => {
    const response = await send(node, call('broadcast_tx_sync', tx('X')));
    const { result } = (await response.json()) as { result: { code: number; codespace: string } };
    assert.deepEqual([result.code, result.codespace], [5, 'sdk']);
  });

  it('11 accepts a body at the limit and refuses one byte more with 413', async () => {
    const request = call('health');
    const atLimit = request + ' '.repeat(MAX_RPC_BODY_BYTES - request.length);
    assert.equal((await send(node, atLimit)).status, 200);
    assert.equal((await send(node, `${atLimit} `)).status, 413);
  });

  for (const encoding of ['gzip', 'br']) {
    it(`13 refuses Content-Encoding ${encoding} with 415`, async () => {
      const response = await send(node, 'x', { headers: { 'Content-Encoding': encoding } });
      assert.equal(response.status, 415);
    });
  }

  it('14 refuses headers of 17 KiB with 431', async () => {
    const answer = await raw(
      node.port,
      `GET /health HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(17_408)}\r\n\r\n`,
    );
    assert.match(answer, /^HTTP\/1\.1 431 /);
  });

  it('15 answers a body that does not arrive with 408 and closes', async () => {
    const impatient = await startFakeNode({ requestTimeoutMs: 300 });
    const answer = await raw(
      impatient.port,
      'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{',
    );
    assert.match(answer, /^HTTP\/1\.1 408 /);
    await impatient.server.stop();
  });

  for (const [method, path, allow] of [
    ['GET', '/', 'POST'],
    ['PUT', '/', 'POST'],
    ['POST', '/status', 'GET, HEAD'],
    ['DELETE', '/status', 'GET, HEAD'],
  ] as const) {
    it(`16 answers ${method} ${path} with 405 and Allow: ${allow}`, async () => {
      const response = await fetch(`${node.url}${path}`, { method });
      assert.equal(response.status, 405);
      assert.equal(response.headers.get('allow'), allow);
    });
  }

  for (const [host, status] of [
    ['evil.test', 403],
    ['localhost.evil.test', 403],
    ['LOCALHOST:26657', 200],
    ['[::1]:26657', 200],
  ] as const) {
    it(`17 answers Host: ${host} with ${status}`, async () => {
      const request = `GET /health HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
      assert.match(await raw(node.port, request), new RegExp(`^HTTP/1.1 ${status} `));
    });
  }

  for (const hash of ['0xzz', '0xabc', `0x${'00'.repeat(31)}`]) {
    it(`18 refuses the hash ${hash.slice(0, 10)} in a URI with -32602`, async () => {
      const response = await fetch(`${node.url}/tx?hash=${hash}`);
      assert.equal(response.status, 500);
      const { error } = (await response.json()) as { error: { code: number } };
      assert.equal(error.code, -32602);
    });
  }

  it('6 refuses a URI parameter that is given twice', async () => {
    const response = await fetch(`${node.url}/block?height=1&height=2`);
    const { error } = (await response.json()) as { error: { code: number } };
    assert.equal(error.code, -32602);
  });

  it('upgrades only /websocket, and only for known hosts and origins', async () => {
    const status = (path: string, headers: Record<string, string>): Promise<number> =>
      new Promise((resolve) => {
        const socket = new WebSocket(`ws://127.0.0.1:${node.port}${path}`, { headers });
        socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
        socket.on('open', () => {
          socket.terminate();
          resolve(101);
        });
      });
    assert.equal(await status('/websocket', {}), 101);
    assert.equal(await status('/websocket', { Origin: `http://127.0.0.1:${node.port}` }), 101);
    assert.equal(await status('/websocket', { Origin: 'http://evil.test' }), 403);
    assert.equal(await status('/websocket', { Host: 'evil.test' }), 403);
    assert.equal(await status('/other', {}), 404);
  });
});

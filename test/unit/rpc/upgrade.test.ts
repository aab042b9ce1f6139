/** Requests for another protocol that are refused: whoever makes them holds nothing and ends nothing. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { startFakeNode, type FakeNode } from './fake-node.ts';

const REFUSED = [
  ['another path', '/nowhere', 'localhost', '404'],
  ['another host', '/websocket', 'evil.example', '403'],
] as const;

describe('rpc: an upgrade that is refused', () => {
  let node: FakeNode;
  let socket: Socket;
  beforeEach(async () => {
    node = await startFakeNode();
    // Half open: this client does not hang up because the server does.
    socket = connect({ port: node.port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => undefined);
    await once(socket, 'connect');
  });
  afterEach(async () => {
    socket.destroy();
    await node.server.stop();
  });

  const ask = (path: string, host: string): void => {
    socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\n`);
    socket.write('Upgrade: websocket\r\n\r\n');
  };

  for (const [what, path, host, status] of REFUSED) {
    it(`is answered, for ${what}, and a client that breaks off then harms nobody`, async () => {
      ask(path, host);
      const [answer] = (await once(socket, 'data')) as [Buffer];
      assert.equal(answer.toString().split(' ')[1], status);
      socket.resetAndDestroy();
      const health = await fetch(`${node.url}/health`);
      assert.equal(health.status, 200);
    });
  }

  it('holds no connection: the server hangs up whether the client does or not', async () => {
    ask('/nowhere', 'localhost');
    socket.resume();
    await once(socket, 'end');
    // What comes now is for nobody: the answer to it is a reset.
    const timer = setInterval(() => socket.write('x'), 5);
    try {
      await new Promise((resolve) => socket.once('close', resolve));
    } finally {
      clearInterval(timer);
    }
  });

  it('is not needed: who offers HTTP/2 with plain requests gets plain answers, one after the other', async function () {
    // Older releases of Node 22 and 24 cannot leave a request as it is.
    if (!('shouldUpgradeCallback' in createServer())) this.skip();
    const offer = 'Host: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n';
    const settings = 'HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\n';
    const body = '{"jsonrpc":"2.0","id":7,"method":"health"}';
    const requests = [
      `GET /health HTTP/1.1\r\n${offer}${settings}\r\n`,
      `POST / HTTP/1.1\r\n${offer}${settings}Content-Length: ${body.length}\r\n\r\n${body}`,
    ];
    for (const [i, id] of [-1, 7].entries()) {
      socket.write(requests[i]!);
      let answer = '';
      while (!answer.endsWith('}')) answer += String((await once(socket, 'data'))[0]);
      const [head, text] = answer.split('\r\n\r\n');
      assert.match(head!, /^HTTP\/1.1 200 /);
      assert.deepEqual(JSON.parse(text!), { jsonrpc: '2.0', id, result: {} });
    }
  });
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { Access } from '../../../node/base/http-access.ts';
import { LoopShare } from '../../../node/base/loop-share.ts';
import { silentLogger } from '../../../node/base/service.ts';
import { UnreadAnswers } from '../../../node/base/unread-answers.ts';
import { WaitingPlaces } from '../../../node/base/waiting-places.ts';
import { ClientRates } from '../../../node/gateway/client-rates.ts';
import { RestHandler } from '../../../node/gateway/rest/handler.ts';
import { Dispatcher } from '../../../node/rpc/dispatch.ts';
import { JsonText } from '../../../node/rpc/json/scalars.ts';
import { method } from '../../../node/rpc/method.ts';
import { HttpHandler } from '../../../node/rpc/transport/http.ts';

/** More than a kernel takes for a client that does not read. */
const ANSWER_BYTES = 16_777_216;
const ANSWER = 'x'.repeat(ANSWER_BYTES);

describe('base/unread-answers', () => {
  let server: Server;
  const sockets: Socket[] = [];
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    server.close();
    server.closeAllConnections();
  });

  async function listen(handle: RequestListener): Promise<void> {
    server = createServer(handle);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  }

  /** The path says how long the answer is. */
  const serve = (unread: UnreadAnswers): Promise<void> =>
    listen((request, response) => {
      response.end(request.url === '/' ? ANSWER : 'short');
      unread.watch(response);
      server.emit('answered');
    });

  /** Asks and reads nothing. */
  async function ask(path = '/'): Promise<Socket> {
    const { port } = server.address() as AddressInfo;
    const socket = connect({ port, host: '127.0.0.1' }).pause();
    socket.on('error', () => undefined);
    sockets.push(socket);
    const answered = once(server, 'answered');
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await answered;
    return socket;
  }

  /** All that the server sends until it hangs up or has sent it all. */
  async function read(socket: Socket): Promise<number> {
    let bytes = 0;
    return new Promise((resolve) => {
      socket.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes >= ANSWER_BYTES) resolve(bytes);
      });
      socket.on('close', () => resolve(bytes));
      socket.resume();
    });
  }

  it('keeps as many bytes as it may, and cuts the oldest for one more', async () => {
    const unread = new UnreadAnswers(3 * ANSWER_BYTES);
    await serve(unread);
    const [oldest, second] = [await ask(), await ask()];
    assert.ok(unread.bytes >= 2 * ANSWER_BYTES);
    const third = await ask();
    assert.ok((await read(oldest)) < ANSWER_BYTES);
    const left = unread.bytes;
    assert.ok(left <= 3 * ANSWER_BYTES && left >= 2 * ANSWER_BYTES);
    assert.ok((await read(second)) >= ANSWER_BYTES);
    assert.ok((await read(third)) >= ANSWER_BYTES);
  });

  it('forgets what was read, and never knew what the kernel took', async () => {
    const unread = new UnreadAnswers();
    await serve(unread);
    await ask('/short');
    assert.equal(unread.bytes, 0);
    const socket = await ask();
    assert.ok(unread.bytes >= ANSWER_BYTES);
    await read(socket);
    while (unread.bytes > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it('does not cut the only one, however long it is', async () => {
    await serve(new UnreadAnswers(ANSWER_BYTES / 2));
    assert.ok((await read(await ask())) >= ANSWER_BYTES);
  });

  it('cuts the connection of a client that does not read for too long', async () => {
    const unread = new UnreadAnswers(3 * ANSWER_BYTES, 20);
    await serve(unread);
    const socket = await ask();
    while (unread.bytes > 0) await new Promise((resolve) => setImmediate(resolve));
    assert.ok((await read(socket)) < ANSWER_BYTES);
  });

  const access = new Access({ allowedHosts: ['*'], corsOrigins: [] });
  const never = new Proxy({}, {}) as never;
  for (const [name, handlerWith] of [
    [
      'JSON-RPC',
      (unread: UnreadAnswers) => {
        const large = method({}, () => new JsonText(JSON.stringify(ANSWER)));
        const places = new WaitingPlaces(new LoopShare(), '127.0.0.1');
        return new HttpHandler(new Dispatcher({ large }, silentLogger), access, places, unread);
      },
    ],
    [
      'REST',
      (unread: UnreadAnswers) => {
        const documents = new Map([['/large', { ANSWER }]]);
        const rates = new ClientRates('127.0.0.1', 0);
        return new RestHandler({ calls: never, router: never, access, rates, documents, unread });
      },
    ],
  ] as const) {
    it(`watches the answers of ${name}`, async () => {
      const unread = new UnreadAnswers();
      const handler = handlerWith(unread);
      await listen((request, response) => {
        // A part of `end`; the turn after it, the handler has done all of its work.
        response.once('prefinish', () => setImmediate(() => server.emit('answered')));
        handler.handle(request, response);
      });
      await ask('/large');
      assert.ok(unread.bytes >= ANSWER_BYTES);
    });
  }
});

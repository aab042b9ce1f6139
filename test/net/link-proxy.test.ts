/** The proxy itself: what crosses it, when, and what does not. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { LinkProxy } from './link-proxy.ts';
import { Random } from './random.ts';

const LONG_MS = 300;

/** Unlike \`once\` of node:events, an error is no reason to reject. */
function happens(socket: Socket, event: 'connect' | 'close'): Promise<void> {
  return new Promise((resolve) => {
    socket.once(event, () => resolve());
  });
}

describe('link proxy', function () {
  this.timeout(20_000);
  const servers: Server[] = [];
  const sockets: Socket[] = [];
  let proxy: LinkProxy;
  const received: [Buffer[], Buffer[]] = [[], []];
  /** Sockets that the second node has accepted. */
  const accepted: Socket[] = [];

  async function listen(into: Buffer[]): Promise<number> {
    const server = createServer((socket) => {
      accepted.push(socket);
      socket.on('data', (bytes: Buffer) => into.push(bytes));
      socket.on('error', () => undefined);
    });
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  beforeEach(async () => {
    for (const list of [servers, sockets, accepted, ...received]) list.length = 0;
    const ports = [await listen(received[0]), await listen(received[1])];
    proxy = await LinkProxy.start(ports, new Random(1));
  });
  afterEach(async () => {
    for (const socket of [...sockets, ...accepted]) socket.destroy();
    await proxy.stop();
    for (const server of servers) server.close();
  });

  /** Node 0 dials node 1. */
  async function dial(): Promise<Socket> {
    const socket = connect(proxy.door(0, 1), '127.0.0.1');
    sockets.push(socket);
    socket.on('error', () => undefined);
    // A refused one is reset: that may be noticed before the connection is.
    await Promise.race([happens(socket, 'connect'), happens(socket, 'close')]);
    return socket;
  }

  const bytesAt = (node: 0 | 1): Buffer => Buffer.concat(received[node]);

  async function arrives(node: 0 | 1, count: number): Promise<void> {
    while (bytesAt(node).length < count) await sleep(5);
  }

  it('carries every byte in order over delay, jitter, loss and little bandwidth', async () => {
    proxy.link(0, 1).set({ delayMs: 5, jitterMs: 20, loss: 0.02, bytesPerSecond: 2_000_000 });
    const sent = randomBytes(300_000);
    const socket = await dial();
    for (let at = 0; at < sent.length; at += 10_000) socket.write(sent.subarray(at, at + 10_000));
    await arrives(1, sent.length);
    assert.ok(sent.equals(bytesAt(1)));
    assert.equal(proxy.link(0, 1).carried, sent.length);
  });

  it('delays by no less than it is told', async () => {
    proxy.link(0, 1).set({ delayMs: LONG_MS });
    const socket = await dial();
    const started = performance.now();
    socket.write('x');
    await arrives(1, 1);
    assert.ok(performance.now() - started >= LONG_MS - 1);
  });

  it('a blocked link carries nothing, the other direction does, and nothing is lost', async () => {
    const socket = await dial();
    socket.write('a');
    await arrives(1, 1);
    proxy.link(0, 1).set({ blocked: true });
    socket.write('b');
    const back = once(socket, 'data');
    accepted[0]!.write('c');
    assert.equal(String((await back)[0]), 'c');
    await sleep(LONG_MS);
    assert.equal(String(bytesAt(1)), 'a');
    proxy.heal();
    await arrives(1, 2);
    assert.equal(String(bytesAt(1)), 'ab');
  });

  it('the end of a connection crosses a blocked link only when it is open again', async () => {
    const socket = await dial();
    socket.write('a');
    await arrives(1, 1);
    let isClosed = false;
    accepted[0]!.once('close', () => (isClosed = true));
    proxy.link(0, 1).set({ blocked: true });
    socket.destroy();
    await sleep(LONG_MS);
    assert.equal(isClosed, false);
    proxy.heal();
    if (!accepted[0]!.closed) await happens(accepted[0]!, 'close');
  });

  it('disconnected: what is there is reset, what comes is refused, until healed', async () => {
    const socket = await dial();
    socket.write('a');
    await arrives(1, 1);
    proxy.disconnect(1);
    if (!socket.closed) await happens(socket, 'close');
    const again = await dial();
    if (!again.closed) await happens(again, 'close');
    proxy.heal();
    const healed = await dial();
    healed.write('b');
    await arrives(1, 2);
  });

  it('knows the ports it comes from, and counts who knocks at the shut door', async () => {
    const socket = await dial();
    socket.write('a');
    await arrives(1, 1);
    assert.deepEqual([...proxy.sourcePorts()], [accepted[0]!.remotePort]);
    const stranger = connect(await proxy.shutDoor(), '127.0.0.1');
    sockets.push(stranger);
    stranger.on('error', () => undefined);
    await happens(stranger, 'close');
    assert.equal(proxy.detours, 1);
  });
});

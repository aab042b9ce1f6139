import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { noise } from '@chainsafe/libp2p-noise';
import type { MultiaddrConnection } from '@libp2p/interface';
import { tcp } from '@libp2p/tcp';
import { yamux } from '@libp2p/yamux';
import { createLibp2p, type Libp2p } from 'libp2p';
import { writeWhole } from '../../../node/network/whole-writes.ts';

const PROTOCOL = '/test/1';
const MESSAGES = 50;

function host(isWhole: boolean): Promise<Libp2p> {
  return createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionGater: {
      denyOutboundEncryptedConnection: (_, connection: MultiaddrConnection) => {
        if (isWhole) writeWhole(connection);
        return false;
      },
    },
  });
}

describe('network/whole-writes', () => {
  let hosts: Libp2p[] = [];
  const { write } = Socket.prototype;

  const stop = async (): Promise<void> => {
    Socket.prototype.write = write;
    await Promise.all(hosts.map(async (one) => one.stop()));
    hosts = [];
  };
  afterEach(stop);

  /** Writes of MESSAGES messages, one after the other, that all arrive as they were sent. */
  async function writesOf(isWhole: boolean): Promise<number> {
    const [sender, receiver] = (hosts = await Promise.all([host(isWhole), host(false)])) as [
      Libp2p,
      Libp2p,
    ];
    const heard: number[] = [];
    const arrived = new Promise<void>((resolve) => {
      void receiver.handle(PROTOCOL, (stream) => {
        stream.addEventListener('message', ({ data }) => {
          for (const byte of data.subarray()) heard.push(byte);
          if (heard.length === MESSAGES) resolve();
        });
      });
    });
    const stream = await sender.dialProtocol(receiver.getMultiaddrs(), PROTOCOL);
    // What belongs to the beginning of the connection has been written.
    await new Promise((resolve) => setTimeout(resolve, 100));
    let writes = 0;
    const port = receiver.getMultiaddrs()[0]?.toString().split('/').at(4);
    Socket.prototype.write = function (this: Socket, ...args: Parameters<Socket['write']>) {
      if (String(this.remotePort) === port) writes += 1;
      return write.apply(this, args);
    } as Socket['write'];
    for (let i = 0; i < MESSAGES; i++) stream.send(Uint8Array.of(i));
    await arrived;
    assert.deepEqual(
      heard,
      Array.from({ length: MESSAGES }, (_, i) => i),
    );
    return writes;
  }

  it('writes a message once, which the library writes in two pieces', async () => {
    const apart = await writesOf(false);
    assert.ok(apart >= 2 * MESSAGES, `${apart} writes`);
    await stop();
    const whole = await writesOf(true);
    assert.ok(whole >= MESSAGES && whole < 1.5 * MESSAGES, `${whole} writes`);
  });
});

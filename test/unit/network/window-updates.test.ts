import assert from 'node:assert/strict';
import { noise } from '@chainsafe/libp2p-noise';
import type { Stream } from '@libp2p/interface';
import { tcp } from '@libp2p/tcp';
import { yamux } from '@libp2p/yamux';
import { YamuxStream } from '@libp2p/yamux/stream';
import { createLibp2p, type Libp2p } from 'libp2p';
import '../../../node/network/window-updates.ts';

const PROTOCOL = '/test/1';
const MESSAGE_BYTES = 1_000;
/** Many times the window of a stream, which grows up to a megabyte. */
const MESSAGES = 5_000;

function host(): Promise<Libp2p> {
  return createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
  });
}

describe('network/window-updates', () => {
  let hosts: Libp2p[] = [];

  afterEach(async () => {
    await Promise.all(hosts.map(async (one) => one.stop()));
    hosts = [];
  });

  it('brings many windows of data through a stream, with few updates', async () => {
    const [sender, receiver] = (hosts = await Promise.all([host(), host()])) as [Libp2p, Libp2p];
    let updates = 0;
    const arrived = new Promise<number>((resolve) => {
      let bytes = 0;
      void receiver.handle(PROTOCOL, (stream) => {
        const inner = stream as unknown as {
          sendFrame: (header: { type: number }, body?: unknown) => boolean;
        };
        assert.ok(stream instanceof YamuxStream);
        const { sendFrame } = inner;
        inner.sendFrame = (header, body) => {
          updates += header.type === 1 ? 1 : 0;
          return sendFrame(header, body);
        };
        stream.addEventListener('message', ({ data }) => {
          bytes += data.byteLength;
          if (bytes === MESSAGES * MESSAGE_BYTES) resolve(bytes);
        });
      });
    });
    const stream: Stream = await sender.dialProtocol(receiver.getMultiaddrs(), PROTOCOL);
    for (let i = 0; i < MESSAGES; i++) {
      if (!stream.send(new Uint8Array(MESSAGE_BYTES).fill(i % 256))) await drained(stream);
    }
    assert.equal(await arrived, MESSAGES * MESSAGE_BYTES);
    assert.ok(updates > 0 && updates < MESSAGES / 50, `${updates} updates`);
  });
});

function drained(stream: Stream): Promise<unknown> {
  return new Promise((resolve) => stream.addEventListener('drain', resolve, { once: true }));
}

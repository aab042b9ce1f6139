/** Floods over real sockets: who floods is slowed down, dropped or banned, everybody else gets through. */
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { multiaddr } from '@multiformats/multiaddr';
import { utf8 } from '../../node/base/bytes.ts';
import {
  MAX_PEER_MESSAGE_BURST,
  MAX_PEER_STREAM_BURST,
  MAX_PENDING_CONNECTIONS,
  MAX_PENDING_CONNECTIONS_PER_IP,
} from '../../node/base/limits.ts';
import { noMetrics, type Labels } from '../../node/base/service.ts';
import { frame } from '../../node/network/frames.ts';
import { encodeDirectMessage } from '../../node/network/messages.ts';
import { addressOf, greeted, HELLO, NetworkLab } from './p2p/network-lab.ts';
import { until } from './toy/toy-node.ts';

function counting() {
  const counts = new Map<string, number>();
  const counter = (name: string, _help: string, labels: Labels = {}) => ({
    add: (value = 1) => {
      const key = [name, ...Object.values(labels)].join(' ');
      counts.set(key, (counts.get(key) ?? 0) + value);
    },
  });
  return { counts, metrics: { ...noMetrics, counter } };
}

/** What the interface of a connection leaves out. */
interface Inside {
  readonly muxer: EventTarget;
  readonly onIncomingStream: () => void;
}

describe('floods', function () {
  this.timeout(60_000);
  const lab = new NetworkLab('floods');
  const sockets: Socket[] = [];

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await lab.stop();
  });

  /** Connections from one address that never say anything. */
  async function silent(port: number, localAddress: string, count: number): Promise<void> {
    await Promise.all(
      Array.from({ length: count }, () => {
        const socket = connect({ port, host: '127.0.0.1', localAddress });
        sockets.push(socket);
        socket.on('error', () => undefined);
        return new Promise<void>((resolve) => {
          socket.once('connect', resolve);
          socket.once('close', () => resolve());
        });
      }),
    );
  }
  const open = (): number => sockets.filter(({ closed }) => !closed).length;

  it('who answers no stream does not keep gossip from those who come later', async () => {
    const target = await lab.start([]);
    const host = await lab.host();
    host.addEventListener('connection:open', ({ detail }) => {
      const { muxer, onIncomingStream } = detail as unknown as Inside;
      muxer.removeEventListener('stream', onIncomingStream);
    });
    const connection = await host.dial(multiaddr(addressOf(target)));
    // Each makes gossipsub want a stream in the other direction.
    for (let times = 0; times < 5; times += 1) {
      const stream = await connection.newStream('/meshsub/1.2.0');
      await new Promise((resolve) => setImmediate(resolve));
      stream.abort(new Error('and again'));
    }
    const later = await lab.start([addressOf(target)]);
    await until(() => greeted(later, 1), 'they greet');
    target.network.publishTx(utf8('for later'));
    await until(() => later.txs.length === 1, 'it arrives');
    assert.ok(target.network.peers().some(({ peerId }) => peerId === host.peerId.toString()));
  });

  it('connections that stay silent: few of one address are held, and others still get in', async () => {
    const { counts, metrics } = counting();
    const target = await lab.start([], { deps: { metrics } });
    await silent(target.port, '127.0.0.2', 200);
    await until(() => open() <= MAX_PENDING_CONNECTIONS_PER_IP, 'the rest is closed');
    const addresses = [3, 4, 5, 6, 7, 8].map((last) => `127.0.0.${last}`);
    for (const address of addresses) await silent(target.port, address, 40);
    await until(() => open() <= MAX_PENDING_CONNECTIONS, 'so are those of a crowd');
    const honest = await lab.start([addressOf(target)]);
    await until(() => greeted(honest, 1), 'an honest node gets in meanwhile');
    const refused = (reason: string): number =>
      counts.get(`bitscale_p2p_refused_connections_total ${reason}`) ?? 0;
    assert.ok(refused('too many pending') + refused('too fast') > 300);
  });

  it('streams opened without end ban the peer, whatever protocol they ask for', async () => {
    const target = await lab.start([]);
    const host = await lab.attacker(target);
    await until(() => target.network.peers().length === 1, 'connected');
    const [connection] = host.getConnections();
    const isBanned = (): boolean => target.network.peers().length === 0;
    const openStream = async (): Promise<void> => {
      const signal = AbortSignal.timeout(2_000);
      const stream = await connection!
        .newStream('/no/such/protocol', { signal })
        .catch(() => undefined);
      stream?.abort(new Error('next'));
    };
    // Several at once: on a busy machine one after the other would be no faster than a peer may be.
    const together = MAX_PEER_STREAM_BURST / 10;
    for (let times = 0; times < 3 * MAX_PEER_STREAM_BURST && !isBanned(); times += together) {
      await Promise.all(Array.from({ length: together }, openStream));
    }
    await until(isBanned, 'it is banned');
  });

  it('messages above the rate are dropped and ban their sender; those of another peer all arrive', async () => {
    const { counts, metrics } = counting();
    const target = await lab.start([], { deps: { metrics } });
    const honest = await lab.start([addressOf(target)]);
    const host = await lab.attacker(target);
    await until(() => greeted(honest, 1) && target.network.peers().length === 2, 'connected');
    const protocol = target.network.protocol('direct');
    const stream = await host.dialProtocol(multiaddr(addressOf(target)), protocol);
    stream.send(frame(HELLO));
    const junk = frame(encodeDirectMessage({ type: 'consensus', payload: utf8('junk') }));
    const isBanned = (): boolean => target.network.peers().length === 1;
    let sent = 0;
    for (; sent < 4 * MAX_PEER_MESSAGE_BURST && !isBanned(); sent += 1) {
      if (sent % 200 === 0) {
        honest.network.broadcast(utf8(`honest ${sent}`), 0);
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (stream.status === 'open') stream.send(junk);
    }
    await until(isBanned, 'the flooder is banned');
    const heard = (text: string): number =>
      target.consensus.filter((message) => message.startsWith(text)).length;
    await until(() => heard('honest') === Math.ceil(sent / 200), 'every honest one arrives');
    assert.ok(heard('junk') < sent, `${heard('junk')} of ${sent} were looked at`);
    assert.ok((counts.get('bitscale_p2p_dropped_messages_total received') ?? 0) > 0);
    assert.equal(counts.get('bitscale_p2p_banned_peers_total'), 1);
  });

  it('an unconditional peer stays whatever it does', async () => {
    const friend = lab.identity(99);
    const target = await lab.start([], { unconditionalPeers: [friend.peerId] });
    const host = await lab.attacker(target, friend);
    await until(() => target.network.peers().length === 1, 'connected');
    for (let times = 0; times < 10; times += 1) {
      const protocol = target.network.protocol('direct');
      const stream = await host.dialProtocol(multiaddr(addressOf(target)), protocol);
      stream.send(frame(utf8('garbage')));
      await until(() => stream.status !== 'open', 'the stream is reset');
    }
    assert.equal(target.network.peers().length, 1);
  });
});

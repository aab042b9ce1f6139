/** Real hosts on real sockets: what peers may do to each other, and what they may not. */
import assert from 'node:assert/strict';
import { multiaddr } from '@multiformats/multiaddr';
import { sha256 } from '../../node/base/hash.ts';
import { utf8 } from '../../node/base/bytes.ts';
import { ExitError } from '../../node/base/exit.ts';
import { MAX_GOSSIP_TX_BYTES, MAX_STREAM_MESSAGE_BYTES } from '../../node/base/limits.ts';
import { frame } from '../../node/network/frames.ts';
import { encodeDirectMessage, encodeTxBatch } from '../../node/network/messages.ts';
import { nodeIdentity } from '../../node/network/node-key.ts';
import { addressOf, greeted, HELLO, NetworkLab, text, TOPIC } from './p2p/network-lab.ts';
import { until } from './toy/toy-node.ts';

describe('network', function () {
  this.timeout(60_000);
  const lab = new NetworkLab('network test');

  afterEach(async () => {
    await lab.stop();
  });

  it('consensus messages arrive once and in order', async () => {
    const [a, b] = await lab.pair();
    const sent = Array.from({ length: 200 }, (_, index) => `message ${index}`);
    for (const message of sent) b.network.broadcast(utf8(message), 0);
    await until(() => a.consensus.length === sent.length, 'all arrive');
    assert.deepEqual(a.consensus, sent);
  });

  it('a message of the largest size arrives', async () => {
    const [a, b] = await lab.pair();
    b.network.broadcast(new Uint8Array(MAX_STREAM_MESSAGE_BYTES - 16).fill(65), 1);
    await until(() => a.consensus.length === 1, 'it arrives');
  });

  it('transactions travel together and through a node in the middle', async () => {
    const [a, b] = await lab.pair();
    const c = await lab.start([addressOf(b)]);
    await until(() => greeted(b, 2), 'all greet');
    const txs = Array.from({ length: 50 }, (_, index) => `tx ${index}`);
    const all = (): boolean => c.txs.length >= txs.length;
    // The gossip mesh forms by heartbeats: publish until it carries.
    for (let round = 0; round < 40 && !all(); round += 1) {
      for (const tx of txs) a.network.publishTx(utf8(`${tx} of ${round}`));
      await until(all, 'they arrive', 500).catch(() => undefined);
    }
    assert.ok(all());
    assert.ok(Math.max(...c.batches) > 10, 'many in one message');
  });

  it('a transaction too large for gossip goes over the direct streams', async () => {
    const [a, b] = await lab.pair();
    a.network.publishTx(new Uint8Array(MAX_GOSSIP_TX_BYTES + 1).fill(66));
    await until(() => b.txs.length === 1, 'it arrives');
  });

  it('a peer comes back after a restart', async () => {
    const a = await lab.start([], { identity: nodeIdentity(sha256(utf8('comes back'))) });
    const b = await lab.start([addressOf(a)]);
    await until(() => greeted(b, 1), 'they greet');
    await a.network.stop();
    await until(() => b.network.peers().length === 0, 'it is gone');
    const identity = nodeIdentity(sha256(utf8('comes back')));
    await lab.start([], { identity, port: a.port });
    await until(() => greeted(b, 1), 'it is back');
  });

  it('a node of another genesis is never listened to', async () => {
    const a = await lab.start([]);
    const b = await lab.start([addressOf(a)], { genesisHash: sha256(utf8('another')) });
    await until(() => a.network.peers().length === 1, 'they connect');
    b.network.broadcast(utf8('hello?'), 0);
    await until(() => a.network.peers().length === 0, 'the stranger is banned', 30_000);
    assert.deepEqual(a.consensus, []);
  });

  const BAD_BYTES: [string, Uint8Array][] = [
    ['a declared length of 4 GiB', Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0)],
    ['garbage', frame(Uint8Array.from({ length: 300 }, (_, index) => (index * 7) % 256))],
    ['an empty frame', new Uint8Array(4)],
    [
      'consensus before hello',
      frame(encodeDirectMessage({ type: 'consensus', payload: utf8('x') })),
    ],
  ];
  for (const [what, bytes] of BAD_BYTES) {
    it(`${what} resets the stream, and repeated it bans the peer`, async () => {
      const a = await lab.start([]);
      const host = await lab.attacker(a);
      await until(() => a.network.peers().length === 1, 'connected');
      // Points fade with time, so the bound takes one more than its plain quotient.
      for (let attempt = 0; attempt < 5; attempt += 1) {
        const stream = await host.dialProtocol(
          multiaddr(addressOf(a)),
          a.network.protocol('direct'),
        );
        stream.send(bytes);
        await until(() => stream.status !== 'open', 'the stream is reset');
      }
      await until(() => a.network.peers().length === 0, 'the peer is banned');
      await assert.rejects(
        host.dialProtocol(multiaddr(addressOf(a)), a.network.protocol('direct')),
      );
      assert.deepEqual(a.consensus, []);
    });
  }

  it('malformed gossip bans its sender and is not passed on', async () => {
    const [a, b] = await lab.pair();
    const host = await lab.attacker(a);
    host.services.gossip.subscribe(TOPIC);
    await until(() => a.network.peers().length === 2, 'connected');
    const isBanned = (): boolean => !a.network.peers().some(({ moniker }) => moniker === '');
    for (let round = 0; round < 60 && !isBanned(); round += 1) {
      const data = round % 2 === 0 ? utf8(`garbage ${round}`) : encodeTxBatch([new Uint8Array(0)]);
      await host.services.gossip.publish(TOPIC, data).catch(() => undefined);
      await until(isBanned, 'banned', 200).catch(() => undefined);
    }
    assert.ok(isBanned());
    assert.deepEqual([...a.txs, ...b.txs], []);
  });

  it('requests are answered in parts; too many are refused', async () => {
    const [a, b] = await lab.pair();
    await a.network.answer('echo', async (_peer, question) => [question, question]);
    const bounds = { maxParts: 2, timeoutMs: 5_000 };
    const parts = await b.network.ask(a.network.peerId, 'echo', utf8('again'), bounds);
    assert.deepEqual(parts.map(text), ['again', 'again']);
    const many = Array.from({ length: 60 }, () =>
      b.network.ask(a.network.peerId, 'echo', utf8('x'), bounds).then(
        () => 1,
        () => 0,
      ),
    );
    const answered = (await Promise.all(many)).reduce((sum: number, one) => sum + one, 0);
    assert.ok(answered < many.length, `${answered} of ${many.length} answered`);
  });

  const BOUNDS = { maxParts: 2, maxBytes: 10, timeoutMs: 5_000, idleMs: 300 };
  const ANSWERS: [string, readonly string[], 'fine' | 'banned'][] = [
    ['of no parts', [], 'fine'],
    ['of as many parts and bytes as asked for', ['12345', '67890'], 'fine'],
    ['with one part too many', ['1', '2', '3'], 'banned'],
    ['with one byte too many', ['12345', '678901'], 'banned'],
  ];
  for (const [what, answer, verdict] of ANSWERS) {
    it(`an answer ${what} is ${verdict}`, async () => {
      const [a, b] = await lab.pair();
      await a.network.answer('echo', async () => answer.map(utf8));
      const asked = b.network.ask(a.network.peerId, 'echo', utf8('?'), BOUNDS);
      if (verdict === 'fine') assert.deepEqual((await asked).map(text), answer);
      else {
        await assert.rejects(asked, { code: 4, codespace: 'network' });
        await until(() => b.network.peers().length === 0, 'the peer is banned');
      }
    });
  }

  it('an answer that declares more than it may is refused before it comes', async () => {
    const [a, b] = await lab.pair();
    const host = await lab.attacker(b);
    await host.handle(b.network.protocol('echo'), (stream) => {
      stream.send(new Uint8Array([255, 255, 255, 255]));
    });
    await until(() => b.network.peers().length === 2, 'connected');
    const asked = b.network.ask(host.peerId.toString(), 'echo', utf8('?'), BOUNDS);
    await assert.rejects(asked, { code: 4, codespace: 'network' });
    await until(() => b.network.peers().length === 1, 'the peer is banned');
    assert.equal(b.network.peers()[0]!.peerId, a.network.peerId);
  });

  it('whoever stops in the middle of an answer is not waited for', async () => {
    const [a, b] = await lab.pair();
    await a.network.answer('echo', () => new Promise(() => undefined));
    const asked = b.network.ask(a.network.peerId, 'echo', utf8('?'), BOUNDS);
    await assert.rejects(asked, { code: 3, codespace: 'network' });
    assert.equal(b.network.peers().length, 1);
  });

  it('what an older stream still brings does not lower a height that a newer one has told', async () => {
    const told: string[] = [];
    const a = await lab.start([], {
      handlers: {
        onStatus: (_peer, { height }) => told.push(String(height)),
        onPeer: (_peer, connected) => told.push(connected ? 'greets' : 'gone'),
      },
    });
    const host = await lab.attacker(a);
    const status = (height: number): Uint8Array =>
      frame(encodeDirectMessage({ type: 'status', status: { height, base: 1, neighbours: [] } }));
    const open = async () => {
      const stream = await host.dialProtocol(multiaddr(addressOf(a)), a.network.protocol('direct'));
      stream.send(frame(HELLO));
      return stream;
    };
    const older = await open();
    older.send(status(10));
    await until(() => told.includes('10'), 'the first height');
    const newer = await open();
    newer.send(status(12));
    await until(() => told.includes('12'), 'the second height');
    older.send(status(11));
    older.send(frame(encodeDirectMessage({ type: 'consensus', payload: utf8('late vote') })));
    await until(() => a.consensus.length === 1, 'the older stream was heard');
    newer.send(status(13));
    await until(() => told.includes('13'), 'the third height');
    assert.deepEqual(told, ['gone', 'greets', '10', 'gone', 'greets', '12', '13']);
  });

  it("a question that is cut off is nobody's fault, garbage instead of one is", async () => {
    const a = await lab.start([]);
    await a.network.answer('echo', async (_peer, question) => [question]);
    const host = await lab.attacker(a);
    const ask = async (bytes: Uint8Array) => {
      const stream = await host.dialProtocol(multiaddr(addressOf(a)), a.network.protocol('echo'));
      stream.send(bytes);
      return stream;
    };
    for (let times = 0; times < 15; times++) {
      const stream = await ask(new Uint8Array([0, 0, 0]));
      stream.abort(new Error('cut'));
    }
    assert.equal(a.network.peers().length, 1);
    const isBanned = (): boolean => a.network.peers().length === 0;
    for (let times = 0; times < 15 && !isBanned(); times++) {
      const stream = await ask(new Uint8Array([255, 255, 255, 255])).catch(() => undefined);
      await until(() => stream === undefined || stream.status !== 'open' || isBanned(), 'refused');
    }
    await until(isBanned, 'banned');
  });

  it('who greets again and again does not make others hear of it', async () => {
    const [a, b] = await lab.pair();
    const host = await lab.attacker(a);
    const stream = await host.dialProtocol(multiaddr(addressOf(a)), a.network.protocol('direct'));
    await until(() => b.statuses.length > 1, 'statuses come');
    const before = b.statuses.length;
    for (let times = 0; times < 300; times += 1) stream.send(frame(HELLO));
    const last = encodeDirectMessage({ type: 'consensus', payload: utf8('done') });
    stream.send(frame(last));
    await until(() => a.consensus.length === 1, 'all were heard');
    a.network.broadcast(utf8('after'), 2);
    await until(() => b.consensus.length === 1, 'b has heard everything');
    assert.ok(b.statuses.length - before < 100, `${b.statuses.length - before} statuses`);
  });

  it('who does not read is disconnected, and welcome when it comes back', async () => {
    const a = await lab.start([]);
    const host = await lab.attacker(a);
    const protocol = a.network.protocol('direct');
    await host.handle(protocol, (stream) => stream.pause());
    await until(() => a.network.peers().length === 1, 'connected');
    const large = new Uint8Array(MAX_STREAM_MESSAGE_BYTES - 16);
    const isGone = (): boolean => a.network.peers().length === 0;
    for (let times = 0; times < 40 && !isGone(); times += 1) {
      a.network.broadcast(large, 1);
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.ok(isGone());
    await until(() => host.getPeers().length === 0, 'the connection is closed');
    await host.dial(multiaddr(addressOf(a)));
    await until(() => a.network.peers().length === 1, 'it is back');
  });

  it('who sends on after its question is cut off', async () => {
    const a = await lab.start([]);
    const host = await lab.attacker(a);
    let release: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => {
      void a.network.answer('echo', async (_peer, question) => {
        resolve();
        await new Promise<void>((go) => (release = go));
        return [question];
      });
    });
    await until(() => a.network.peers().length === 1, 'connected');
    const stream = await host.dialProtocol(multiaddr(addressOf(a)), a.network.protocol('echo'));
    stream.send(frame(utf8('question')));
    await asked;
    for (let times = 0; times < 100 && stream.status === 'open'; times += 1) {
      stream.send(frame(utf8('and more')));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await until(() => stream.status !== 'open', 'the stream is reset');
    release();
  });

  it('a port in use is refused with exit code 74', async () => {
    const a = await lab.start([]);
    await assert.rejects(lab.start([], { port: a.port }), (error) => {
      return error instanceof ExitError && error.exitCode === 74 && /in use/.test(error.message);
    });
  });
});

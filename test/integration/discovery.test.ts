/** Nodes that find each other over real connections, knowing one address. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { multiaddr } from '@multiformats/multiaddr';
import { MAX_PEER_STRIKES } from '../../node/base/limits.ts';
import { silentLogger } from '../../node/base/service.ts';
import { frame, FrameReader } from '../../node/network/frames.ts';
import { decodeAddresses, encodeAddresses } from '../../node/network/messages.ts';
import { addressOf, HELLO, NetworkLab, type Heard } from './p2p/network-lab.ts';
import { until } from './toy/toy-node.ts';

describe('discovery', function () {
  this.timeout(60_000);
  const lab = new NetworkLab('discovery');
  let folder = '';

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'net-discovery-'));
  });
  afterEach(async () => {
    await lab.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const idsOf = ({ network }: Heard): string[] => network.peers().map(({ peerId }) => peerId);
  const knows = (one: Heard, others: readonly Heard[]): boolean =>
    others.every(({ network }) => idsOf(one).includes(network.peerId));

  it('a node that knows one address finds the others, and again without it after a restart', async () => {
    const hidden = lab.identity(99);
    const first = await lab.start([], { privatePeers: [hidden.peerId] });
    const others: Heard[] = [];
    for (let count = 0; count < 3; count += 1) {
      const bootstrapPeers = [addressOf(first)];
      others.push(await lab.start([], { bootstrapPeers, outboundPeers: 10 }));
    }
    const secret = await lab.start([addressOf(first)], { identity: hidden, peerExchange: false });
    const addressBookFile = join(folder, 'addrbook.json');
    const identity = lab.identity(98);
    const options = { identity, addressBookFile, outboundPeers: 10 };
    const fresh = await lab.start([], { ...options, bootstrapPeers: [addressOf(first)] });
    await until(() => knows(fresh, [first, ...others]), 'it finds all');
    assert.ok(!idsOf(fresh).includes(secret.network.peerId), 'nobody tells of a private peer');
    assert.ok(idsOf(first).includes(secret.network.peerId), 'although it is there');

    await fresh.network.stop();
    await first.network.stop();
    const book = await readFile(addressBookFile, 'utf8');
    assert.ok(!book.includes(hidden.peerId));
    const again = await lab.start([], options);
    assert.equal(again.network.peerId, fresh.network.peerId);
    await until(() => knows(again, others), 'it finds them by its address book');
  });

  it('dialled peers have their places although strangers took all of theirs', async () => {
    const full = await lab.start([], { maxInboundPeers: 2, outboundPeers: 2, peerExchange: false });
    const strangers = [await lab.host(), await lab.host(), await lab.host(), await lab.host()];
    for (const host of strangers) {
      await host.dial(multiaddr(addressOf(full))).catch(() => undefined);
    }
    await until(() => full.network.peers().length === 2, 'two have a place');
    const friend = await lab.start([addressOf(full)]);
    const trusting = await lab.start([], {
      maxInboundPeers: 0,
      persistentPeers: [addressOf(friend)],
    });
    await until(() => knows(trusting, [friend]), 'what this node dials has a place');
    assert.equal(full.network.peers().filter(({ outbound }) => !outbound).length, 2);
  });

  it('an answer is bounded, told once in a while, and asking on is punished', async () => {
    const a = await lab.start([]);
    const b = await lab.start([addressOf(a)]);
    await until(() => knows(a, [b]), 'connected');
    const host = await lab.attacker(a);
    const direct = await host.dialProtocol(multiaddr(addressOf(a)), a.network.protocol('direct'));
    direct.send(frame(HELLO));
    const ask = async (): Promise<string[] | undefined> => {
      const stream = await host.dialProtocol(multiaddr(addressOf(a)), a.network.protocol('peers'));
      const reader = new FrameReader(65_536);
      const answer = new Promise<string[] | undefined>((resolve) => {
        stream.addEventListener('message', ({ data }) => {
          for (const message of reader.push(data.subarray())) resolve(decodeAddresses(message));
        });
        stream.addEventListener('close', () => resolve(undefined));
      });
      stream.send(frame(Uint8Array.of(1)));
      return answer;
    };
    assert.deepEqual(await ask(), [addressOf(b)], 'the asker itself says nowhere where it is');
    for (let times = 0; times < MAX_PEER_STRIKES / 10 + 1; times += 1) {
      assert.equal(await ask().catch(() => undefined), undefined);
    }
    await until(() => a.network.peers().length === 1, 'the asker is banned');
  });

  it('nonsense in an answer counts against the peer', async () => {
    const reasons: unknown[] = [];
    const logger = {
      ...silentLogger,
      debug: (message: string, fields?: Record<string, unknown>) => {
        if (message === 'peer misbehaves') reasons.push(fields?.['reason']);
      },
    };
    const a = await lab.start([], { outboundPeers: 5, deps: { logger } });
    const host = await lab.host();
    await host.handle(a.network.protocol('peers'), (stream) => {
      stream.addEventListener('message', () => {
        stream.send(frame(encodeAddresses(['/ip4/1.2.3.4/tcp/5']).slice(0, -1)));
        void stream.close();
      });
    });
    await host.dial(multiaddr(addressOf(a)));
    const direct = await host.dialProtocol(multiaddr(addressOf(a)), a.network.protocol('direct'));
    direct.send(frame(HELLO));
    await until(() => reasons.length > 0, 'it is blamed');
    assert.match(String(reasons[0]), /malformed message/);
  });
});

import assert from 'node:assert/strict';
import {
  BAN_MS,
  MAX_PEERS,
  MAX_PEER_STRIKES,
  MAX_SEND_QUEUE_BYTES,
  MAX_SEND_QUEUE_MESSAGES,
  PERSISTENT_BAN_MS,
  STRIKE_HALF_LIFE_MS,
} from '../../../node/base/limits.ts';
import { silentLogger } from '../../../node/base/service.ts';
import { nodeIdentity } from '../../../node/network/node-key.ts';
import { PeerRules, type PeerSettings } from '../../../node/network/peer-rules.ts';
import { PeerTable } from '../../../node/network/peer-table.ts';
import { RateLimit } from '../../../node/base/rate-limit.ts';
import {
  PRIORITY_BLOCK,
  PRIORITY_OTHER,
  PRIORITY_VOTE,
  SendQueue,
} from '../../../node/network/send-queue.ts';
import { Strikes } from '../../../node/network/strikes.ts';

const one = (value: number): Uint8Array => Uint8Array.of(value);

describe('send queue', () => {
  it('votes leave before blocks, blocks before the rest, each class in order', () => {
    const queue = new SendQueue();
    queue.push(one(5), PRIORITY_OTHER);
    queue.push(one(3), PRIORITY_BLOCK);
    queue.push(one(1), PRIORITY_VOTE);
    queue.push(one(4), PRIORITY_BLOCK);
    queue.push(one(2), PRIORITY_VOTE);
    const order = Array.from({ length: 6 }, () => queue.shift()?.[0]);
    assert.deepEqual(order, [1, 2, 3, 4, 5, undefined]);
  });

  it('keeps so many messages and no more', () => {
    const queue = new SendQueue();
    for (let i = 0; i < MAX_SEND_QUEUE_MESSAGES; i += 1) {
      assert.ok(queue.push(one(1), PRIORITY_VOTE));
    }
    assert.equal(queue.push(one(1), PRIORITY_VOTE), false);
    queue.shift();
    assert.ok(queue.push(one(1), PRIORITY_VOTE));
  });

  it('keeps so many bytes and no more', () => {
    const queue = new SendQueue();
    assert.ok(queue.push(new Uint8Array(MAX_SEND_QUEUE_BYTES), PRIORITY_BLOCK));
    assert.equal(queue.push(one(1), PRIORITY_VOTE), false);
    assert.equal(queue.sizeBytes, MAX_SEND_QUEUE_BYTES);
  });
});

describe('strikes', () => {
  it('ban at the bound and forgive after the ban', () => {
    let now = 0;
    const strikes = new Strikes(() => now);
    assert.equal(strikes.add('a', MAX_PEER_STRIKES - 1), false);
    assert.equal(strikes.isBanned('a'), false);
    assert.equal(strikes.add('a', 1), true);
    assert.equal(strikes.isBanned('a'), true);
    assert.equal(strikes.isBanned('b'), false);
    now = BAN_MS;
    assert.equal(strikes.isBanned('a'), false);
    assert.equal(strikes.points('a'), 0);
  });

  it('halve with time', () => {
    let now = 0;
    const strikes = new Strikes(() => now);
    strikes.add('a', 80);
    now = STRIKE_HALF_LIFE_MS;
    assert.equal(strikes.points('a'), 40);
  });
});

describe('peer table', () => {
  const clock = { now: () => 0, monotonic: () => 0 };
  const FRIEND = nodeIdentity(new Uint8Array(32).fill(7)).peerId;

  function tableOf(settings: Partial<PeerSettings>, time = { now: 0 }) {
    const gone: string[] = [];
    const bannedIps: string[] = [];
    const table = new PeerTable({
      clock: { ...clock, monotonic: () => time.now },
      logger: silentLogger,
      rules: new PeerRules({ persistentPeers: [], bootstrapPeers: [], ...settings }),
      hangUp: (peer) => gone.push(peer),
      onBanned: (ip) => bannedIps.push(ip),
    });
    return { table, gone, bannedIps };
  }

  it('is bounded, and has room for persistent peers even when it is full', () => {
    const { table } = tableOf({ unconditionalPeers: [FRIEND] });
    for (let index = 0; index < MAX_PEERS; index += 1) {
      assert.ok(table.add(`peer ${index}`, undefined));
    }
    assert.equal(table.add('stranger', undefined), undefined);
    assert.ok(table.add(FRIEND, undefined));
    assert.equal(table.all().length, MAX_PEERS + 1);
  });

  it('a peer of the settings that misbehaves is refused for a short while, a stranger for long', () => {
    const address = `/ip4/203.0.113.7/tcp/26656/p2p/${FRIEND}`;
    const clockMs = { now: 0 };
    const { table, gone, bannedIps } = tableOf({ persistentPeers: [address] }, clockMs);
    for (const peerId of [FRIEND, 'stranger']) {
      table.add(peerId, undefined);
      table.strike(peerId, MAX_PEER_STRIKES, 'lies');
    }
    assert.deepEqual(gone, [FRIEND, 'stranger']);
    assert.equal(bannedIps.length, 1, 'only the stranger counts against its address');
    assert.ok(table.isBanned(FRIEND));
    clockMs.now = PERSISTENT_BAN_MS;
    assert.equal(table.isBanned(FRIEND), false);
    assert.ok(table.isBanned('stranger'));
  });

  it('strangers that dial in have their own places only', () => {
    const { table } = tableOf({ maxInboundPeers: 2 });
    for (const name of ['a', 'b']) assert.ok(table.add(name, undefined));
    assert.equal(table.hasPlace('c', false), false);
    assert.ok(table.hasPlace('c', true));
    assert.ok(table.hasPlace('a', false), 'who is here stays');
  });

  it('disconnects without blame, once', () => {
    const { table, gone } = tableOf({});
    table.add('slow', undefined);
    for (let times = 0; times < 50; times += 1) table.disconnect('slow', 'does not read');
    assert.deepEqual(gone, ['slow']);
    assert.equal(table.isBanned('slow'), false);
  });
});

describe('rate limit', () => {
  it('lets a burst pass, then a steady flow', () => {
    const limit = new RateLimit(10, 3, 0);
    assert.deepEqual(
      [1, 2, 3, 4].map(() => limit.take(0)),
      [true, true, true, false],
    );
    assert.equal(limit.take(50), false);
    assert.equal(limit.take(150), true);
    assert.equal(limit.take(150), false);
  });
});

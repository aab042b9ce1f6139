/** Each limit of the network at its bound and one past it. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { concat } from '../../../node/base/bytes.ts';
import * as limits from '../../../node/base/limits.ts';
import { ConnectionGate, type Visit } from '../../../node/network/connection-gate.ts';
import { PeerRates } from '../../../node/network/peer-rates.ts';
import { PeerRules } from '../../../node/network/peer-rules.ts';
import { nodeIdentity } from '../../../node/network/node-key.ts';
import { RateLimit } from '../../../node/base/rate-limit.ts';
import { RpcLengths } from '../../../node/network/rpc-lengths.ts';
import { PRIORITY_OTHER, PRIORITY_VOTE, SendQueue } from '../../../node/network/send-queue.ts';
import { Throttle } from '../../../node/network/throttle.ts';

const isVisit = (answer: Visit | string): answer is Visit => typeof answer !== 'string';

describe('connection gate', () => {
  const gateAt = (trusted: string[] = []) => {
    const clock = { ms: 0 };
    return { clock, gate: new ConnectionGate(() => clock.ms, trusted) };
  };
  const enter = (gate: ConnectionGate, ip: string): Visit => {
    const visit = gate.arrive(ip);
    assert.ok(isVisit(visit), String(visit));
    return visit;
  };

  it('lets so many of one address wait and no more', () => {
    const { gate } = gateAt();
    const visits = Array.from({ length: limits.MAX_PENDING_CONNECTIONS_PER_IP }, () =>
      enter(gate, '1.1.1.1'),
    );
    assert.equal(gate.arrive('1.1.1.1'), 'too many pending');
    enter(gate, '2.2.2.2');
    visits[0]!.known();
    enter(gate, '1.1.1.1');
  });

  it('lets so many of all addresses wait and no more, and always the configured ones', () => {
    const { gate } = gateAt(['9.9.9.9']);
    for (let index = 0; index < limits.MAX_PENDING_CONNECTIONS; index += 1) {
      enter(gate, `1.1.1.${index}`);
    }
    assert.equal(gate.pending, limits.MAX_PENDING_CONNECTIONS);
    assert.equal(gate.arrive('2.2.2.2'), 'too many pending');
    enter(gate, '9.9.9.9');
  });

  it('has so many open from one address and no more', () => {
    const { gate, clock } = gateAt();
    const visits = Array.from({ length: limits.MAX_CONNECTIONS_PER_IP }, () => {
      clock.ms += 1_000;
      const visit = enter(gate, '1.1.1.1');
      visit.known();
      return visit;
    });
    clock.ms += 1_000;
    assert.equal(gate.arrive('1.1.1.1'), 'too many from one address');
    visits[0]!.left();
    visits[0]!.left();
    enter(gate, '1.1.1.1').known();
    assert.equal(gate.arrive('1.1.1.1'), 'too many from one address');
  });

  it('slows down who comes again and again', () => {
    const { gate, clock } = gateAt();
    const come = (): string | Visit => {
      const visit = gate.arrive('1.1.1.1');
      if (isVisit(visit)) visit.left();
      return visit;
    };
    for (let times = 0; times < limits.MAX_NEW_CONNECTIONS_PER_IP_BURST; times += 1) {
      assert.ok(isVisit(come()));
    }
    assert.equal(come(), 'too fast');
    clock.ms += 1_000;
    for (let times = 0; times < limits.MAX_NEW_CONNECTIONS_PER_IP_PER_SECOND; times += 1) {
      assert.ok(isVisit(come()));
    }
    assert.equal(come(), 'too fast');
    assert.equal(gate.pending, 0);
  });

  it('refuses an address of which so many peers were banned, for the time of a ban', () => {
    const { gate, clock } = gateAt();
    for (let times = 1; times < limits.MAX_BANS_PER_IP; times += 1) gate.blame('1.1.1.1');
    enter(gate, '1.1.1.1').left();
    gate.blame('1.1.1.1');
    assert.equal(gate.arrive('1.1.1.1'), 'banned');
    clock.ms = limits.BAN_MS;
    enter(gate, '1.1.1.1').left();
  });

  it('remembers so many addresses, those with a ban longest', () => {
    const { gate } = gateAt();
    for (let times = 0; times < limits.MAX_BANS_PER_IP; times += 1) gate.blame('1.1.1.1');
    for (let index = 0; index < 2 * limits.MAX_REMEMBERED_IPS; index += 1) {
      enter(gate, `2.${index >> 16}.${(index >> 8) & 255}.${index & 255}`).left();
    }
    assert.equal(gate.arrive('1.1.1.1'), 'banned');
  });
});

describe('lengths of gossip RPCs', () => {
  const varint = (value: number): number[] =>
    value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
  const rpc = (size: number): Uint8Array =>
    concat(Uint8Array.from(varint(size)), new Uint8Array(size));

  it('are found however the bytes are cut', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 20 });
    const cuts = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 });
    fc.assert(
      fc.property(sizes, cuts, (list, steps) => {
        const bytes = concat(...list.map(rpc));
        const lengths = new RpcLengths(1_000);
        let [started, turn] = [0, 0];
        for (let at = 0; at < bytes.length;) {
          const step = steps[turn++ % steps.length]!;
          started += lengths.push(bytes.subarray(at, at + step));
          at += step;
        }
        assert.equal(started, list.length);
      }),
    );
  });

  it('may be as large as the bound and no larger', () => {
    const max = limits.MAX_GOSSIP_RPC_BYTES;
    assert.equal(new RpcLengths(max).push(Uint8Array.from(varint(max))), 1);
    for (const bad of [varint(max + 1), varint(2 ** 32 - 1), [0x80, 0x80, 0x80, 0x80, 0x80, 0]]) {
      assert.throws(() => new RpcLengths(max).push(Uint8Array.from(bad)), { codespace: 'network' });
    }
  });
});

describe('throttle', () => {
  it('pauses once when more was read than the budget had, and goes on when it has refilled', async () => {
    const calls: string[] = [];
    const readable = {
      status: 'open',
      pause: () => void calls.push('pause'),
      resume: () => void calls.push('resume'),
    };
    const throttle = new Throttle(readable, new RateLimit(1_000, 10, 0));
    throttle.spend(0, 10);
    assert.deepEqual(calls, []);
    throttle.spend(0, 1);
    throttle.spend(0, 1);
    assert.deepEqual(calls, ['pause']);
    await new Promise((resolve) => setTimeout(resolve, 30));
    assert.deepEqual(calls, ['pause', 'resume']);
  });

  it('owes what it could not take', () => {
    const limit = new RateLimit(1_000, 10, 0);
    assert.equal(limit.owe(0, 10), 0);
    assert.equal(limit.owe(0, 500), 500);
    assert.equal(limit.owe(400, 0), 100);
  });
});

describe('rates of a peer', () => {
  const KINDS = [
    ['consensus', limits.MAX_PEER_CONSENSUS_BYTE_BURST],
    ['tx', limits.MAX_PEER_TX_BYTE_BURST],
  ] as const;
  for (const [kind, burst] of KINDS) {
    it(`bytes of ${kind} are limited without limiting other kinds`, () => {
      const rates = new PeerRates(0);
      assert.ok(rates.takeKind(kind, burst, 0));
      assert.equal(rates.takeKind(kind, 1, 0), false);
      for (const other of ['consensus', 'tx', 'status', 'hello'] as const) {
        if (other !== kind) assert.ok(rates.takeKind(other, 1, 0));
      }
    });
  }

  it('a flood of large transactions leaves votes their share', () => {
    const rates = new PeerRates(0);
    for (let count = 0; count < limits.MAX_PEER_TX_BURST; count += 1) {
      assert.ok(rates.takeKind('tx', 1, 0));
    }
    assert.equal(rates.takeKind('tx', 1, 0), false);
    assert.ok(rates.takeKind('consensus', 200, 0));
  });
});

describe('gossip in the send queue', () => {
  const one = (value: number): Uint8Array => Uint8Array.of(value);

  it('leaves only when nothing else waits', () => {
    const queue = new SendQueue();
    assert.ok(queue.pushGossip(one(9)));
    queue.push(one(2), PRIORITY_OTHER);
    queue.push(one(1), PRIORITY_VOTE);
    assert.equal(queue.shiftGossip(), undefined);
    assert.deepEqual([queue.shift(), queue.shift(), queue.shift()], [one(1), one(2), undefined]);
    assert.deepEqual(queue.shiftGossip(), one(9));
  });

  it('is bounded, and never takes the room of votes', () => {
    const queue = new SendQueue();
    assert.ok(queue.pushGossip(new Uint8Array(limits.MAX_GOSSIP_QUEUE_BYTES)));
    assert.equal(queue.pushGossip(one(1)), false);
    assert.ok(queue.push(new Uint8Array(limits.MAX_SEND_QUEUE_BYTES), PRIORITY_VOTE));
    queue.clearGossip();
    assert.ok(queue.pushGossip(one(1)));
  });
});

describe('rules for peers', () => {
  const id = (value: number): string => nodeIdentity(new Uint8Array(32).fill(value)).peerId;
  const address = `/ip4/203.0.113.7/tcp/26656/p2p/${id(1)}`;

  it('a private node welcomes peers of its settings only, and takes no part in the exchange', () => {
    const rules = new PeerRules({
      persistentPeers: [address],
      bootstrapPeers: [],
      unconditionalPeers: [id(2)],
      privateNode: true,
    });
    assert.deepEqual(
      [1, 2, 3].map((value) => rules.isWelcome(id(value))),
      [true, true, false],
    );
    assert.equal(rules.exchanges, false);
    assert.ok(rules.knownIps.includes('203.0.113.7'));
  });

  it('a peer id that is none is refused by name with exit code 78', () => {
    for (const settings of [{ unconditionalPeers: ['x'] }, { privatePeers: ['x'] }]) {
      const all = { persistentPeers: [], bootstrapPeers: [], ...settings };
      assert.throws(() => new PeerRules(all), { exitCode: 78, message: /"x" is not a peer id/ });
    }
  });
});

describe('gossip of a peer', () => {
  it('is looked at as often as the bound allows and no more', () => {
    const { gossipMessages } = new PeerRates(0);
    for (let count = 0; count < limits.MAX_PEER_GOSSIP_MESSAGE_BURST; count += 1) {
      assert.ok(gossipMessages.take(0));
    }
    assert.equal(gossipMessages.take(0), false);
    assert.ok(gossipMessages.take(1_000 / limits.MAX_PEER_GOSSIP_MESSAGES_PER_SECOND));
  });
});

import assert from 'node:assert/strict';
import { EMPTY, utf8, type Bytes } from '../../../node/base/bytes.ts';
import { BitscaleError, defineError } from '../../../node/base/errors.ts';
import { MAX_SYNC_BLOCKS, MAX_SYNC_REQUEST_BYTES } from '../../../node/base/limits.ts';
import { noMetrics, silentLogger } from '../../../node/base/service.ts';
import {
  decodeSyncRequest,
  encodeSyncBlock,
  encodeSyncRequest,
} from '../../../node/sync/messages.ts';
import { answerSync } from '../../../node/sync/serve.ts';
import { Syncer } from '../../../node/sync/syncer.ts';
import { until } from '../../integration/toy/toy-node.ts';

const ErrBadBlock = defineError('test-sync', 1, 'bad block');
const TIP = 100;

/** How a peer answers; `height` is what it claims. */
interface FakePeer {
  readonly height: number;
  readonly answer: (question: Bytes) => Promise<Bytes[]>;
}

const blockAt = (height: number): Bytes => utf8(`block ${height}`);
const commitAt = (height: number): Bytes => utf8(`commit ${height}`);

function honest(height = TIP): FakePeer {
  const supply = {
    height: () => height,
    base: () => 1,
    decided: (at: number) =>
      at <= height ? { block: blockAt(at), commit: commitAt(at) } : undefined,
    byHash: () => undefined,
  };
  return { height, answer: async (question) => answerSync(supply, question) };
}

/** A chain and its peers; records strikes and what consensus was told. */
class World {
  height = 0;
  consensusRuns = false;
  pauses = 0;
  isEnough = false;
  readonly strikes = new Map<string, number>();
  readonly peers: Map<string, FakePeer>;
  readonly syncer: Syncer;
  readonly fatal: unknown[] = [];

  constructor(peers: Record<string, FakePeer>) {
    this.peers = new Map(Object.entries(peers));
    const clock = { now: () => Date.now(), monotonic: () => performance.now() };
    this.syncer = new Syncer(
      { firstStatusMs: 10, patienceMs: 50 },
      {
        clock,
        logger: silentLogger,
        metrics: noMetrics,
        onFatal: (error) => this.fatal.push(error),
        chain: {
          height: () => this.height,
          tipTime: () => 0,
          pause: async () => {
            this.pauses += 1;
            this.consensusRuns = false;
          },
          check: async (block, commit) => this.#check(block, commit),
          resume: async () => void (this.consensusRuns = true),
          applySynced: (block, commit) => this.#apply(block, commit),
          isEnough: () => this.isEnough,
        },
        network: {
          peers: () => [...this.peers.keys()],
          ask: async (peerId, question) => this.peers.get(peerId)!.answer(question),
          strike: (peerId, points) => this.#strike(peerId, points),
          peersOf: () => [],
        },
      },
    );
  }

  async start(expectPeers = true): Promise<void> {
    for (const [name, peer] of this.peers) this.meet(name, peer);
    await this.syncer.start(expectPeers);
  }

  /** A peer is there and says how far it is. */
  meet(name: string, peer: FakePeer): void {
    this.peers.set(name, peer);
    this.syncer.onStatus(name, { height: peer.height, base: 1 });
  }

  leave(name: string): void {
    this.peers.delete(name);
    this.syncer.onGone(name);
  }

  #strike(peerId: string, points: number): void {
    const total = (this.strikes.get(peerId) ?? 0) + points;
    this.strikes.set(peerId, total);
    if (total >= 100) this.leave(peerId);
  }

  async #apply(block: Bytes, commit: Bytes): Promise<{ txs: number; bytes: number }> {
    assert.equal(this.consensusRuns, false, 'consensus is paused while blocks come from peers');
    await this.#check(block, commit);
    this.height += 1;
    return { txs: 0, bytes: block.length };
  }

  async #check(block: Bytes, commit: Bytes): Promise<void> {
    const next = this.height + 1;
    const good = Buffer.from(block).equals(blockAt(next));
    if (!good || !Buffer.from(commit).equals(commitAt(next))) throw new BitscaleError(ErrBadBlock);
  }
}

describe('block sync', () => {
  const worlds: World[] = [];
  const world = (peers: Record<string, FakePeer>): World => {
    const made = new World(peers);
    worlds.push(made);
    return made;
  };
  afterEach(async () => {
    for (const one of worlds.splice(0)) {
      await one.syncer.stop();
      assert.deepEqual(one.fatal, []);
    }
  });

  it('a node that is behind fetches everything, then lets consensus run', async () => {
    const here = world({ a: honest(), b: honest(), c: honest(90) });
    await here.start();
    await until(() => here.consensusRuns, 'consensus runs');
    assert.equal(here.height, TIP);
    assert.ok(here.consensusRuns);
    assert.equal(here.strikes.size, 0);
  });

  it('a node that hears nobody waits, says so, and goes on with the first peer', async () => {
    const here = world({});
    await here.start();
    assert.ok(!here.consensusRuns && here.syncer.isCatchingUp);
    here.meet('first', honest(0));
    await until(() => here.consensusRuns, 'consensus runs');
    assert.ok(!here.syncer.isCatchingUp);
  });

  it('a node that has more than 2/3 of the power waits for nobody', async () => {
    const here = world({});
    here.isEnough = true;
    await here.start();
    await until(() => here.consensusRuns, 'consensus runs');
    const alone = world({});
    alone.isEnough = true;
    await alone.start(false);
    assert.ok(alone.consensusRuns);
  });

  it('also such a node waits while a peer is ahead: its home may be an old copy', async () => {
    const here = world({ a: honest() });
    here.isEnough = true;
    await here.start();
    await until(() => here.consensusRuns, 'consensus runs');
    assert.equal(here.height, TIP);
  });

  it('when all peers are gone it waits, and signs nothing until somebody is back', async () => {
    const silent: FakePeer = { height: TIP, answer: () => new Promise(() => undefined) };
    const here = world({ a: honest(10), b: silent });
    await here.start();
    await until(() => here.height === 10, 'what a has is here');
    here.leave('a');
    here.leave('b');
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.ok(!here.consensusRuns && here.syncer.isCatchingUp);
    here.meet('c', honest());
    await until(() => here.consensusRuns, 'consensus runs');
    assert.equal(here.height, TIP);
  });

  it('a peer with a forged block is banned, the others finish the work', async () => {
    const liar: FakePeer = {
      height: TIP,
      answer: async (question) => {
        const { fromHeight } = decodeSyncRequest(question);
        return [encodeSyncBlock({ height: fromHeight, block: utf8('x'), commit: utf8('y') })];
      },
    };
    const here = world({ liar, good: honest() });
    await here.start();
    await until(() => here.consensusRuns, 'consensus runs');
    assert.equal(here.height, TIP);
    assert.equal(here.strikes.get('good'), undefined);
    assert.ok((here.strikes.get('liar') ?? 0) >= 100 || here.strikes.size === 0);
  });

  const LIARS: [string, FakePeer['answer']][] = [
    ['answers nothing', async () => []],
    ['fails', async () => Promise.reject(new Error('timed out'))],
    ['answers garbage', async () => [utf8('garbage')]],
    [
      'answers with a gap',
      async () =>
        [1, 3].map((height) =>
          encodeSyncBlock({ height, block: blockAt(height), commit: commitAt(height) }),
        ),
    ],
  ];
  for (const [what, answer] of LIARS) {
    it(`a peer that claims a great height and ${what} does not hold the node in sync`, async () => {
      const here = world({ liar: { height: 1_000_000, answer }, low: honest(0) });
      await here.start();
      await until(() => here.consensusRuns, 'consensus runs');
      assert.ok((here.strikes.get('liar') ?? 0) > 0);
    });
  }

  it('at run time a node that falls behind catches up', async () => {
    const here = world({ a: honest(0) });
    await here.start();
    here.meet('a', honest(5));
    await until(() => here.height === 5 && here.consensusRuns, 'it caught up');
  });

  it('peers that claim heights and let the question hang do not keep consensus from running', async () => {
    const hanging: FakePeer = {
      height: 1_000_000,
      answer: () => new Promise((_, reject) => setTimeout(() => reject(new Error('late')), 150)),
    };
    const here = world({ z: honest(0) });
    await here.start();
    for (const name of ['a', 'b', 'c']) here.meet(name, hanging);
    await until(() => here.strikes.size === 3, 'all were asked');
    assert.equal(here.pauses, 0);
    assert.ok(here.consensusRuns && !here.syncer.isCatchingUp);
  });

  it('the start does not wait for peers that do not answer', async () => {
    const silent: FakePeer = { height: 9, answer: () => new Promise(() => undefined) };
    const here = world({ a: silent, b: silent });
    await here.start();
    await until(() => here.consensusRuns, 'consensus runs');
  });

  it('a lie about the next block does not even interrupt consensus', async () => {
    const liar: FakePeer = {
      height: 9,
      answer: async () => [
        encodeSyncBlock({ height: 1, block: utf8('not the block'), commit: utf8('x') }),
      ],
    };
    const here = world({ z: honest(0) });
    await here.start();
    here.meet('liar', liar);
    await until(() => here.strikes.get('liar') === 100, 'it is banned');
    assert.equal(here.pauses, 0);
  });

  it('a block that consensus decided meanwhile is nobody’s lie', async () => {
    const here = world({ z: honest(0) });
    await here.start();
    const slow: FakePeer = {
      height: 2,
      answer: async (question) => {
        const { fromHeight } = decodeSyncRequest(question);
        const parts = await honest(2).answer(question);
        if (fromHeight === 1) here.height = 1;
        return parts;
      },
    };
    here.meet('slow', slow);
    await until(() => here.height === 2 && here.consensusRuns, 'it caught up');
    assert.equal(here.strikes.size, 0);
  });

  it('a peer whose height goes down is banned; after a new connection it may be lower', async () => {
    const here = world({ a: honest(0) });
    here.syncer.onStatus('b', { height: 50, base: 1 });
    here.syncer.onGone('b');
    here.syncer.onStatus('b', { height: 40, base: 1 });
    assert.equal(here.strikes.get('b'), undefined);
    here.syncer.onStatus('b', { height: 39, base: 1 });
    assert.equal(here.strikes.get('b'), 100);
  });
});

describe('a block by its hash', () => {
  const HASH = new Uint8Array(32).fill(1);
  const giving = (block: string): FakePeer['answer'] => {
    return async () => [encodeSyncBlock({ height: 7, block: utf8(block), commit: EMPTY })];
  };
  const isIt = (bytes: Bytes): boolean => Buffer.from(bytes).equals(utf8('the block'));

  it('whoever gives another block is struck, and the next one is asked', async () => {
    const peers: Record<string, FakePeer> = { good: { height: 7, answer: giving('the block') } };
    for (const name of ['a', 'b', 'c']) peers[name] = { height: 7, answer: giving('another') };
    const { syncer, strikes } = new World(peers);
    for (let times = 0; times < 20; times += 1) {
      const block = await syncer.fetcher.byHash({ height: 7, hash: HASH, from: [], isIt });
      assert.deepEqual(block, utf8('the block'));
    }
    assert.equal(strikes.get('good'), undefined);
    assert.ok(Math.max(...strikes.values()) >= 50);
  });

  it('peers that never answer do not hold it up', async () => {
    const never: FakePeer = { height: 7, answer: () => new Promise(() => undefined) };
    const peers: Record<string, FakePeer> = { a: never, b: never, c: never };
    peers['good'] = { height: 7, answer: giving('the block') };
    const { fetcher } = new World(peers).syncer;
    const block = await fetcher.byHash({ height: 7, hash: HASH, from: [], isIt });
    assert.deepEqual(block, utf8('the block'));
  });

  it('nothing is found when nobody is there', async () => {
    const { fetcher } = new World({}).syncer;
    assert.equal(await fetcher.byHash({ height: 7, hash: HASH, from: [], isIt }), undefined);
  });

  it('among many peers every one is asked sooner or later', async () => {
    const silent: FakePeer = { height: 7, answer: async () => [] };
    const peers: Record<string, FakePeer> = {};
    for (let index = 0; index < 12; index += 1) peers[`silent ${index}`] = silent;
    peers['good'] = { height: 7, answer: giving('the block') };
    const { fetcher } = new World(peers).syncer;
    let found: Bytes | undefined;
    for (let times = 0; times < 200 && found === undefined; times += 1) {
      found = await fetcher.byHash({ height: 7, hash: HASH, from: [], isIt });
    }
    assert.deepEqual(found, utf8('the block'));
  });
});

describe('sync messages', () => {
  it('requests out of bounds are refused', () => {
    const maxBytes = MAX_SYNC_REQUEST_BYTES;
    const good = { fromHeight: 1, count: MAX_SYNC_BLOCKS, hash: EMPTY, maxBytes };
    assert.deepEqual(decodeSyncRequest(encodeSyncRequest(good)).count, MAX_SYNC_BLOCKS);
    const bad = [
      { ...good, count: MAX_SYNC_BLOCKS + 1 },
      { ...good, count: 0 },
      { ...good, fromHeight: 0 },
      { ...good, hash: utf8('short') },
      { ...good, maxBytes: maxBytes + 1 },
      { ...good, maxBytes: 0 },
    ];
    for (const request of bad) {
      assert.throws(() => decodeSyncRequest(encodeSyncRequest(request)), BitscaleError);
    }
  });

  it('an answer stops where the blocks stop', async () => {
    const request = { fromHeight: 98, count: 10, hash: EMPTY, maxBytes: 1_000 };
    assert.equal((await honest().answer(encodeSyncRequest(request))).length, 3);
  });

  it('an answer keeps to the bytes asked for, unless the first block alone is larger', async () => {
    const one = encodeSyncBlock({ height: 10, block: blockAt(10), commit: commitAt(10) }).length;
    const parts = async (maxBytes: number): Promise<number> => {
      const request = { fromHeight: 10, count: 10, hash: EMPTY, maxBytes };
      return (await honest().answer(encodeSyncRequest(request))).length;
    };
    assert.deepEqual(
      [await parts(1), await parts(one), await parts(2 * one - 1), await parts(2 * one)],
      [1, 1, 1, 2],
    );
  });
});

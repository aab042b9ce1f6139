/** Scripted liars against block sync, over real sockets. */
import assert from 'node:assert/strict';
import { utf8, type Bytes } from '../../../node/base/bytes.ts';
import { MAX_SYNC_BLOCK_BYTES } from '../../../node/base/limits.ts';
import {
  decodeSyncBlock,
  decodeSyncRequest,
  encodeSyncBlock,
  type SyncBlock,
} from '../../../node/sync/messages.ts';
import { until } from '../toy/toy-node.ts';
import { SyncLab, type Answer, type Joiner } from './sync-lab.ts';

const LENGTH = 60;
/** A claim nobody can keep. */
const TOO_HIGH = 1_000_000;

describe('block sync among liars', function () {
  this.timeout(120_000);
  let lab: SyncLab;

  before(async () => {
    lab = await SyncLab.start(16, LENGTH);
  });
  afterEach(async () => {
    await lab.clear();
  });
  after(async () => {
    await lab.stop();
  });

  const honestBlocks = (question: Bytes): SyncBlock[] =>
    lab.honestSync(question).map(decodeSyncBlock);
  /** Honest answers, each block changed. */
  const changed =
    (change: (block: SyncBlock, index: number) => SyncBlock): Answer =>
    (question) =>
      honestBlocks(question).map(change).map(encodeSyncBlock);
  const flipped = (bytes: Bytes): Bytes => {
    const copy = bytes.slice();
    copy[copy.length - 5]! ^= 1;
    return copy;
  };
  const follows = (joiner: Joiner): Promise<void> =>
    until(
      () => joiner.node.engine.height() >= lab.tip - 3 && !joiner.node.syncer.isCatchingUp,
      'the node has caught up',
      40_000,
    );

  const LIARS: [string, number, () => Answer, 'banned' | 'struck'][] = [
    ['gives nothing', TOO_HIGH, () => () => [], 'struck'],
    ['never answers', TOO_HIGH, () => () => new Promise(() => undefined), 'struck'],
    ['answers garbage', TOO_HIGH, () => () => [utf8('garbage')], 'banned'],
    ['leaves a gap', LENGTH, () => (q) => lab.honestSync(q).filter((_, i) => i !== 1), 'banned'],
    ['changes blocks', LENGTH, () => changed((b) => ({ ...b, block: flipped(b.block) })), 'banned'],
    [
      'forges commits',
      LENGTH,
      () => changed((b) => ({ ...b, commit: flipped(b.commit) })),
      'banned',
    ],
    [
      'gives the commit of another block',
      LENGTH,
      () => (question) => {
        const blocks = honestBlocks(question);
        return blocks.map((b, i) => encodeSyncBlock({ ...b, commit: blocks.at(i - 1)!.commit }));
      },
      'banned',
    ],
    [
      'gives a commit without signatures',
      LENGTH,
      () => changed((b) => ({ ...b, commit: new Uint8Array(0) })),
      'banned',
    ],
    [
      'gives more blocks than asked for',
      LENGTH,
      () => (q) => [...lab.honestSync(q), ...lab.honestSync(q)],
      'banned',
    ],
    [
      'gives more bytes than asked for',
      LENGTH,
      () => () => Array.from({ length: 2 }, () => new Uint8Array(MAX_SYNC_BLOCK_BYTES - 9)),
      'banned',
    ],
  ];
  for (const [what, height, answer, verdict] of LIARS) {
    it(`a peer that ${what} is ${verdict}, and an honest one is enough`, async () => {
      const joiner = await lab.join();
      const asked: number[] = [];
      const liar = await lab.meet(joiner, {
        height,
        sync: (question) => {
          asked.push(decodeSyncRequest(question).fromHeight);
          return answer()(question);
        },
      });
      await until(() => asked.length > 0, 'the liar is asked');
      await lab.meet(joiner, { height: lab.tip, sync: lab.honestSync });
      await follows(joiner);
      if (verdict === 'banned') await until(() => joiner.banned.length > 0, 'the liar is banned');
      assert.deepEqual(joiner.banned, verdict === 'banned' ? [liar.peerId] : []);
      assert.deepEqual(lab.differences(joiner), []);
      assert.deepEqual(joiner.fatal, []);
    });
  }

  it('peers that answer byte by byte hold nobody up', async () => {
    const joiner = await lab.join();
    const slow = await Promise.all([1, 2, 3].map(() => lab.meetTrickler(joiner, TOO_HIGH)));
    await until(() => slow.every(({ asked }) => asked() > 0), 'all are asked');
    await lab.meet(joiner, { height: lab.tip, sync: lab.honestSync });
    await until(() => joiner.node.engine.height() >= lab.tip, 'all blocks are here', 40_000);
    await until(() => !joiner.node.syncer.isCatchingUp, 'consensus runs', 30_000);
    assert.deepEqual(lab.differences(joiner), []);
    assert.deepEqual(joiner.fatal, []);
  });

  it('a peer whose height goes down is banned, and its great claim holds nobody up', async () => {
    const joiner = await lab.join();
    const liar = await lab.meet(joiner, { height: TOO_HIGH, sync: lab.honestSync });
    await until(() => joiner.node.engine.height() > 0, 'blocks come');
    liar.announce(TOO_HIGH - 1, 1);
    await until(() => joiner.banned.length === 1, 'it is banned');
    await lab.meet(joiner, { height: lab.tip, sync: lab.honestSync });
    await until(() => !joiner.node.syncer.isCatchingUp, 'consensus runs', 30_000);
    assert.deepEqual(lab.differences(joiner), []);
  });

  it('one honest peer among many liars is enough, while the chain runs', async () => {
    const joiner = await lab.join();
    for (const [, height, answer] of LIARS) {
      await lab.meet(joiner, { height, sync: (question) => answer()(question) });
    }
    const honest = await lab.meet(joiner, { height: lab.tip, sync: lab.honestSync });
    const tell = setInterval(() => honest.announce(lab.tip, 1), 40);
    await lab.goOn();
    try {
      await until(() => lab.tip > LENGTH + 15, 'the chain goes on', 60_000);
      await follows(joiner);
    } finally {
      clearInterval(tell);
      await lab.rest();
    }
    assert.ok(!joiner.banned.includes(honest.peerId));
    assert.deepEqual(lab.differences(joiner), []);
    assert.deepEqual(joiner.fatal, []);
  });
});

/** Joining by a snapshot of the state, over real sockets: from honest peers, and from poisoned ones. */
import assert from 'node:assert/strict';
import { concat, toHex, utf8, type Bytes } from '../../../node/base/bytes.ts';
import { MAX_OFFERED_SNAPSHOTS, MAX_SNAPSHOT_CHUNKS } from '../../../node/base/limits.ts';
import type { Snapshot } from '../../../node/app/abci.ts';
import {
  decodeLightRecord,
  decodeStateRequest,
  encodeLightRecord,
  encodeSnapshot,
  type StateRequest,
} from '../../../node/sync/state-messages.ts';
import type { LightRecord } from '../../../node/sync/expected.ts';
import { ValidatorSet } from '../../../node/consensus/validator-set.ts';
import { encodePairs, pair, snapshotOf } from '../toy/snapshot-app.ts';
import { until } from '../toy/toy-node.ts';
import { SyncLab, type Answer, type Joiner } from './sync-lab.ts';

const TRUSTED = 3;

describe('state sync', function () {
  this.timeout(120_000);
  let lab: SyncLab;

  before(async () => {
    lab = await SyncLab.start(24, 45);
  });
  afterEach(async () => {
    await lab.clear();
  });
  after(async () => {
    await lab.stop();
  });

  const join = (changes: Record<string, unknown> = {}): Promise<Joiner> => {
    const trustHash = toHex(lab.headerHash(TRUSTED)).toUpperCase();
    const trust = { enabled: true, trustHeight: TRUSTED, trustHash, discoveryMs: 1_000 };
    return lab.join({ statesync: { ...trust, ...changes } });
  };
  const honest = async (joiner: Joiner): Promise<string> => {
    const play = { height: lab.tip, sync: lab.honestSync, state: lab.honestState };
    return (await lab.meet(joiner, play)).peerId;
  };
  /** It has a restored state and all blocks after it, and its application agrees. */
  const joined = async ({ node, fatal, lines }: Joiner): Promise<void> => {
    const isThere = (): boolean => node.engine.height() >= lab.tip && !node.syncer.isCatchingUp;
    await until(isThere, 'the node is at the tip', 60_000).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${lines.join('\n')}`);
    });
    assert.deepEqual(fatal, []);
    assert.ok(node.engine.store.base() > 10, 'it began at a snapshot');
    assert.equal(toHex(node.app.info().appHash), toHex(lab.validator.app.info().appHash));
  };

  it('a node joins by a snapshot, goes on with blocks, and starts again from what it has', async () => {
    const joiner = await join();
    await honest(joiner);
    await honest(joiner);
    await joined(joiner);
    assert.deepEqual(lab.differences(joiner), []);
    assert.deepEqual(joiner.banned, []);
    const { node } = joiner;
    const { store } = node.engine;
    const height = node.engine.height();
    const theirs = lab.validator.engine.store;
    for (const at of [height, height + 1]) {
      const [own, given] = [store.validators(at)!, theirs.validators(at)!];
      assert.deepEqual(own.validators, given.validators, `whose turn it is at ${at}`);
    }
    const again = await lab.restart(joiner);
    assert.equal(again.node.engine.height(), height);
    await honest(again);
    await joined(again);
  });

  it('a node that is told to join by a state and has blocks already just goes on', async () => {
    const joiner = await lab.join();
    await honest(joiner);
    await until(() => joiner.node.engine.height() >= lab.tip, 'it has all blocks');
    const trustHash = toHex(lab.headerHash(TRUSTED));
    const again = await lab.restart(joiner, {
      statesync: { enabled: true, trustHeight: TRUSTED, trustHash },
    });
    assert.equal(again.node.engine.store.base(), 1);
    assert.ok(again.lines.some((line) => line.startsWith('there is a chain here already')));
  });

  it('a trusted hash that nobody has is waited for, and nothing else is taken', async () => {
    const joiner = await join({ trustHash: '00'.repeat(32) });
    await honest(joiner);
    const says = 'waiting for a peer that has the trusted header';
    await until(() => joiner.lines.some((line) => line.startsWith(says)), 'it says so');
    assert.equal(joiner.node.engine.height(), 0);
    assert.ok(joiner.node.syncer.isCatchingUp);
  });

  it('a trusted header that is too old stops the node', async () => {
    const joiner = await join({ trustPeriodHours: 1 });
    const clock = joiner.node.deps.clock as { now: () => number };
    const now = clock.now();
    clock.now = () => now + 3_700_000;
    try {
      await honest(joiner);
      await until(() => joiner.fatal.length > 0, 'it stops');
    } finally {
      clock.now = () => Date.now();
    }
    assert.match(String(joiner.fatal[0]), /set a newer trustHeight/);
  });

  /** Honest, but for what `change` answers instead; undefined lets the honest answer stand. */
  const but =
    (change: (request: StateRequest, honestly: readonly Bytes[]) => Bytes[] | undefined): Answer =>
    async (question) => {
      const honestly = await lab.honestState(question);
      return change(decodeStateRequest(question), honestly) ?? honestly;
    };
  const lightBut = (change: (record: LightRecord) => LightRecord): Answer =>
    but((request, [record]) => {
      if (request.type !== 'light' || record === undefined) return undefined;
      return [encodeLightRecord(change(decodeLightRecord(record)))];
    });
  const headerBut = (change: Partial<LightRecord['block']['header']>): Answer =>
    lightBut(({ block, params }) => {
      return { block: { ...block, header: { ...block.header, ...change } }, params };
    });
  const offers = (...snapshots: readonly Snapshot[]): Answer =>
    but(({ type }) => (type === 'snapshots' ? snapshots.map(encodeSnapshot) : undefined));
  const HEIGHT = 40;
  const falseChunk = encodePairs([
    pair('tip', 'another state altogether, of 40 bytes'),
    pair('kv/a', '1'),
  ]);
  const falseSnapshot = snapshotOf(HEIGHT + 2, [falseChunk]);
  const ofManyChunks = (chunks: number): Snapshot => ({ ...falseSnapshot, chunks });

  const POISON: [string, Answer, 'banned' | 'struck' | 'tolerated'][] = [
    ['a header with another app hash', headerBut({ appHash: new Uint8Array(32) }), 'banned'],
    ['a header of another chain', headerBut({ chainId: 'toy-2' }), 'banned'],
    [
      'another validator set',
      lightBut(({ block, params }) => {
        const validators = ValidatorSet.restore(
          block.validators.validators.map((one) => ({ ...one, power: one.power + 1n })),
        );
        return { block: { ...block, validators }, params };
      }),
      'banned',
    ],
    [
      'a commit without its signature',
      lightBut(({ block, params }) => {
        const signatures = block.commit.signatures.map((one) => ({
          ...one,
          signature: new Uint8Array(64),
        }));
        return { block: { ...block, commit: { ...block.commit, signatures } }, params };
      }),
      'banned',
    ],
    [
      'parameters that are not those of the header',
      lightBut(({ block }) => ({ block, params: utf8('') })),
      'banned',
    ],
    [
      'garbage for a light block',
      but(({ type }) => (type === 'light' ? [utf8('x')] : undefined)),
      'banned',
    ],
    [
      'garbage for a list of snapshots',
      but(({ type }) => (type === 'snapshots' ? [utf8('x')] : undefined)),
      'banned',
    ],
    ['too many chunks', offers(ofManyChunks(MAX_SNAPSHOT_CHUNKS + 1)), 'banned'],
    [
      'a list of chunks that does not fit its hash',
      offers({ ...falseSnapshot, hash: new Uint8Array(32) }),
      'banned',
    ],
    [
      'an endless list',
      offers(...Array.from({ length: MAX_OFFERED_SNAPSHOTS + 1 }, () => falseSnapshot)),
      'banned',
    ],
    [
      'wrong chunks',
      but((request, [chunk]) =>
        request.type === 'chunk' && chunk ? [concat(chunk, utf8('x'))] : undefined,
      ),
      'banned',
    ],
    [
      'a snapshot of another state',
      but(({ type }) => {
        if (type === 'snapshots') return [encodeSnapshot(falseSnapshot)];
        return type === 'chunk' ? [falseChunk] : undefined;
      }),
      'banned',
    ],
    [
      'a snapshot of a height to come',
      offers({ ...falseSnapshot, height: 1_000_000 }),
      'tolerated',
    ],
    [
      'no chunk of what it offers',
      but(({ type }) => (type === 'chunk' ? [] : undefined)),
      'struck',
    ],
  ];
  for (const [what, state, verdict] of POISON) {
    it(`who gives ${what} is ${verdict}, and an honest peer is enough`, async () => {
      const joiner = await join();
      let asked = 0;
      const counted: Answer = (question) => {
        asked += 1;
        return state(question);
      };
      const liar = await lab.meet(joiner, { height: lab.tip, state: counted });
      await until(() => asked > 0, 'the liar is asked');
      await honest(joiner);
      await joined(joiner);
      const banned = [...new Set(joiner.banned)];
      if (verdict === 'struck') assert.ok(banned.every((peerId) => peerId === liar.peerId));
      else assert.deepEqual(banned, verdict === 'banned' ? [liar.peerId] : []);
    });
  }
});

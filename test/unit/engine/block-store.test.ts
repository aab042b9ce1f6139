import assert from 'node:assert/strict';
import { concat, equal, utf8 } from '../../../node/base/bytes.ts';
import { ed25519PublicKey } from '../../../node/base/ed25519.ts';
import { ExitError } from '../../../node/base/exit.ts';
import { encodeBlock } from '../../../node/consensus/encoding.ts';
import * as keys from '../../../node/engine/block-keys.ts';
import { BlockStore } from '../../../node/engine/block-store.ts';
import { checkBlockStore, damaged } from '../../../node/engine/block-store-check.ts';
import { sameState } from '../../../node/engine/chain-state.ts';
import type { DbOp } from '../../../node/store/db.ts';
import { MemoryDb } from '../../../node/store/memory-db.ts';
import { MORE_SEEDS, testChain, type TestChain } from './chain-fixture.ts';

/** Writes are there at once, and those who wait for them hear of it later. */
class LateDb extends MemoryDb {
  late: Promise<void> = Promise.resolve();

  override async batch(ops: readonly DbOp[]): Promise<void> {
    await super.batch(ops);
    await this.late;
  }
}

describe('block store', () => {
  let chain: TestChain;
  beforeEach(async () => {
    chain = await testChain();
    chain.txs = [utf8('a=1'), utf8('b=2')];
    await chain.grow(5);
  });

  const reopened = (): BlockStore => BlockStore.open(chain.blockDb.reopen(), damaged);

  it('gives back blocks, ids, hashes, results and sets after reopening', () => {
    const store = reopened();
    assert.deepEqual([store.base(), store.height()], [1, 5]);
    for (let height = 1; height <= 5; height += 1) {
      const stored = store.block(height)!;
      assert.equal(stored.block.header.height, height);
      assert.equal(stored.size, encodeBlock(stored.block).length);
      assert.equal(store.heightByHash(stored.blockId.hash), height);
      assert.equal(store.results(height)?.txResults.length, height === 1 ? 2 : 0);
      assert.ok(equal(store.validators(height)!.hash(), stored.block.header.validatorsHash));
      assert.ok(store.consensusParams(height));
    }
    assert.ok(store.validators(6));
    assert.ok(sameState(store.state()!, chain.state()));
    checkBlockStore(store);
  });

  it('gives single transactions, results and events of a block without the rest', async () => {
    chain.txs = Array.from({ length: 7 }, (_, i) => utf8(`key${i}=value${i}`));
    await chain.grow(2);
    // From the memory of the first, from the disk of the second.
    for (const store of [chain.store, reopened()]) {
      for (const height of [1, 6, 7]) {
        const { block } = reopened().block(height)!;
        const results = reopened().results(height)!;
        assert.deepEqual(store.blockEvents(height), results.events);
        for (const positions of [[], [0], [1], [0, 1], [2, 4], [0, 3, 6], [6], [5, 6, 7], [9]]) {
          const part = store.blockPart(height, positions)!;
          assert.deepEqual(part.header, block.header);
          assert.deepEqual(
            [...part.txs],
            positions.flatMap((at) => block.txs[at] ?? []),
          );
          const wanted = positions.flatMap((at) => results.txResults[at] ?? []);
          assert.deepEqual(store.txResults(height, positions), wanted);
        }
      }
      assert.equal(store.blockPart(8, [0]), undefined);
      assert.equal(store.txResults(8, [0]), undefined);
      assert.equal(store.blockEvents(8), undefined);
    }
  });

  it('finds damage in a block of which it shows a part', async () => {
    const bytes = chain.store.blockBytes(1)!;
    const flipped = bytes.slice();
    flipped[flipped.length - 40]! ^= 1;
    await chain.blockDb.batch([{ type: 'put', key: keys.blockKeyOf(1), value: flipped }]);
    assert.throws(() => reopened().blockPart(1, [0]), ExitError);
  });

  it('has a commit of the newest block at every moment, also while the next is written', async () => {
    const db = new LateDb();
    chain = await testChain(db);
    await chain.grow(3);
    let finish = (): void => undefined;
    db.late = new Promise((resolve) => (finish = resolve));
    const grown = chain.grow(1);
    while (db.get(keys.blockKeyOf(4)) === undefined) await Promise.resolve();
    assert.equal(chain.store.height(), 3, 'the next block does not count yet');
    const found = chain.store.commit(3);
    assert.deepEqual([found?.header.height, found?.commit.height], [3, 3]);
    finish();
    await grown;
    assert.deepEqual(chain.store.commit(3)?.commit, found?.commit);
    assert.equal(chain.store.commit(4)?.canonical, false);
  });

  it('the commit is canonical below the tip and the seen one at the tip', () => {
    const store = reopened();
    assert.deepEqual(
      [1, 2, 3, 4, 5, 6].map((height) => store.commit(height)?.canonical),
      [true, true, true, true, false, undefined],
    );
    assert.equal(store.commit(4)?.commit.height, 4);
  });

  it('the proposer rotation survives reopening', () => {
    const [before, after] = [chain.state(), reopened().state()!];
    for (let round = 0; round < 8; round += 1) {
      const address = (state: typeof before) => state.validators.leader(round).address;
      assert.deepEqual(address(after), address(before));
    }
  });

  it('pruning forgets blocks, results and sets, but for the set the oldest block is checked against', async () => {
    await chain.grow(200);
    const wanted = new Map<number, unknown>();
    for (let height = 1; height <= 206; height += 1) {
      wanted.set(height, chain.store.validators(height)?.validators);
    }
    for (const keepFrom of [4, 64, 65, 100, 130, 9_999]) {
      await chain.store.prune(keepFrom);
      const store = reopened();
      const base = Math.min(keepFrom, 205);
      assert.deepEqual([store.base(), store.height()], [base, 205]);
      assert.equal(store.block(base - 1), undefined);
      assert.equal(store.results(base - 1), undefined);
      assert.equal(store.validators(base - 2), undefined);
      for (let height = base - 1; height <= 206; height += 1) {
        assert.deepEqual(store.validators(height)?.validators, wanted.get(height), `${height}`);
      }
      checkBlockStore(store);
    }
    const left: string[] = [];
    for await (const [key] of chain.blockDb.iterate())
      left.push(Buffer.from(key).toString('latin1'));
    const perHeight = left.filter((key) => key.length === 9);
    // Block, meta, results, commit, two or three sets and parameters.
    assert.ok(perHeight.length <= 10, `${perHeight.length} records of one block`);
  });

  it('a set is stored whole only when it is not the one before, one turn later', async () => {
    await chain.grow(130);
    const key = ed25519PublicKey(MORE_SEEDS[0]!);
    chain.txs = [utf8(`val${Buffer.from(key).toString('hex')}=7`)];
    await chain.grow(20);
    const sizes = Array.from({ length: 155 }, (_, i) => i + 1).map((height) => {
      return { height, size: chain.blockDb.get(keys.validatorsKey(height))!.length };
    });
    const whole = sizes.filter(({ size }) => size > 20).map(({ height }) => height);
    assert.deepEqual(whole, [1, 64, 128, 138]);
    const store = reopened();
    for (let height = 155; height > 0; height -= 1) {
      const stored = store.block(height);
      const set = store.validators(height)!;
      if (stored) assert.ok(equal(set.hash(), stored.block.header.validatorsHash));
      assert.equal(set.size, height < 138 ? 4 : 5);
    }
  });

  const heights = [1, 3, 5];
  const DAMAGE: [string, (height: number) => Uint8Array][] = [
    ['block', keys.blockKeyOf],
    ['block id', keys.metaKey],
    ['validators', keys.validatorsKey],
    ['results', keys.resultsKey],
  ];
  for (const [what, key] of DAMAGE) {
    it(`lost or changed ${what} is found at boot, with exit code 65 and the repair`, async () => {
      for (const height of heights) {
        const value = chain.blockDb.get(key(height))!;
        const changed = value.slice();
        changed[changed.length >> 1]! ^= 1;
        const ops = [
          { type: 'del' as const, key: key(height) },
          { type: 'put' as const, key: key(height), value: changed },
        ];
        for (const op of ops) {
          const db = chain.blockDb.reopen();
          await db.batch([op]);
          assert.throws(
            () => checkBlockStore(BlockStore.open(db, damaged)),
            (error) =>
              error instanceof ExitError &&
              error.exitCode === 65 &&
              error.message.includes('bitscale repair'),
            `${what} ${height} ${op.type}`,
          );
        }
      }
    });
  }

  it('a changed chain state or a lost tip commit is found at boot', async () => {
    const state = chain.blockDb.get(keys.STATE_KEY)!.slice();
    state[20]! ^= 1;
    const db = chain.blockDb.reopen();
    await db.batch([{ type: 'put', key: keys.STATE_KEY, value: state }]);
    assert.throws(() => BlockStore.open(db, damaged), ExitError);
    const other = chain.blockDb.reopen();
    await other.batch([{ type: 'del', key: keys.seenCommitKey(5) }]);
    assert.throws(() => checkBlockStore(BlockStore.open(other, damaged)), ExitError);
  });

  it('an old chain state beside newer blocks is found at boot', async () => {
    const old = chain.blockDb.get(keys.STATE_KEY)!;
    await chain.grow(1);
    const db = chain.blockDb.reopen();
    await db.batch([
      { type: 'put', key: keys.STATE_KEY, value: old },
      { type: 'put', key: keys.seenCommitKey(5), value: concat(utf8('x')) },
    ]);
    assert.throws(() => checkBlockStore(BlockStore.open(db, damaged)));
  });
});

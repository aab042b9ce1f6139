import assert from 'node:assert/strict';
import { concat, equal, utf8 } from '../../../node/base/bytes.ts';
import { ExitError } from '../../../node/base/exit.ts';
import { encodeBlock } from '../../../node/consensus/encoding.ts';
import * as keys from '../../../node/engine/block-keys.ts';
import { BlockStore } from '../../../node/engine/block-store.ts';
import { checkBlockStore, damaged } from '../../../node/engine/block-store-check.ts';
import { sameState } from '../../../node/engine/chain-state.ts';
import { testChain, type TestChain } from './chain-fixture.ts';

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

  it('pruning forgets blocks but not validator sets', async () => {
    await chain.store.prune(4);
    const store = reopened();
    assert.deepEqual([store.base(), store.height()], [4, 5]);
    assert.equal(store.block(3), undefined);
    assert.ok(store.validators(3));
    checkBlockStore(store);
    await chain.store.prune(99);
    assert.equal(reopened().base(), 5);
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

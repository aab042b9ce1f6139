import assert from 'node:assert/strict';
import { EMPTY, utf8 } from '../../../node/base/bytes.ts';
import { BitscaleError } from '../../../node/base/errors.ts';
import { sha256 } from '../../../node/base/hash.ts';
import { silentLogger } from '../../../node/base/service.ts';
import { beginAfterRestore, type Bootstrap } from '../../../node/engine/bootstrap.ts';
import { BlockStore } from '../../../node/engine/block-store.ts';
import { checkBlockStore, damaged } from '../../../node/engine/block-store-check.ts';
import type { ChainState } from '../../../node/engine/chain-state.ts';
import { handshake } from '../../../node/engine/replay.ts';
import { MemoryDb } from '../../../node/store/memory-db.ts';
import { ToyApp } from '../../integration/toy/toy-app.ts';
import { CHAIN_ID, PARAMS, testChain, type TestChain } from './chain-fixture.ts';

const HEIGHT = 7;

describe('a chain that begins after a restored state', () => {
  let chain: TestChain;
  /** Of the other chain after block HEIGHT. */
  let state: ChainState;
  let appDb: MemoryDb;
  let start: Required<Bootstrap>;

  beforeEach(async () => {
    chain = await testChain();
    await chain.grow(HEIGHT - 2);
    chain.txs = [utf8('a=1')];
    await chain.grow(2);
    state = chain.state();
    appDb = chain.appDb.reopen();
    const commit = chain.store.seenCommit(HEIGHT)!;
    start = { state, commit, block: chain.store.blockBytes(HEIGHT)! };
    chain.txs = [utf8('b=2')];
    await chain.grow(3);
  });

  /** A node whose application has the state already. */
  async function begun(parts: Bootstrap): Promise<TestChain> {
    const other = await testChain(new MemoryDb(), appDb.reopen());
    await beginAfterRestore(other.store, other.app.info(), parts);
    return other;
  }

  async function copyBlocks(to: TestChain): Promise<void> {
    for (let height = HEIGHT + 1; height <= chain.store.height(); height += 1) {
      const { block, blockId } = chain.store.block(height)!;
      const bytes = chain.store.blockBytes(height)!;
      assert.equal(to.executor.problem(to.state(), block, bytes), undefined);
      await to.committer.apply({ block, bytes, blockId }, chain.store.commit(height)!.commit);
    }
  }

  for (const withBlock of [true, false]) {
    it(`goes on with the next block, ${withBlock ? 'with' : 'without'} the block of its height`, async () => {
      const { block: _, ...without } = start;
      const other = await begun(withBlock ? start : without);
      assert.equal(other.store.height(), HEIGHT);
      assert.equal(other.store.base(), withBlock ? HEIGHT : HEIGHT + 1);
      assert.equal(other.store.commit(HEIGHT)?.commit.height, withBlock ? HEIGHT : undefined);
      await copyBlocks(other);
      assert.deepEqual(other.state().appHash, chain.state().appHash);
      for (let height = HEIGHT; height <= HEIGHT + 4; height += 1) {
        assert.deepEqual(
          other.store.validators(height)!.validators,
          chain.store.validators(height)!.validators,
        );
      }
      const reopened = BlockStore.open(other.blockDb.reopen(), damaged);
      checkBlockStore(reopened);
      assert.equal(reopened.restoredAt(), HEIGHT);
    });
  }

  it('can be stopped and started before the first block and after it', async () => {
    const genesis = { chainId: CHAIN_ID, initialHeight: 1, time: state.time, params: PARAMS };
    const boot = async (other: TestChain): Promise<void> => {
      const store = BlockStore.open(other.blockDb.reopen(), damaged);
      checkBlockStore(store);
      const app = new ToyApp(other.appDb.reopen());
      await handshake(store, app, { ...genesis, validators: [], appState: {} }, silentLogger);
      assert.equal(app.info().height, store.height());
    };
    for (const parts of [start, { state: start.state, commit: start.commit }]) {
      const other = await begun(parts);
      await boot(other);
      await copyBlocks(other);
      await boot(other);
    }
  });

  it('runs a block again that the application lost in a crash, also the very first', async () => {
    const other = await begun(start);
    const before = appDb.reopen();
    await copyBlocks(other);
    const store = BlockStore.open(other.blockDb.reopen(), damaged);
    const app = new ToyApp(before);
    const genesis = { chainId: CHAIN_ID, initialHeight: 1, time: state.time, params: PARAMS };
    await handshake(store, app, { ...genesis, validators: [], appState: {} }, silentLogger);
    assert.deepEqual(app.info(), chain.app.info());
  });

  const bad: Record<string, (good: Required<Bootstrap>) => Bootstrap> = {
    'another app hash': (good) => ({ ...good, state: { ...state, appHash: sha256(EMPTY) } }),
    'another height': (good) => ({ ...good, state: { ...state, height: HEIGHT + 1 } }),
    'another chain': (good) => ({ ...good, state: { ...state, chainId: 'other-1' } }),
    'no validators of the height': (good) => ({
      ...good,
      state: { ...state, lastValidators: undefined },
    }),
    'the commit of another block': (good) => ({
      ...good,
      commit: chain.store.commit(HEIGHT - 1)!.commit,
    }),
    'a commit of too few': (good) => ({
      ...good,
      commit: {
        ...good.commit,
        signatures: good.commit.signatures.map((signature, index) =>
          index < 2
            ? { flag: 1, address: EMPTY, time: signature.time, signature: EMPTY }
            : signature,
        ),
      },
    }),
    'another block': (good) => ({ ...good, block: chain.store.blockBytes(HEIGHT - 1)! }),
  };
  for (const [what, change] of Object.entries(bad)) {
    it(`is refused with ${what}, and nothing is stored`, async () => {
      const other = await testChain(new MemoryDb(), appDb);
      const run = beginAfterRestore(other.store, other.app.info(), change(start));
      await assert.rejects(run, BitscaleError);
      assert.equal(BlockStore.open(other.blockDb.reopen(), damaged).height(), 0);
    });
  }

  it('is refused where there are blocks', async () => {
    const run = beginAfterRestore(chain.store, { height: HEIGHT, appHash: state.appHash }, start);
    await assert.rejects(run, /already/);
  });
});

import assert from 'node:assert/strict';
import { concat, equal, utf8 } from '../../../../node/base/bytes.ts';
import { SNAPSHOT_CHUNK_BYTES } from '../../../../node/base/limits.ts';
import { MemoryDb } from '../../../../node/store/memory-db.ts';
import { MultiStore } from '../../../../node/store/multi-store.ts';
import { discardUnfinished } from '../../../../node/store/snapshot/clear.ts';
import { Random } from '../random.ts';
import {
  bytesOf,
  CHAIN,
  contentOf,
  itemsOf,
  offerOf,
  OWNER,
  piecesOf,
  randomStores,
  restore,
  STORES,
  writeBlock,
} from './fixture.ts';

function plainContent(stores: MultiStore, name: string): string[] {
  return [...stores.committed(name).iterate()].map((pair) => pair.map(String).join('='));
}

describe('snapshot of the state', () => {
  it('restores the same app hash, contents and shape of the trees, so that later blocks agree', async () => {
    const random = Random.announced('restore');
    for (let round = 0; round < 20; round += 1) {
      const chain = await randomStores(random, 1 + random.below(15));
      const { stores } = chain;
      const made = offerOf(stores.version, piecesOf(stores));
      const restored = await restore(made, stores.appHash);
      assert.equal(restored.verdict, 'accept');
      assert.deepEqual(restored.stores.appHash, stores.appHash);
      assert.equal(restored.stores.version, stores.version);
      assert.equal(restored.stores.base, stores.version);
      await restored.stores.verify();
      for (const name of STORES.plain) {
        assert.deepEqual(plainContent(restored.stores, name), plainContent(stores, name));
      }
      for (let i = 0; i < 5; i += 1) {
        writeBlock(random, [stores, restored.stores]);
        assert.deepEqual(await restored.stores.commit(), await stores.commit());
        if (random.chance(50)) await restored.stores.prune(restored.stores.version - 1);
      }
      await restored.stores.verify();
      const reopened = MultiStore.open(restored.db.reopen(), STORES);
      assert.deepEqual(reopened.appHash, stores.appHash);
      assert.equal(reopened.isRestored, false);
    }
  });

  it('has the same bytes on every node: a restored one, a pruned one, and one that went on since', async () => {
    const chain = await randomStores(Random.announced('same bytes'));
    const { stores } = chain;
    const version = stores.version;
    const bytes = piecesOf(stores);
    const restored = await restore(offerOf(version, bytes), stores.appHash);
    assert.deepEqual(piecesOf(restored.stores), bytes);
    const release = stores.hold(version);
    for (let i = 0; i < 5; i += 1) await chain.block();
    assert.equal(await stores.prune(stores.version), version, 'a held version is not pruned');
    assert.deepEqual(piecesOf(stores, version), bytes);
    release();
    assert.equal(await stores.prune(stores.version), stores.version);
  });

  it('of an empty state can be restored', async () => {
    const stores = MultiStore.open(new MemoryDb(), STORES);
    await stores.commit();
    const restored = await restore(offerOf(1, piecesOf(stores)), stores.appHash);
    assert.equal(restored.verdict, 'accept');
    assert.deepEqual(restored.stores.appHash, stores.appHash);
  });

  it('of many chunks is restored with items that lie across the cuts', async () => {
    const stores = MultiStore.open(new MemoryDb(), STORES);
    const random = Random.announced('large');
    for (let i = 0; i < 60; i += 1) {
      const value = random.bytes(1000);
      const large = concat(...Array<Uint8Array>(200).fill(value));
      stores.store('acc').set(utf8(`key ${i}`), large);
      stores.store('index').set(utf8(`key ${i}`).reverse(), Uint8Array.of(1));
    }
    await stores.commit();
    const made = offerOf(1, piecesOf(stores));
    assert.ok(made.chunks.length > 2);
    assert.equal(made.chunks[0]!.length, SNAPSHOT_CHUNK_BYTES);
    const restored = await restore(made, stores.appHash);
    assert.equal(restored.verdict, 'accept');
    await restored.stores.verify();
  });

  it('is the same whether its items are read at once or byte by byte', async () => {
    const { stores } = await randomStores(Random.announced('bytes'));
    const bytes = piecesOf(stores);
    assert.deepEqual(bytesOf(itemsOf(bytes)), bytes);
  });

  it('can be asked for again after a wrong chunk, without starting over', async () => {
    const { stores } = await randomStores(Random.announced('retry'));
    const { offer, chunks } = offerOf(stores.version, piecesOf(stores));
    const target = MultiStore.open(new MemoryDb(), STORES);
    const { appHash } = stores;
    const running = target.restore({ offer, appHash, chainId: CHAIN, owner: OWNER });
    const wrong = chunks[0]!.slice();
    wrong[100]! ^= 1;
    assert.equal(await running.apply(0, wrong), 'retry');
    assert.equal(await running.apply(0, new Uint8Array(0)), 'retry');
    assert.equal(await running.apply(0, chunks[0]!), 'accept');
  });

  it('leaves an empty database behind when it is broken off, whenever that is', async () => {
    const random = Random.announced('broken off');
    const { stores } = await randomStores(random, 5);
    const { offer, chunks } = offerOf(stores.version, piecesOf(stores));
    const { appHash } = stores;
    const writes = await countWrites(new BreakingDb(Infinity));
    assert.ok(writes > 2);
    for (let stopAt = 0; stopAt < writes; stopAt += 1) {
      const db = new BreakingDb(stopAt);
      await assert.rejects(run(db), /disk/);
      const after = db.reopen();
      await discardUnfinished(after);
      const reopened = MultiStore.open(after, STORES);
      assert.equal(reopened.version, 0, `after ${stopAt} writes`);
      assert.deepEqual(await contentOf(after), []);
    }

    async function run(db: BreakingDb): Promise<void> {
      const target = MultiStore.open(db, STORES);
      const running = target.restore({ offer, appHash, chainId: CHAIN, owner: OWNER });
      for (const [index, chunk] of chunks.entries()) await running.apply(index, chunk);
    }
    async function countWrites(db: BreakingDb): Promise<number> {
      await run(db);
      return db.writes;
    }
  });

  it('that nothing was built on can be taken back', async () => {
    const { stores } = await randomStores(Random.announced('taken back'));
    const restored = await restore(offerOf(stores.version, piecesOf(stores)), stores.appHash);
    assert.ok(restored.stores.isRestored);
    await restored.stores.forgetRestored();
    assert.equal(restored.stores.version, 0);
    assert.deepEqual(await contentOf(restored.db), []);
    assert.ok(!equal(restored.stores.appHash, stores.appHash));
  });
});

/** Fails every write from the given one on, as a process that was killed. */
class BreakingDb extends MemoryDb {
  writes = 0;
  readonly #stopAt: number;

  constructor(stopAt: number) {
    super();
    this.#stopAt = stopAt;
  }

  override batch(...args: Parameters<MemoryDb['batch']>): Promise<void> {
    if (this.writes >= this.#stopAt) return Promise.reject(new Error('the disk is gone'));
    this.writes += 1;
    return super.batch(...args);
  }
}

import assert from 'node:assert/strict';
import { InvariantError } from '../../../node/base/errors.ts';
import { toText } from '../../../node/store/kv.ts';
import { MemoryDb } from '../../../node/store/memory-db.ts';
import { MultiStore } from '../../../node/store/multi-store.ts';
import { Random } from './random.ts';

const NAMES = { iavl: ['bank', 'acc'], plain: ['index'] };
const ALL = [...NAMES.iavl, ...NAMES.plain];

type Write = readonly [store: string, key: Uint8Array, value: Uint8Array | undefined];

function writes(random: Random, count: number): Write[] {
  return Array.from({ length: count }, () => {
    const key = random.bytes(1 + random.below(2)).map((byte) => byte & 0x8f);
    return [
      random.pick(ALL),
      key,
      random.chance(25) ? undefined : random.bytes(1 + random.below(5)),
    ];
  });
}

function apply(stores: MultiStore, list: readonly Write[]): void {
  const branch = stores.branch();
  for (const [name, key, value] of list) {
    if (value) branch.store(name).set(key, value);
    else branch.store(name).delete(key);
  }
  branch.write();
}

const contentOf = (stores: MultiStore, of: 'working' | 'committed'): unknown =>
  ALL.map((name) => {
    const store = of === 'working' ? stores.store(name) : stores.committed(name);
    return [...store.iterate()].map(([key, value]) => {
      assert.deepEqual(store.get(key), value);
      return [toText(key), toText(value)];
    });
  });

describe('what a chain begins with', () => {
  it('outlives rollbacks, is read as committed, and is stored with the first commit', async () => {
    const random = Random.announced('retain');
    for (let run = 0; run < 60; run++) {
      const first = writes(random, random.below(60));
      const block = writes(random, random.below(40));
      const expected = MultiStore.open(new MemoryDb(), NAMES);
      apply(expected, first);
      const before = contentOf(expected, 'working');
      apply(expected, block);
      const appHash = await expected.commit();

      let db = new MemoryDb();
      const stores = MultiStore.open(db, NAMES);
      apply(stores, first);
      stores.retain();
      for (let proposals = random.below(3); proposals >= 0; proposals--) {
        apply(stores, writes(random, 30));
        if (random.chance(50)) stores.workingHash();
        assert.deepEqual(contentOf(stores, 'committed'), before);
        stores.rollback();
        assert.deepEqual(contentOf(stores, 'working'), before);
      }
      apply(stores, block);
      assert.deepEqual(await stores.commit(), appHash);
      stores.rollback();
      assert.deepEqual(contentOf(stores, 'working'), contentOf(expected, 'working'));
      db = db.reopen();
      const again = MultiStore.open(db, NAMES);
      assert.deepEqual(contentOf(again, 'committed'), contentOf(expected, 'committed'));
      await again.verify();
    }
  });

  it('is there only before the first commit', async () => {
    const stores = MultiStore.open(new MemoryDb(), NAMES);
    await stores.commit();
    assert.throws(() => stores.retain(), InvariantError);
  });

  it('is gone after a stop before the first commit: nothing of it is on the disk', () => {
    const db = new MemoryDb();
    const stores = MultiStore.open(db, NAMES);
    apply(stores, [['bank', Uint8Array.of(1), Uint8Array.of(2)]]);
    stores.retain();
    assert.deepEqual(contentOf(MultiStore.open(db.reopen(), NAMES), 'working'), [[], [], []]);
  });
});

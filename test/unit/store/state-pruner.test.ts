import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toHex, utf8 } from '../../../node/base/bytes.ts';
import { COMPACTION_SLICE_BYTES, MAX_PRUNED_VERSIONS_PER_CALL } from '../../../node/base/limits.ts';
import { compactSlowly } from '../../../node/store/compaction.ts';
import type { Db, DbDisk } from '../../../node/store/db.ts';
import { LevelDb } from '../../../node/store/level-db.ts';
import { MemoryDb } from '../../../node/store/memory-db.ts';
import { MultiStore } from '../../../node/store/multi-store.ts';
import { StatePruner } from '../../../node/store/state-pruner.ts';
import { Random } from './random.ts';

const OPTIONS = { iavl: ['acc'], plain: [], cachedNodes: 100 };

async function filled(db: Db, versions: number, valueBytes: number): Promise<MultiStore> {
  const random = Random.announced('versions');
  const stores = MultiStore.open(db, OPTIONS);
  for (let i = 0; i < versions; i += 1) {
    for (let k = 0; k < 4; k += 1) {
      stores.store('acc').set(utf8(`key ${random.below(50)}`), random.bytes(valueBytes));
    }
    await stores.commit();
  }
  return stores;
}

describe('pruning of the state in the background', () => {
  it('goes on step by step until what may go is gone, also after a step was interrupted', async () => {
    const versions = 3 * MAX_PRUNED_VERSIONS_PER_CALL + 20;
    const stores = await filled(new MemoryDb(), versions, 5);
    const problems: unknown[] = [];
    const pruner = new StatePruner(stores, (error) => problems.push(error));
    pruner.wake(10);
    pruner.wake(versions - 9);
    assert.ok(stores.base <= 1 + MAX_PRUNED_VERSIONS_PER_CALL, 'a bounded number at once');
    await pruner.idle();
    assert.equal(stores.base, versions - 9);
    await stores.verify();
    await pruner.stop();
    pruner.wake(versions);
    assert.equal(stores.base, versions - 9);
    assert.deepEqual(problems, []);
  });

  it('leaves a version alone while it is held, and goes on when it is let go', async () => {
    const stores = await filled(new MemoryDb(), 40, 5);
    const pruner = new StatePruner(stores, (error) => assert.fail(String(error)));
    const release = stores.hold(17);
    pruner.wake(39);
    await pruner.idle();
    assert.equal(stores.base, 17);
    release();
    pruner.wake(39);
    await pruner.idle();
    assert.equal(stores.base, 39);
  });

  it('makes the folder smaller', async function () {
    this.timeout(120_000);
    const folder = await mkdtemp(join(tmpdir(), 'snap-state-'));
    const path = join(folder, 'state');
    const db = await LevelDb.open(path, { writeBufferBytes: 1 << 20 });
    const stores = await filled(db, 600, 4_000);
    const hash = toHex(stores.appHash);
    const before = await sizeOf(path);
    const pruner = new StatePruner(stores, (error) => assert.fail(String(error)));
    pruner.wake(stores.version);
    await pruner.idle();
    await stores.compact(() => false);
    await stores.verify();
    await db.close();
    const after = await sizeOf(path);
    console.log(`      ${before} bytes before, ${after} bytes after`);
    assert.ok(after < before / 4, `${before} -> ${after}`);
    const reopened = await LevelDb.open(path);
    assert.equal(toHex(MultiStore.open(reopened, OPTIONS).appHash), hash);
    await reopened.close();
    await rm(folder, { recursive: true });
  });
});

describe('compaction', () => {
  it('covers a range without gaps in slices of bounded size, and stops between two', async () => {
    const done: [string, string][] = [];
    /** A million bytes for each value of the second byte. */
    const disk: DbDisk = {
      sizeOf: async (start, end) => (place(end) - place(start)) * 1_000_000,
      compact: async (start, end) => {
        assert.ok((place(end) - place(start)) * 1_000_000 <= COMPACTION_SLICE_BYTES);
        done.push([toHex(start), toHex(end)]);
      },
    };
    const db = Object.assign(new MemoryDb(), { disk });
    const range = { start: utf8('b'), end: utf8('c') };
    await compactSlowly(db, [range], () => false);
    assert.equal(done[0]![0], toHex(range.start));
    assert.equal(done.at(-1)![1], toHex(range.end));
    for (let i = 1; i < done.length; i += 1) assert.equal(done[i]![0], done[i - 1]![1]);
    assert.ok(done.length >= 16);
    done.length = 0;
    await compactSlowly(db, [range], () => done.length === 3);
    assert.equal(done.length, 3);
  });
});

const place = (key: Uint8Array): number =>
  (key[0] ?? 0) * 256 + (key[1] ?? 0) + (key[2] ?? 0) / 256;

async function sizeOf(path: string): Promise<number> {
  const files = await readdir(path);
  const sizes = await Promise.all(files.map(async (name) => (await stat(join(path, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

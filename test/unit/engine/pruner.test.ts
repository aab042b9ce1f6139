import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { utf8 } from '../../../node/base/bytes.ts';
import { COMPACT_AFTER_BLOCKS, PRUNED_BLOCKS_PER_STEP } from '../../../node/base/limits.ts';
import { noMetrics, silentLogger, type Logger } from '../../../node/base/service.ts';
import { BlockStore } from '../../../node/engine/block-store.ts';
import { checkBlockStore, damaged } from '../../../node/engine/block-store-check.ts';
import { Pruner, type PruningPolicy } from '../../../node/engine/pruner.ts';
import type { DbOp } from '../../../node/store/db.ts';
import { LevelDb } from '../../../node/store/level-db.ts';
import type { MemoryDb } from '../../../node/store/memory-db.ts';
import { Random } from '../store/random.ts';
import { PARAMS, testChain, type TestChain } from './chain-fixture.ts';

/** One block a second, evidence counts for 10 blocks and 10 seconds. */
const LENGTH = 60;
const services = { logger: silentLogger, metrics: noMetrics };
const EVIDENCE = Number(PARAMS.evidence.maxAgeNumBlocks);

describe('pruning of blocks', () => {
  let chain: TestChain;
  before(async () => {
    chain = await testChain();
    await chain.grow(LENGTH);
  });

  /** The lowest height that is left of a copy of the chain. */
  async function baseAfter(policy: PruningPolicy, retainHeight: number): Promise<number> {
    const store = BlockStore.open(chain.blockDb.reopen(), damaged);
    const pruner = new Pruner(store, policy, services);
    pruner.wake(retainHeight);
    await pruner.idle();
    checkBlockStore(store);
    assert.equal(store.height(), LENGTH);
    return store.base();
  }

  const table: readonly (readonly [string, PruningPolicy, number, number])[] = [
    ['the operator keeps all', { keepRecent: 0, keepMs: 0 }, LENGTH, 1],
    ['the operator wants 20', { keepRecent: 20, keepMs: 0 }, LENGTH, LENGTH - 19],
    ['the application needs all', { keepRecent: 20, keepMs: 0 }, 0, 1],
    ['the application needs more', { keepRecent: 20, keepMs: 0 }, 30, 30],
    ['the application needs less', { keepRecent: 20, keepMs: 0 }, 50, LENGTH - 19],
    ['evidence needs more', { keepRecent: 1, keepMs: 0 }, LENGTH, LENGTH - EVIDENCE],
    ['light clients trust for 30 s', { keepRecent: 1, keepMs: 30_000 }, LENGTH, LENGTH - 30],
    ['light clients trust for 8 s', { keepRecent: 1, keepMs: 8_000 }, LENGTH, LENGTH - EVIDENCE],
    ['there are fewer than wanted', { keepRecent: 99, keepMs: 0 }, LENGTH, 1],
  ];
  for (const [when, policy, retainHeight, base] of table) {
    it(`leaves the blocks from ${base} on when ${when}`, async () => {
      assert.equal(await baseAfter(policy, retainHeight), base);
    });
  }

  it('tells of each block before it goes, and tries again after a failure', async () => {
    const store = BlockStore.open(chain.blockDb.reopen(), damaged);
    const errors: string[] = [];
    const error = (text: string): number => errors.push(text);
    const logger = { ...silentLogger, error } as Logger;
    const pruner = new Pruner(store, { keepRecent: 20, keepMs: 0 }, { ...services, logger });
    const told: number[] = [];
    pruner.onPrune(async ({ block }, results) => {
      assert.ok(results);
      told.push(block.header.height);
      if (told.length === 5) throw new Error('the index is not there');
    });
    pruner.wake(LENGTH);
    await pruner.idle();
    assert.deepEqual([errors.length, store.base()], [1, 1]);
    pruner.wake(LENGTH);
    await pruner.idle();
    assert.deepEqual(
      told.slice(5),
      Array.from({ length: 40 }, (_, i) => i + 1),
    );
    assert.equal(store.base(), 41);
    await pruner.stop();
    pruner.wake(LENGTH);
    assert.equal(store.base(), 41);
  });
});

describe('pruning of a long chain on a real disk', function () {
  this.timeout(180_000);
  const blocks = COMPACT_AFTER_BLOCKS + 150;
  let folder: string;
  let chain: TestChain;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'snap-pruner-'));
    const random = Random.announced('blocks');
    chain = await testChain();
    for (let i = 0; i < blocks; i += 1) {
      const text = Buffer.from(random.bytes(4_000)).toString('hex');
      chain.txs = [utf8(`k=${text}`)];
      await chain.grow(1);
    }
  });
  after(() => rm(folder, { recursive: true }));

  it('makes the folder smaller, a bounded number of blocks at a time', async () => {
    const path = join(folder, 'blocks');
    const db = await copied(chain.blockDb, path);
    const store = BlockStore.open(db, damaged);
    const before = await sizeOf(path);
    const pruner = new Pruner(store, { keepRecent: 100, keepMs: 0 }, services);
    let step = 0;
    let longest = 0;
    let base = store.base();
    pruner.onPrune(async () => {
      step = store.base() === base ? step + 1 : 1;
      base = store.base();
      longest = Math.max(longest, step);
    });
    pruner.wake(blocks);
    await pruner.idle();
    assert.equal(longest, PRUNED_BLOCKS_PER_STEP);
    assert.equal(store.base(), blocks - 99);
    checkBlockStore(store);
    await db.close();
    const after = await sizeOf(path);
    console.log(`      ${before} bytes before, ${after} bytes after`);
    assert.ok(after < before / 4, `${before} -> ${after}`);
  });
});

async function copied(from: MemoryDb, path: string): Promise<LevelDb> {
  const db = await LevelDb.open(path, { writeBufferBytes: 1 << 20 });
  let ops: DbOp[] = [];
  for await (const [key, value] of from.iterate()) {
    ops.push({ type: 'put', key, value });
    if (ops.length < 200) continue;
    await db.batch(ops);
    ops = [];
  }
  await db.batch(ops, { sync: true });
  return db;
}

async function sizeOf(path: string): Promise<number> {
  const files = await readdir(path);
  const sizes = await Promise.all(files.map(async (name) => (await stat(join(path, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

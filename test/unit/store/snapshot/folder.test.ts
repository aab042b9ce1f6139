import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { concat, utf8, type Bytes } from '../../../../node/base/bytes.ts';
import { SNAPSHOT_CHUNK_BYTES } from '../../../../node/base/limits.ts';
import { SnapshotFolder } from '../../../../node/store/snapshot/folder.ts';
import { Snapshotter } from '../../../../node/store/snapshot/snapshotter.ts';
import { Random } from '../random.ts';
import { CHAIN, offerOf, OWNER, piecesOf, randomStores, restore } from './fixture.ts';

async function* pieces(...list: Bytes[]): AsyncIterableIterator<Bytes> {
  yield* list;
}

describe('snapshots on disk', () => {
  let path: string;
  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'snap-folder-'));
  });
  afterEach(() => rm(path, { recursive: true }));

  it('are cut at the same places as an offer says, and found again after a restart', async () => {
    const folder = await SnapshotFolder.open(path);
    const random = Random.announced('pieces');
    const block = random.bytes(1_000_003);
    const list = [block, block, utf8('x'), block, block, block];
    const made = await folder.write(9, pieces(...list));
    const { offer, chunks } = offerOf(9, concat(...list));
    assert.deepEqual(made, offer);
    assert.equal(chunks[0]!.length, SNAPSHOT_CHUNK_BYTES);
    await folder.write(12, pieces(utf8('small')));
    const reopened = await SnapshotFolder.open(path);
    assert.deepEqual(
      reopened.list().map(({ height }) => height),
      [12, 9],
    );
    assert.deepEqual(reopened.list()[1], offer);
    for (const [index, chunk] of chunks.entries()) {
      assert.deepEqual(await reopened.chunk(9, 1, index), chunk);
    }
    for (const [height, format, index] of [
      [9, 1, 2],
      [9, 1, -1],
      [9, 1, 0.5],
      [9, 2, 0],
      [10, 1, 0],
    ] as const) {
      assert.equal(await reopened.chunk(height, format, index), undefined);
    }
  });

  it('that a crash left unfinished, or that lack a part, are removed at the start', async () => {
    const folder = await SnapshotFolder.open(path);
    for (const height of [1, 2, 3, 4]) await folder.write(height, pieces(utf8(`${height}`)));
    await mkdir(join(path, '5-1.unfinished'));
    await writeFile(join(path, '5-1.unfinished', '0'), 'half');
    await rm(join(path, '2-1', '0'));
    await rm(join(path, '3-1', 'list'));
    const list = await readFile(join(path, '4-1', 'list'));
    list[3]! ^= 1;
    await writeFile(join(path, '4-1', 'list'), list);
    await writeFile(join(path, 'notes of the operator'), 'x');
    const reopened = await SnapshotFolder.open(path);
    assert.deepEqual(
      reopened.list().map(({ height }) => height),
      [1],
    );
    assert.deepEqual((await readdir(path)).sort(), ['1-1', 'notes of the operator']);
  });

  it('whose bytes have changed are not served', async () => {
    const folder = await SnapshotFolder.open(path);
    await folder.write(1, pieces(utf8('content')));
    await writeFile(join(path, '1-1', '0'), 'CONTENT');
    assert.equal(await folder.chunk(1, 1, 0), undefined);
  });

  it('leave nothing behind when their making fails', async () => {
    const folder = await SnapshotFolder.open(path);
    await folder.write(1, pieces(utf8('old')));
    async function* failing(): AsyncIterableIterator<Bytes> {
      yield utf8('half');
      throw new Error('damaged');
    }
    await assert.rejects(folder.write(2, failing()), /damaged/);
    assert.deepEqual(await readdir(path), ['1-1']);
  });

  it('go when newer ones are enough', async () => {
    const folder = await SnapshotFolder.open(path);
    for (const height of [5, 9, 7]) await folder.write(height, pieces(utf8(`${height}`)));
    await folder.keepNewest(2);
    assert.deepEqual((await readdir(path)).sort(), ['7-1', '9-1']);
    assert.deepEqual(
      folder.list().map(({ height }) => height),
      [9, 7],
    );
  });

  it('are taken while blocks go on and old versions are pruned', async () => {
    const chain = await randomStores(Random.announced('live'), 30);
    const { stores } = chain;
    const folder = await SnapshotFolder.open(path);
    const problems: unknown[] = [];
    const onProblem = (error: unknown): number => problems.push(error);
    const options = { chainId: CHAIN, owner: OWNER, keepRecent: 1, onProblem };
    const snapshotter = new Snapshotter(stores, folder, options);
    const [height, appHash, bytes] = [stores.version, stores.appHash, piecesOf(stores)];
    snapshotter.begin();
    let blocks = 0;
    for (; folder.list().length === 0; blocks += 1) {
      snapshotter.begin();
      await chain.block();
      // What runs in the background needs its turn: this database never waits for a disk.
      await new Promise((resolve) => setImmediate(resolve));
      await stores.prune(stores.version);
    }
    await snapshotter.idle();
    assert.ok(blocks > 0);
    const { offer, chunks } = offerOf(height, bytes);
    assert.deepEqual(folder.list(), [offer]);
    assert.deepEqual(await folder.chunk(height, 1, 0), chunks[0]);
    assert.equal((await restore({ offer, chunks }, appHash)).verdict, 'accept');
    await stores.prune(stores.version);
    assert.equal(stores.base, stores.version);
    assert.deepEqual(problems, []);
  });

  it('are given up when the node stops, and begin no more', async () => {
    const { stores } = await randomStores(Random.announced('stop'), 30);
    const folder = await SnapshotFolder.open(path);
    const onProblem = (error: unknown): void => assert.fail(String(error));
    const options = { chainId: CHAIN, owner: OWNER, keepRecent: 1, onProblem };
    const snapshotter = new Snapshotter(stores, folder, options);
    snapshotter.begin();
    await snapshotter.stop();
    snapshotter.begin();
    await snapshotter.idle();
    assert.deepEqual(await readdir(path), []);
  });
});

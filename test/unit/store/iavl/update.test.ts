import assert from 'node:assert/strict';
import { toHex } from '../../../../node/base/bytes.ts';
import { hashNode, type TreeNode } from '../../../../node/store/iavl/node.ts';
import { fitsInPage } from '../../../../node/store/iavl/page-update.ts';
import { walk } from '../../../../node/store/iavl/walk.ts';
import { DamagedStoreError } from '../../../../node/store/errors.ts';
import { fromText, type KvPair } from '../../../../node/store/kv.ts';
import { Random } from '../random.ts';
import { SavedTree } from './saved-tree.ts';

type Content = Map<string, Uint8Array>;

const keyOf = (n: number): string => String(n).padStart(4 + (n % 5) * 20, '0');
const byKey = (a: string, b: string): number => (a < b ? -1 : 1);

function pairs(content: Content): KvPair[] {
  return [...content.keys()].sort(byKey).map((key) => [fromText(key), content.get(key)!]);
}

/** Updates the tree as a store does: at once what can be, the rest key by key. */
function write(saved: SavedTree, changes: Content): void {
  const keys = [...changes.keys()].sort(byKey);
  const together = keys.filter((key) => fitsInPage(key, changes.get(key)!));
  const values = together.map((key) => changes.get(key)!);
  const missing = new Set(saved.tree.update(together, values).map((index) => together[index]!));
  for (const key of keys) {
    const alone = !together.includes(key) || missing.has(key);
    if (alone) saved.tree.set(key, changes.get(key)!);
  }
}

function setEach(saved: SavedTree, changes: Content): void {
  for (const key of [...changes.keys()].sort(byKey)) saved.tree.set(key, changes.get(key)!);
}

function shapeOf(saved: SavedTree, node: TreeNode | undefined): unknown[] {
  if (!node) return [];
  saved.nodes.load(node);
  assert.equal(hashNode(node), node.hash);
  const self = [node.key, node.height, node.version, node.size, toHex(fromText(node.hash!))];
  return [self, ...shapeOf(saved, node.left), ...shapeOf(saved, node.right)];
}

async function filled(count: number, cachedPageBytes: number): Promise<SavedTree> {
  const saved = new SavedTree(1, cachedPageBytes);
  for (let i = 0; i < count; i++) saved.tree.set(keyOf(i), Uint8Array.of(1, i & 0xff));
  await saved.save();
  return saved;
}

/** Notes the places of all pages that the database is asked for. */
function asked(saved: SavedTree): Set<string> {
  const places = new Set<string>();
  const get = saved.db.get.bind(saved.db);
  saved.db.get = (key) => {
    places.add(toHex(key));
    return get(key);
  };
  return places;
}

describe('values written from page to page', () => {
  it('give the tree that setting each key gives, whatever else is done in the version', async () => {
    const random = Random.announced('updates');
    for (const bytes of [0, 3_000, 1 << 24]) {
      const [quick, plain] = [new SavedTree(1, bytes), new SavedTree(1)];
      const content: Content = new Map();
      for (let version = 1; version <= 60; version++) {
        for (let part = random.below(4); part >= 0; part--) {
          const changes: Content = new Map();
          for (let i = random.below(60); i > 0; i--) {
            const size = random.pick([1, 5, 40, 400, 508, 509, 600]);
            changes.set(keyOf(random.below(500)), new Uint8Array(size).fill(version));
          }
          const before = [...content];
          quick.tree.freeze();
          const open = walk(quick.nodes, quick.tree.root, {});
          write(quick, changes);
          setEach(plain, changes);
          for (const [key, value] of changes) content.set(key, value);
          for (let i = random.below(10); i > 0; i--) {
            const key = keyOf(random.below(500));
            assert.deepEqual(quick.tree.remove(key), plain.tree.remove(key));
            content.delete(key);
          }
          assert.deepEqual([...open], pairs(new Map(before)), 'an open iterator');
          if (random.chance(30)) assert.deepEqual(quick.tree.rootHash(), plain.tree.rootHash());
        }
        const cached = random.pick([0, 200, Infinity]);
        assert.deepEqual(await quick.save(cached), await plain.save());
        if (version % 10 > 0) continue;
        assert.deepEqual([...walk(quick.nodes, quick.tree.root, {})], pairs(content));
        const fresh = [quick.root(version), plain.root(version)] as const;
        assert.deepEqual(shapeOf(quick, fresh[0]), shapeOf(plain, fresh[1]));
      }
    }
  });

  it('are written once, however often a version changes them, and nothing else is', async () => {
    const saved = await filled(1_000, 1 << 20);
    const change = (i: number): Content => new Map([[keyOf(500), Uint8Array.of(2, i)]]);
    for (let i = 0; i < 5; i++) write(saved, change(i));
    const before = (await saved.places()).length;
    await saved.save();
    // 1,000 leaves make ten levels or eleven: the bands of heights 0 to 3, 4 to 6, 7 to 9 and 10.
    const more = (await saved.places()).length - before;
    assert.ok(more <= 4, `${more} pages`);
  });

  it('leave a tree without any of the keys as it is', async () => {
    const saved = await filled(100, 1 << 20);
    const [root, hash] = [saved.tree.root, saved.tree.rootHash()];
    assert.deepEqual(saved.tree.update(['!', 'zz'], [Uint8Array.of(1), Uint8Array.of(2)]), [0, 1]);
    assert.equal(saved.tree.root, root);
    assert.deepEqual(saved.tree.rootHash(), hash);
    const empty = new SavedTree();
    assert.deepEqual(empty.tree.update(['a'], [Uint8Array.of(1)]), [0]);
  });

  it('take 512 bytes of key and value together at most', () => {
    assert.equal(fitsInPage('k'.repeat(12), new Uint8Array(500)), true);
    assert.equal(fitsInPage('k'.repeat(12), new Uint8Array(501)), false);
  });

  it('are gone after a reset, and their pages are never met again', async () => {
    const saved = await filled(500, 1 << 20);
    const hash = saved.tree.rootHash();
    const root = saved.tree.root;
    for (let i = 0; i < 3; i++) {
      write(saved, new Map([[keyOf(7 + i), Uint8Array.of(9)]]));
      const given = saved.tree.root!.nonce;
      saved.tree.reset(root);
      assert.deepEqual(saved.tree.rootHash(), hash);
      write(saved, new Map([[keyOf(7 + i), Uint8Array.of(8)]]));
      assert.ok(saved.tree.root!.nonce > given, 'a number was given again');
      saved.tree.reset(root);
    }
    write(saved, new Map([[keyOf(7), Uint8Array.of(5)]]));
    await saved.save();
    const expected = [...walk(saved.nodes, saved.root(1), {})].map(([key, value]) =>
      key.length === keyOf(7).length && toHex(key) === toHex(fromText(keyOf(7)))
        ? [key, Uint8Array.of(5)]
        : [key, value],
    );
    assert.deepEqual([...walk(saved.nodes, saved.root(2), {})], expected);
  });

  it('read no page from the database that was written lately', async () => {
    const saved = await filled(2_000, 1 << 24);
    const places = asked(saved);
    for (let version = 0; version < 30; version++) {
      write(saved, new Map([[keyOf(version * 61), Uint8Array.of(3)]]));
      await saved.save();
    }
    assert.deepEqual([...places], []);
  });

  it('notice a page of the database that was changed or has gone', async () => {
    const random = Random.announced('damaged pages');
    const saved = await filled(300, 0);
    const changes: Content = new Map();
    for (let i = 0; i < 300; i += 2) changes.set(keyOf(i), Uint8Array.of(4));
    const outcomes = { noticed: 0, unnoticed: 0 };
    const places = await saved.places();
    for (let i = 0; i < 300; i++) {
      const place = random.pick(places);
      const record = saved.db.get(place)!;
      const bent = record.slice();
      const at = random.below(bent.length);
      bent[at] = bent[at]! ^ (1 << random.below(8));
      await saved.db.batch([{ type: 'put', key: place, value: bent }]);
      try {
        write(saved, changes);
        outcomes.unnoticed++;
      } catch (error) {
        assert.ok(error instanceof DamagedStoreError, String(error));
        outcomes.noticed++;
      }
      saved.tree.reset(saved.root(1));
      await saved.db.batch([{ type: 'put', key: place, value: record }]);
    }
    // Unnoticed for now: split keys, and hashes and places of what the change does not pass.
    console.log(`      ${JSON.stringify(outcomes)}`);
    assert.ok(outcomes.noticed > 150);
    await saved.db.batch([{ type: 'del', key: places[0]! }]);
    assert.throws(() => write(saved, changes), /is missing/);
  });
});

import assert from 'node:assert/strict';
import type { TreeNode } from '../../../../node/store/iavl/node.ts';
import { walk } from '../../../../node/store/iavl/walk.ts';
import { fromText } from '../../../../node/store/kv.ts';
import { Random } from '../random.ts';
import { SavedTree } from './saved-tree.ts';

/** The roots of all pages below a node, and how many nodes there are. */
function census(saved: SavedTree, node: TreeNode): { pages: TreeNode[]; nodes: number } {
  saved.nodes.load(node);
  const below = [node.left, node.right]
    .filter((child) => child !== undefined)
    .map((child) => census(saved, child));
  return {
    pages: [...(node.nonce > 0 ? [node] : []), ...below.flatMap(({ pages }) => pages)],
    nodes: below.reduce((sum, { nodes }) => sum + nodes, 1),
  };
}

async function filled(count: number, valueBytes = 20): Promise<SavedTree> {
  const saved = new SavedTree();
  for (let i = 0; i < count; i++) {
    saved.tree.set(String(i).padStart(6, '0'), new Uint8Array(valueBytes).fill(i % 251));
  }
  await saved.save();
  return saved;
}

describe('pages of tree nodes', () => {
  it('hold fifteen nodes at most, and many on the whole', async () => {
    const saved = await filled(5_000);
    const { pages, nodes } = census(saved, saved.root(1)!);
    assert.equal(nodes, 2 * 5_000 - 1);
    assert.ok(pages.length < nodes / 5, `${pages.length} pages`);
    assert.ok(pages.length >= nodes / 15);
    const sizes = pages.filter(({ height }) => height < 4).map(({ size }) => size);
    assert.ok(Math.max(...sizes) <= 8, 'more than eight leaves');
  });

  it('hold keys and values of 512 bytes together beside others; a longer one has a page of its own', async () => {
    const [together, alone] = [await filled(8, 512 - 6), await filled(8, 512 - 5)];
    assert.equal(census(together, together.root(1)!).pages.length, 1);
    assert.equal(census(alone, alone.root(1)!).pages.length, 1 + 8);
  });

  it('show what was written whatever the sizes, over saves, removals and pruning', async () => {
    const random = Random.announced('pages');
    const saved = new SavedTree();
    const kept = new Map<number, Map<string, Uint8Array>>();
    const content = new Map<string, Uint8Array>();
    const lengths = [1, 30, 480, 511, 512, 513, 5_000, 70_000];
    for (let version = 1; version <= 40; version++) {
      for (let i = random.below(60); i >= 0; i--) {
        const name = random.below(400);
        const key = String.fromCharCode(name >> 8, name & 0xff).padEnd(2 + (name % 9) * 120, 'k');
        if (random.chance(35)) {
          saved.tree.remove(key);
          content.delete(key);
        } else {
          const value = new Uint8Array(random.pick(lengths)).fill(version);
          saved.tree.set(key, value);
          content.set(key, value);
        }
      }
      await saved.save(random.pick([0, 50, 10_000]));
      kept.set(version, new Map(content));
      if (version === 25) await saved.prune(20);
    }
    for (let version = 21; version <= 40; version++) {
      const expected = [...kept.get(version)!].sort(([a], [b]) => (a < b ? -1 : 1));
      const found = [...walk(saved.nodes, saved.root(version), {})];
      assert.deepEqual(
        found,
        expected.map(([key, value]) => [fromText(key), value]),
        `version ${version}`,
      );
    }
  });
});

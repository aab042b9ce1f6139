import assert from 'node:assert/strict';
import { concat, equal, utf8, type Bytes } from '../../../../node/base/bytes.ts';
import { sha256 } from '../../../../node/base/hash.ts';
import { MAX_SNAPSHOT_CHUNKS, SNAPSHOT_CHUNK_BYTES } from '../../../../node/base/limits.ts';
import { judgeOffer, type Snapshot } from '../../../../node/store/snapshot/format.ts';
import type { Item } from '../../../../node/store/snapshot/items.ts';
import type { MultiStore } from '../../../../node/store/multi-store.ts';
import { Random } from '../random.ts';
import {
  bytesOf,
  contentOf,
  itemsOf,
  offerOf,
  offerOfChunks,
  piecesOf,
  randomStores,
  restore,
} from './fixture.ts';

type Poison = (items: readonly Item[], random: Random, stores: MultiStore) => readonly Item[];

const placesOf = (items: readonly Item[], ...kinds: Item['kind'][]): number[] =>
  items.flatMap((item, index) => (kinds.includes(item.kind) ? [index] : []));

function replaced(items: readonly Item[], at: number, ...by: Item[]): Item[] {
  return [...items.slice(0, at), ...by, ...items.slice(at + 1)];
}

/** Changes one random item of the given kinds. */
function changing(kinds: Item['kind'][], change: (item: Item, random: Random) => Item[]): Poison {
  return (items, random) => {
    const at = random.pick(placesOf(items, ...kinds));
    return replaced(items, at, ...change(items[at]!, random));
  };
}

const flipped = (bytes: Bytes, random: Random): Bytes => {
  const copy = bytes.slice();
  copy[random.below(copy.length)]! ^= 1 + random.below(255);
  return copy;
};

const POISONS: Readonly<Record<string, Poison>> = {
  'another value in a leaf': changing(['leaf'], (item, random) => [
    { ...(item as Item & { kind: 'leaf' }), value: random.bytes(5) },
  ]),
  'another key in a leaf': changing(['leaf'], (item, random) => {
    const leaf = item as Item & { kind: 'leaf' };
    return [{ ...leaf, key: flipped(leaf.key, random) }];
  }),
  'another version of a node': changing(['leaf', 'inner'], (item, random) => {
    const node = item as Item & { kind: 'inner' };
    return [{ ...node, version: node.version + random.pick([-1, 1, 5, 2 ** 40]) } as Item];
  }),
  'a node twice': changing(['leaf', 'inner'], (item) => [item, item]),
  'a missing node': changing(['leaf', 'inner'], () => []),
  'an inner node more': changing(['leaf'], (item) => [item, { kind: 'inner', version: 1 }]),
  'leaves without inner nodes': (items) => items.filter(({ kind }) => kind !== 'inner'),
  'two items in the wrong order': (items, random) => {
    const at = random.pick(placesOf(items, 'leaf', 'pair').filter((one) => one + 1 < items.length));
    return [...items.slice(0, at), items[at + 1]!, items[at]!, ...items.slice(at + 2)];
  },
  'another value in a carried pair': changing(['pair'], (item, random) => {
    const pair = item as Item & { kind: 'pair' };
    return [{ ...pair, value: flipped(pair.value, random) }];
  }),
  'a carried pair that the trees do not know': changing(['pair'], (item) => [
    item,
    { kind: 'pair', key: utf8('~ nobody knows'), value: utf8('planted') },
  ]),
  'a carried pair twice': changing(['pair'], (item) => [item, item]),
  'a missing pair': changing(['pair'], () => []),
  'a pair for a store that is built, not carried': (items) => {
    const at = placesOf(items, 'plain').at(-1)!;
    return replaced(items, at, items[at]!, { kind: 'pair', key: utf8('k'), value: utf8('v') });
  },
  'a store more': changing(['tree', 'plain'], (item) => [item, { kind: 'tree', name: 'more' }]),
  'a missing store': changing(['tree', 'plain'], () => []),
  'another name of a store': changing(['tree', 'plain'], (item) => [
    { kind: (item as Item & { kind: 'tree' }).kind, name: 'other' },
  ]),
  'another height': changing(['head'], (item, random) => {
    const head = item as Item & { kind: 'head' };
    return [{ ...head, height: head.height + random.pick([-1, 1]) }];
  }),
  'another chain': changing(['head'], (item) => [
    { ...(item as Item & { kind: 'head' }), chainId: 'test-2' },
  ]),
  'no head': (items) => items.slice(1),
  'the head twice': (items) => [items[0]!, ...items],
  'nothing but head and end': (items) => [items[0]!, { kind: 'end' }],
  'no end': (items) => items.slice(0, -1),
  'something behind the end': (items, random) => [...items, random.pick(items)],
  'the end in the middle': changing(['leaf', 'pair'], (item) => [item, { kind: 'end' }]),
};

describe('poisoned snapshots', () => {
  it('are never accepted, whatever is wrong in them, and leave nothing behind', async () => {
    const random = Random.announced('poison');
    let refused = 0;
    for (let round = 0; round < 8; round += 1) {
      const { stores } = await randomStores(random, 3 + random.below(8));
      const honest = piecesOf(stores);
      const items = itemsOf(honest);
      for (const [name, poison] of Object.entries(POISONS)) {
        const bytes = bytesOf(poison(items, random, stores));
        assert.ok(!equal(bytes, honest), name);
        await assertRefused(offerOf(stores.version, bytes), stores, name);
        refused += 1;
      }
    }
    console.log(`      ${refused} poisoned snapshots, 0 accepted`);
  });

  it('with random bytes changed, cut out or put in are never accepted', async () => {
    const random = Random.announced('bytes');
    const { stores } = await randomStores(random, 6);
    const honest = piecesOf(stores);
    for (let round = 0; round < 200; round += 1) {
      const at = random.below(honest.length);
      const end = Math.min(honest.length, at + 1 + random.below(8));
      const middle = random.pick([
        flipped(honest.subarray(at, end), random),
        random.bytes(9),
        new Uint8Array(0),
      ]);
      const bytes = concat(honest.subarray(0, at), middle, honest.subarray(end));
      if (equal(bytes, honest)) continue;
      await assertRefused(offerOf(stores.version, bytes), stores, `bytes ${at} to ${end}`);
    }
  });

  it('with empty keys or values, or numbers beyond all bounds, are refused', async () => {
    const { stores } = await randomStores(Random.announced('bounds'), 4);
    const head = bytesOf([itemsOf(piecesOf(stores))[0]!, { kind: 'tree', name: 'acc' }]);
    const tails = {
      'an empty key': [2, 1, 0],
      'an empty value': [2, 1, 1, 65, 0],
      'a key of 1,025 bytes': [2, 1, 0x81, 0x08],
      'a value of a megabyte and one': [2, 1, 1, 65, 0x81, 0x80, 0x40],
      'a number without an end': [2, ...Array<number>(20).fill(0xff)],
      'an unknown item': [7],
    };
    for (const [name, tail] of Object.entries(tails)) {
      const bytes = concat(head, Uint8Array.from(tail));
      await assertRefused(offerOf(stores.version, bytes), stores, name);
    }
  });

  it('in chunks of another size than all use are refused', async () => {
    const { stores } = await randomStores(Random.announced('sizes'), 4);
    const bytes = piecesOf(stores);
    await assertRefused(offerOf(stores.version, bytes, 100), stores, 'small chunks');
    const long = concat(bytes, new Uint8Array(SNAPSHOT_CHUNK_BYTES));
    await assertRefused(offerOf(stores.version, long, long.length), stores, 'one long chunk');
  });

  it('that promise another app hash than the trusted one are refused', async () => {
    const { stores } = await randomStores(Random.announced('app hash'), 4);
    const made = offerOf(stores.version, piecesOf(stores));
    const restored = await restore(made, sha256(utf8('another state')));
    assert.equal(restored.verdict, 'reject');
    assert.deepEqual(await contentOf(restored.db), []);
  });
});

describe('offers of snapshots', () => {
  const good = offerOfChunks(7, [utf8('a'), utf8('b')]);
  const change = (fields: Partial<Snapshot>): Snapshot => ({ ...good, ...fields });
  const many = (count: number): Snapshot => {
    const metadata = new Uint8Array(32 * count);
    return change({ chunks: count, metadata, hash: sha256(metadata) });
  };
  const table: readonly (readonly [string, Snapshot, string])[] = [
    ['is accepted when it is sound', good, 'accept'],
    ['of another format is refused as such', change({ format: 2 }), 'reject-format'],
    ['of height 0 is refused', change({ height: 0 }), 'reject'],
    ['of height 1.5 is refused', change({ height: 1.5 }), 'reject'],
    ['without chunks is refused', many(0), 'reject'],
    ['with more hashes than chunks is refused', change({ chunks: 1 }), 'reject'],
    ['with fewer hashes than chunks is refused', change({ chunks: 3 }), 'reject'],
    [
      'whose hash is not that of the list is refused',
      change({ hash: sha256(utf8('x')) }),
      'reject',
    ],
    ['with as many chunks as allowed is accepted', many(MAX_SNAPSHOT_CHUNKS), 'accept'],
    ['with one chunk more is refused', many(MAX_SNAPSHOT_CHUNKS + 1), 'reject'],
  ];
  for (const [name, offer, expected] of table) {
    it(name, () => assert.equal(judgeOffer(offer), expected));
  }
});

async function assertRefused(
  made: ReturnType<typeof offerOf>,
  stores: MultiStore,
  name: string,
): Promise<void> {
  const restored = await restore(made, stores.appHash);
  assert.equal(restored.verdict, 'reject', name);
  assert.equal(restored.stores.version, 0, name);
  assert.deepEqual(await contentOf(restored.db), [], name);
}

import assert from 'node:assert/strict';
import { compare, fromUtf8, utf8 } from '../../../node/base/bytes.ts';
import { CacheStore } from '../../../node/store/cache-store.ts';
import {
  fromText,
  keyText,
  iteratePrefix,
  prefixEnd,
  toText,
  type KvStore,
} from '../../../node/store/kv.ts';
import { MemoryDb } from '../../../node/store/memory-db.ts';
import { MultiStore } from '../../../node/store/multi-store.ts';
import { Random } from './random.ts';

function emptyStore(kind: 'iavl' | 'plain' = 'iavl'): KvStore {
  const stores = MultiStore.open(new MemoryDb(), { iavl: ['s'], plain: ['p'] });
  return stores.store(kind === 'iavl' ? 's' : 'p');
}

function filled(text: string): KvStore {
  const store = emptyStore();
  for (const key of text.split(' ')) store.set(utf8(key), utf8(`${key}0`));
  return store;
}

const listed = (pairs: Iterable<[Uint8Array, Uint8Array]>): string =>
  [...pairs].map(([key, value]) => `${fromUtf8(key)}=${fromUtf8(value)}`).join(' ');

describe('a cache store', () => {
  it('shows its writes, and its parent does not until they are handed down', () => {
    const parent = filled('a b c');
    const cache = new CacheStore(parent);
    cache.set(utf8('b'), utf8('new'));
    cache.delete(utf8('c'));
    cache.set(utf8('d'), utf8('d0'));
    assert.equal(listed(cache.iterate()), 'a=a0 b=new d=d0');
    assert.equal(listed(parent.iterate()), 'a=a0 b=b0 c=c0');
    assert.equal(cache.has(utf8('c')), false);
    assert.equal(cache.get(utf8('c')), undefined);
    cache.writeTo(parent);
    assert.equal(listed(parent.iterate()), 'a=a0 b=new d=d0');
    assert.equal(cache.size, 0);
  });

  it('forgets its writes when discarded', () => {
    const parent = filled('a');
    const cache = new CacheStore(parent);
    cache.set(utf8('z'), utf8('1'));
    cache.discard();
    assert.equal(listed(cache.iterate()), 'a=a0');
  });

  it('iterates over what was there when the iteration began', () => {
    const cache = new CacheStore(filled('a c e'));
    cache.set(utf8('b'), utf8('b0'));
    const seen: string[] = [];
    for (const [key] of cache.iterate()) {
      seen.push(fromUtf8(key));
      cache.delete(key);
      cache.delete(utf8('e'));
      cache.set(utf8('f'), utf8('f0'));
    }
    assert.deepEqual(seen, ['a', 'b', 'c', 'e']);
    assert.equal(listed(cache.iterate()), 'f=f0');
  });

  it('hands changes down in key order', () => {
    const order: string[] = [];
    const parent = emptyStore();
    const target: KvStore = {
      get: (key) => parent.get(key),
      has: (key) => parent.has(key),
      iterate: (start, end, reverse) => parent.iterate(start, end, reverse),
      set: (key) => void order.push(`+${keyText(key)}`),
      delete: (key) => void order.push(`-${keyText(key)}`),
    };
    const cache = new CacheStore(target);
    for (const key of ['m', 'b', 'z', 'a']) cache.set(utf8(key), utf8('1'));
    cache.delete(utf8('n'));
    cache.delete(utf8('z'));
    cache.writeTo(target);
    assert.deepEqual(order, ['+a', '+b', '+m', '-n', '-z']);
  });

  it('keeps a copy of what it is given to commit', () => {
    for (const store of [emptyStore(), emptyStore('plain')]) {
      for (const value of [utf8('1'), Buffer.from('1')]) {
        const cache = new CacheStore(store);
        cache.set(utf8('a'), value);
        cache.writeTo(store);
        value.fill(0);
        assert.deepEqual(store.get(utf8('a')), utf8('1'));
      }
    }
  });

  it('takes keys as bytes and as their text alike', () => {
    const store = emptyStore();
    for (const target of [new CacheStore(store), store, emptyStore('plain')]) {
      for (const key of [Uint8Array.of(0, 127, 128, 255), utf8('é')]) {
        target.set(toText(key), utf8('1'));
        assert.deepEqual(target.get(key), utf8('1'));
        assert.ok(target.has(toText(key)));
        target.delete(key);
        assert.equal(target.get(toText(key)), undefined);
      }
    }
  });

  it('agrees with a map in random use, three caches deep', () => {
    const random = Random.announced('cache store');
    for (let round = 0; round < 200; round++) compareWithMap(random);
  });
});

function compareWithMap(random: Random): void {
  const base = emptyStore(random.chance(50) ? 'iavl' : 'plain');
  const layers: KvStore[] = [base];
  let model = new Map<string, Uint8Array>();
  const saved: Map<string, Uint8Array>[] = [];
  for (let step = 0; step < 60; step++) {
    const top = layers.at(-1)!;
    const key = random.bytes(1 + random.below(2)).map((byte) => byte & 0x87);
    const action = random.below(10);
    if (action < 5) {
      const value = random.bytes(1 + random.below(3));
      top.set(key, value);
      model.set(toText(key), value);
    } else if (action < 7) {
      top.delete(key);
      model.delete(toText(key));
    } else if (action === 7 && layers.length < 4) {
      layers.push(new CacheStore(top));
      saved.push(new Map(model));
    } else if (action === 8 && layers.length > 1) {
      (layers.pop() as CacheStore).writeTo(layers.at(-1)!);
      saved.pop();
    } else if (action === 9 && layers.length > 1) {
      layers.pop();
      model = saved.pop()!;
    }
    checkRange(layers.at(-1)!, model, random);
  }
}

function checkRange(store: KvStore, model: Map<string, Uint8Array>, random: Random): void {
  const start = random.chance(50) ? random.bytes(1) : undefined;
  const end = random.chance(50) ? random.bytes(1) : undefined;
  const reverse = random.chance(50);
  const expected = [...model]
    .map(([key, value]): [Uint8Array, Uint8Array] => [fromText(key), value])
    .filter(([key]) => (!start || compare(key, start) >= 0) && (!end || compare(key, end) < 0))
    .sort((a, b) => compare(a[0], b[0]) * (reverse ? -1 : 1));
  assert.deepEqual([...store.iterate(start, end, reverse)], expected);
  const probe = random.bytes(1);
  assert.deepEqual(store.get(probe), model.get(toText(probe)));
  assert.equal(store.has(probe), model.has(toText(probe)));
}

describe('every store', () => {
  for (const kind of ['iavl', 'plain'] as const) {
    // The reference tree takes these; nothing could be proved about them or their neighbours.
    it(`refuses empty and oversized keys and values (${kind})`, () => {
      const store = emptyStore(kind);
      for (const target of [store, new CacheStore(store)]) {
        assert.throws(() => target.set(utf8('k'), utf8('')), /invalid store value/);
        assert.throws(() => target.set(utf8(''), utf8('v')), /invalid store key/);
        assert.throws(() => target.delete(utf8('')), /invalid store key/);
        target.set(new Uint8Array(1_024), new Uint8Array(1_048_576));
        assert.throws(() => target.set(new Uint8Array(1_025), utf8('v')), /1025 bytes/);
        assert.throws(() => target.set(utf8('k'), new Uint8Array(1_048_577)), /1048577 bytes/);
      }
    });
  }

  it('finds the end of a prefix', () => {
    assert.deepEqual(prefixEnd(Uint8Array.of(1, 2)), Uint8Array.of(1, 3));
    assert.deepEqual(prefixEnd(Uint8Array.of(1, 255)), Uint8Array.of(2));
    assert.equal(prefixEnd(Uint8Array.of(255, 255)), undefined);
    assert.equal(listed(iteratePrefix(filled('a aa ab b'), utf8('a'))), 'a=a0 aa=aa0 ab=ab0');
  });
});

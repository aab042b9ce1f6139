import assert from 'node:assert/strict';
import { compare, concat, equal, toHex, utf8 } from '../../../node/base/bytes.ts';
import { readCommit } from '../../../node/store/boot-check.ts';
import { stubOf, type TreeNode } from '../../../node/store/iavl/node.ts';
import { NodeStore } from '../../../node/store/iavl/node-store.ts';
import { decodeProof } from '../../../node/store/ics23/codec.ts';
import { IAVL_SPEC, TENDERMINT_SPEC } from '../../../node/store/ics23/types.ts';
import {
  rootOfProof,
  verifyMembership,
  verifyNonMembership,
} from '../../../node/store/ics23/verify.ts';
import type { MultiStoreBranch } from '../../../node/store/branch.ts';
import { fromText, toText } from '../../../node/store/kv.ts';
import { MemoryDb } from '../../../node/store/memory-db.ts';
import { MultiStore } from '../../../node/store/multi-store.ts';
import { Random } from './random.ts';

type Content = Map<string, Uint8Array>;

const OPTIONS = {
  iavl: ['bank', 'acc'],
  plain: ['index'],
  cachedNodes: 30,
  cachedValueBytes: 2_000,
};
const NAMES = ['acc', 'bank', 'index'] as const;

/** The same operations on the stores and on maps, with everything compared on the way. */
class Twin {
  db = new MemoryDb();
  stores = MultiStore.open(this.db, OPTIONS);
  working = new Map<string, Content>(NAMES.map((name) => [name, new Map()]));
  readonly kept = new Map<number, { hash: Uint8Array; content: Map<string, Content> }>();
  readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  writeBlock(): void {
    const { random } = this;
    const branch = this.stores.branch();
    for (let i = random.below(40); i > 0; i--) {
      const name = random.pick(NAMES);
      const key = random.bytes(1 + random.below(2)).map((byte) => byte & 0x8f);
      const content = this.working.get(name)!;
      if (random.chance(30)) {
        branch.store(name).delete(key);
        content.delete(toText(key));
      } else {
        const value = random.bytes(1 + random.below(5));
        branch.store(name).set(key, value);
        content.set(toText(key), value);
      }
    }
    branch.write();
  }

  async commit(): Promise<void> {
    const working = this.stores.workingHash();
    const hash = await this.stores.commit();
    assert.deepEqual(hash, working, 'the working hash is the committed one');
    const content = new Map([...this.working].map(([name, map]) => [name, new Map(map)]));
    this.kept.set(this.stores.version, { hash, content });
  }

  async prune(): Promise<void> {
    const keepFrom = this.stores.base + this.random.below(5);
    const base = await this.stores.prune(keepFrom);
    for (const version of this.kept.keys()) if (version < base) this.kept.delete(version);
  }

  reopen(): void {
    this.db = this.db.reopen();
    this.stores = MultiStore.open(this.db, OPTIONS);
    const last = this.kept.get(this.stores.version);
    this.working = new Map(NAMES.map((name) => [name, new Map(last?.content.get(name) ?? [])]));
  }

  rollback(): void {
    this.stores.rollback();
    const last = this.kept.get(this.stores.version);
    this.working = new Map(NAMES.map((name) => [name, new Map(last?.content.get(name))]));
  }

  check(): void {
    for (const name of NAMES) {
      const pairs = [...this.stores.store(name).iterate()];
      assert.deepEqual(pairs, sorted(this.working.get(name)!));
    }
    if (this.kept.size === 0) return;
    const version = this.random.pick([...this.kept.keys()]);
    const { hash, content } = this.kept.get(version)!;
    const name = this.random.pick(['acc', 'bank']);
    const expected = content.get(name)!;
    assert.deepEqual([...this.stores.at(version).store(name).iterate()], sorted(expected));
    if (version > 1) this.checkProof(version, name, hash);
  }

  checkProof(version: number, store: string, hash: Uint8Array): void {
    const content = this.kept.get(version)!.content.get(store)!;
    const key = this.random.bytes(1 + this.random.below(2)).map((byte) => byte & 0x8f);
    const answer = this.stores.query({ store, key, height: version, prove: true });
    assert.deepEqual(answer.value, content.get(toText(key)));
    const [first, second] = answer.proofOps.map((op) => decodeProof(op.data));
    if (content.size === 0) return;
    const root = rootOfProof(first!);
    if (answer.value) verifyMembership(IAVL_SPEC, first!, { root, key, value: answer.value });
    else verifyNonMembership(IAVL_SPEC, first!, { root, key });
    const claim = { root: hash, key: utf8(store), value: root };
    verifyMembership(TENDERMINT_SPEC, second!, claim);
  }
}

function sorted(content: Content): [Uint8Array, Uint8Array][] {
  return [...content]
    .map(([key, value]): [Uint8Array, Uint8Array] => [fromText(key), value])
    .sort((a, b) => compare(a[0], b[0]));
}

/** Notes the letter of every key that is looked up. */
function noting(db: MemoryDb, asked: string[]): MemoryDb {
  const get = db.get.bind(db);
  db.get = (key) => {
    asked.push(String.fromCharCode(key[0]!));
    return get(key);
  };
  return db;
}

function pagesBelow(source: NodeStore, node: TreeNode): number {
  source.load(node);
  const below = [node.left, node.right].filter((child) => child !== undefined);
  const own = node.nonce > 0 ? 1 : 0;
  return below.reduce((sum, child) => sum + pagesBelow(source, child), own);
}

describe('the multi-store', () => {
  it('agrees with maps over random blocks, prunes, rollbacks and restarts', async () => {
    const random = Random.announced('multi-store');
    for (let run = 0; run < 12; run++) {
      const twin = new Twin(random);
      for (let step = 0; step < 60; step++) {
        twin.writeBlock();
        twin.check();
        const action = random.below(10);
        if (action < 6) await twin.commit();
        else if (action === 6) await twin.prune();
        else if (action === 7) twin.reopen();
        else if (action === 8) twin.rollback();
        twin.check();
      }
      await twin.stores.verify();
    }
  });

  it('leaves nothing behind in the database when all but one version is pruned', async () => {
    const random = Random.announced('pruning');
    const twin = new Twin(random);
    for (let i = 0; i < 40; i++) {
      twin.writeBlock();
      await twin.commit();
    }
    await twin.stores.prune(40);
    const counts = new Map<string, number>();
    for await (const [key] of twin.db.iterate()) {
      const kind = String.fromCharCode(key[0]!);
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    const sizes = NAMES.map((name) => twin.working.get(name)!.size);
    const pages = readCommit(twin.db, 40).stores.map(({ name, root }) => {
      return root ? pagesBelow(new NodeStore(twin.db, name), stubOf(root)) : 0;
    });
    assert.equal(
      counts.get('n'),
      pages.reduce((a, b) => a + b),
    );
    assert.equal(
      counts.get('v'),
      sizes.reduce((a, b) => a + b),
    );
    assert.equal(counts.get('c'), 1);
    assert.equal(counts.get('o'), undefined);
  });

  it('gives the same hash however execution was cut into branches', async () => {
    const make = () => MultiStore.open(new MemoryDb(), OPTIONS);
    const [one, two] = [make(), make()];
    const keys = ['q', 'a', 'z', 'm', 'b'];
    const outer = one.branch();
    for (const key of keys) outer.store('bank').set(utf8(key), utf8('1'));
    outer.write();
    const nested = two.branch();
    for (const key of keys) {
      const inner = nested.branch();
      inner.store('bank').set(utf8(key), utf8('1'));
      inner.write();
      const failed = nested.branch();
      failed.store('bank').set(utf8(`${key}!`), utf8('1'));
      failed.discard();
    }
    nested.write();
    assert.equal(toHex(one.workingHash()), toHex(two.workingHash()));
    assert.equal(toHex(await one.commit()), toHex(await two.commit()));
  });

  it('takes back what was written to a branch since a mark, and nothing else', () => {
    const random = Random.announced('journal');
    const stores = MultiStore.open(new MemoryDb(), OPTIONS);
    const branch = stores.branch();
    const shown = () => toHex(concat(...[...branch.store('bank').iterate()].flat()));
    const write = (state: MultiStoreBranch) => {
      const key = Uint8Array.of(random.below(6));
      if (random.chance(70)) state.store('bank').set(key, random.bytes(2));
      else state.store('bank').delete(key);
    };
    for (let round = 0; round < 300; round++) {
      write(branch);
      const marks: [number, string][] = [];
      for (let step = 0; step < random.below(12); step++) {
        if (random.chance(30)) marks.push([branch.mark(), shown()]);
        if (random.chance(30)) {
          const inner = branch.branch();
          write(inner);
          if (random.chance(50)) inner.write();
        } else write(branch);
      }
      while (marks.length > 0 && random.chance(80)) {
        const [mark, before] = marks.pop()!;
        branch.undo(mark);
        assert.equal(shown(), before);
      }
      const kept = shown();
      branch.keep();
      assert.equal(shown(), kept);
    }
  });

  it('reads a newest value with one look-up at most, and does not walk the tree', async () => {
    const db = new MemoryDb();
    const stores = MultiStore.open(db, OPTIONS);
    for (let i = 0; i < 3_000; i++) stores.store('bank').set(utf8(`key ${i}`), utf8(`${i}`));
    await stores.commit();
    const asked: string[] = [];
    const opened = MultiStore.open(noting(db.reopen(), asked), OPTIONS);
    for (let i = 0; i < 3_000; i += 7) {
      asked.length = 0;
      assert.deepEqual(opened.store('bank').get(utf8(`key ${i}`)), utf8(`${i}`));
      assert.deepEqual(asked, ['v']);
      opened.store('bank').get(utf8(`key ${i}`));
      assert.deepEqual(asked, ['v'], 'what was read is remembered');
    }
  });

  it('keeps plain stores out of the app hash, but in the same commit', async () => {
    const db = new MemoryDb();
    const stores = MultiStore.open(db, OPTIONS);
    stores.store('bank').set(utf8('k'), utf8('v'));
    const before = stores.workingHash();
    stores.store('index').set(utf8('k'), utf8('v'));
    assert.deepEqual(stores.workingHash(), before);
    await stores.commit([{ type: 'put', key: utf8('note'), value: utf8('1') }]);
    const again = MultiStore.open(db.reopen(), OPTIONS);
    assert.deepEqual(again.store('index').get(utf8('k')), utf8('v'));
    assert.deepEqual(again.readExtra(utf8('note')), utf8('1'));
    assert.throws(() => again.at(1).store('index'), /store index at version 1/);
  });

  it('shows the committed state of both kinds beside uncommitted writes', async () => {
    const stores = MultiStore.open(new MemoryDb(), OPTIONS);
    for (const name of ['bank', 'index']) stores.store(name).set(utf8('a'), utf8('1'));
    await stores.commit();
    for (const name of ['bank', 'index']) {
      stores.store(name).set(utf8('b'), utf8('2'));
      stores.store(name).set(utf8('a'), utf8('3'));
      const committed = stores.committed(name);
      assert.deepEqual([...committed.iterate()], [[utf8('a'), utf8('1')]]);
      assert.deepEqual(committed.get(utf8('a')), utf8('1'));
      assert.equal(committed.has(utf8('b')), false);
      stores.store(name).delete(utf8('a'));
      assert.equal(committed.has(utf8('a')), true);
    }
  });

  it('refuses writes while a commit is under way, and everything after a failed one', async () => {
    const db = new MemoryDb();
    const stores = MultiStore.open(db, OPTIONS);
    stores.store('bank').set(utf8('k'), utf8('v'));
    const running = stores.commit();
    assert.throws(() => stores.store('bank').set(utf8('k'), utf8('w')), /during its commit/);
    assert.deepEqual(stores.store('bank').get(utf8('k')), utf8('v'));
    await assert.rejects(stores.commit(), /commit called/);
    await running;
    db.batch = () => Promise.reject(new Error('disk full'));
    await assert.rejects(stores.commit(), /disk full/);
    await assert.rejects(stores.commit(), /commit called/);
    assert.equal(stores.version, 1);
  });

  it('goes on at an iterator’s snapshot when a store is written to below it', () => {
    const stores = MultiStore.open(new MemoryDb(), OPTIONS);
    const bank = stores.store('bank');
    for (const key of ['a', 'b', 'c', 'd']) bank.set(utf8(key), utf8('1'));
    const pairs = bank.iterate();
    for (const key of ['a', 'b', 'c']) bank.delete(utf8(key));
    assert.equal([...pairs].length, 4);
    assert.equal([...bank.iterate()].length, 1);
  });

  it('refuses another set of stores unless an upgrade names the difference', async () => {
    const db = new MemoryDb();
    const stores = MultiStore.open(db, { iavl: ['a', 'b'], plain: ['p'] });
    stores.store('b').set(utf8('k'), utf8('v'));
    stores.store('p').set(utf8('k'), utf8('v'));
    await stores.commit();
    const open = (iavl: string[], plain: string[], upgrade = {}) =>
      MultiStore.open(db, { iavl, plain, upgrade });
    assert.throws(() => open(['a', 'b', 'c'], ['p']), /c is new/);
    assert.throws(() => open(['a'], ['p']), /b is in the database/);
    assert.throws(() => open(['a', 'p'], ['b']), /was of kind/);
    assert.throws(() => open(['a', 'a'], ['p']), /named twice/);
    const upgrade = { added: ['c'], renamed: [['b', 'd']], deleted: ['p'] };
    const next = open(['a', 'c', 'd'], [], upgrade);
    next.store('d').delete(utf8('k'));
    next.rollback();
    await next.commit();
    await next.prune(2);
    const after = open(['a', 'c', 'd'], [], upgrade);
    assert.deepEqual(after.store('d').get(utf8('k')), utf8('v'));
    await after.verify();
    for await (const [key] of db.iterate()) {
      assert.ok(!equal(key.slice(0, 3), utf8('n\u0001b')), 'nodes of the old store are gone');
      assert.ok(!equal(key.slice(0, 3), utf8('v\u0001p')), 'values of the old store are gone');
    }
  });
});

describe('a state query', () => {
  async function two(): Promise<MultiStore> {
    const stores = MultiStore.open(new MemoryDb(), OPTIONS);
    for (const value of ['1', '2', '3']) {
      stores.store('bank').set(utf8('k'), utf8(value));
      await stores.commit();
    }
    await stores.prune(2);
    return stores;
  }
  const ask = (stores: MultiStore, height: number, prove = true, store = 'bank') =>
    stores.query({ store, key: utf8('k'), height, prove });

  it('answers height 0 with the newest committed version, not the working state', async () => {
    const stores = await two();
    stores.store('bank').set(utf8('k'), utf8('later'));
    assert.equal(ask(stores, 0).height, 3);
    assert.deepEqual(ask(stores, 0).value, utf8('3'));
    assert.deepEqual(ask(stores, 2).value, utf8('2'));
  });

  it('refuses with the codes and texts of the Cosmos SDK', async () => {
    const stores = await two();
    const refused = (height: number, store: string, code: number, text: RegExp) =>
      assert.throws(
        () => ask(stores, height, true, store),
        (error: { code?: number; message: string }) =>
          error.code === code && text.test(error.message),
      );
    refused(1, 'bank', 18, /cannot query with proof when height <= 1/);
    refused(-1, 'bank', 18, /height <= 1/);
    refused(4, 'bank', 26, /height in the future/);
    refused(2, 'nosuch', 6, /no such store: nosuch: unknown request/);
    refused(2, 'index', 6, /doesn't support queries/);
    await stores.prune(3);
    refused(2, 'bank', 18, /proof is unexpectedly empty; ensure height has not been pruned/);
  });
});

import assert from 'node:assert/strict';
import { toHex, utf8 } from '../../../node/base/bytes.ts';
import type { DbOp } from '../../../node/store/db.ts';
import { decodeProof } from '../../../node/store/ics23/codec.ts';
import { IAVL_SPEC, TENDERMINT_SPEC } from '../../../node/store/ics23/types.ts';
import {
  rootOfProof,
  verifyMembership,
  verifyNonMembership,
} from '../../../node/store/ics23/verify.ts';
import { fromText, toText, type KvPair, type KvReader } from '../../../node/store/kv.ts';
import { MemoryDb } from '../../../node/store/memory-db.ts';
import { MultiStore } from '../../../node/store/multi-store.ts';
import { Random } from './random.ts';

type Content = Map<string, Uint8Array>;
type State = Map<string, Content>;

const HASHED = ['acc', 'bank'] as const;
const ALL = [...HASHED, 'index'] as const;
const SET = { iavl: [...HASHED], plain: ['index'] };

/** A synced batch is written, and reported as written, when the test says so. */
class HeldDb extends MemoryDb {
  #held: { ops: readonly DbOp[]; report: () => void } | undefined;
  #awaited: (() => void) | undefined;

  override batch(ops: readonly DbOp[], options?: { readonly sync?: boolean }): Promise<void> {
    if (!options?.sync) return super.batch(ops);
    const copies = ops.map((op) => ({
      ...op,
      key: op.key.slice(),
      ...('value' in op && { value: new Uint8Array(op.value) }),
    }));
    return new Promise((report) => {
      this.#held = { ops: copies as DbOp[], report };
      this.#awaited?.();
    });
  }

  async held(): Promise<void> {
    if (!this.#held) await new Promise<void>((resolve) => (this.#awaited = resolve));
  }

  async write(): Promise<void> {
    await super.batch(this.#held!.ops);
  }

  report(): void {
    const { report } = this.#held!;
    this.#held = undefined;
    report();
  }
}

/** As one text, which is compared faster than many arrays. */
const shown = (pairs: Iterable<KvPair>): string =>
  [...pairs].map(([key, value]) => `${toText(key)}=${toHex(value)}`).join(' ');

const sorted = (content: Content): string =>
  shown([...content.keys()].sort().map((key): KvPair => [fromText(key), content.get(key)!]));

const copyOf = (state: State): State =>
  new Map([...state].map(([name, content]) => [name, new Map(content)]));

interface Version {
  readonly hash: Uint8Array;
  readonly state: State;
}

/** What one run compares: the stores under test, and the same blocks written key by key into others. */
class Run {
  readonly db = new HeldDb();
  readonly stores: MultiStore;
  readonly slow = MultiStore.open(new MemoryDb(), { ...SET, cachedPageBytes: 0, cachedNodes: 0 });
  readonly versions = new Map<number, Version>();
  readonly random: Random;
  working: State = new Map(ALL.map((name) => [name, new Map()]));

  constructor(random: Random) {
    this.random = random;
    this.stores = MultiStore.open(this.db, {
      ...SET,
      cachedNodes: random.pick([0, 30, 100_000]),
      cachedPageBytes: random.pick([0, 10_000, 1 << 24]),
      cachedValueBytes: random.pick([0, 2_000, 1 << 20]),
    });
  }

  key(): Uint8Array {
    return utf8(String(this.random.below(600)).padStart(1 + this.random.below(3), '0'));
  }

  /** Writes a block in one or more parts, the same into both. */
  block(): void {
    const { random } = this;
    for (let part = random.below(3); part >= 0; part--) {
      const branch = this.stores.branch();
      const changes = new Map<string, Map<string, Uint8Array | null>>();
      for (let i = random.below(80); i > 0; i--) {
        const name = random.pick(ALL);
        const key = this.key();
        const value = random.chance(20) ? null : random.bytes(random.pick([1, 9, 300, 520]));
        if (value) branch.store(name).set(key, value);
        else branch.store(name).delete(key);
        const list = changes.get(name) ?? new Map<string, Uint8Array | null>();
        changes.set(name, list.set(toText(key), value));
      }
      branch.write();
      for (const [name, list] of changes) {
        for (const text of [...list.keys()].sort()) {
          const value = list.get(text)!;
          if (value) this.slow.store(name).set(fromText(text), value);
          else this.slow.store(name).delete(fromText(text));
          if (value) this.working.get(name)!.set(text, value);
          else this.working.get(name)!.delete(text);
        }
      }
    }
  }

  rollback(): void {
    this.stores.rollback();
    this.slow.rollback();
    const last = this.versions.get(this.stores.version)?.state;
    this.working = last ? copyOf(last) : new Map(ALL.map((name) => [name, new Map()]));
  }

  /** Everything that can be read, whatever is under way. */
  check(): void {
    const { stores, random } = this;
    for (const name of ALL) {
      const key = this.key();
      const expected = this.working.get(name)!.get(toText(key));
      assert.deepEqual(stores.store(name).get(key), expected, 'working');
    }
    const newest = this.versions.get(stores.version);
    if (!newest) return;
    assert.deepEqual(stores.appHash, newest.hash);
    for (const name of ALL) {
      const content: Content = newest.state.get(name)!;
      const committed: KvReader = stores.committed(name);
      for (let i = 0; i < 20; i++) {
        const key = this.key();
        assert.deepEqual(committed.get(key), content.get(toText(key)), `${name} committed`);
      }
      assert.equal(shown(committed.iterate()), sorted(content), `${name} committed, all`);
    }
    const version = random.pick([...this.versions.keys()]);
    for (const name of HASHED) this.prove(version, name);
    this.prove(stores.version, 'bank');
  }

  prove(version: number, store: string): void {
    const { hash, state } = this.versions.get(version)!;
    const content = state.get(store)!;
    assert.equal(shown(this.stores.at(version).store(store).iterate()), sorted(content));
    if (version < 2 || content.size === 0) return;
    const key = this.key();
    const answer = this.stores.query({ store, key, height: version, prove: true });
    assert.deepEqual(answer.value, content.get(toText(key)));
    const [first, second] = answer.proofOps.map((op) => decodeProof(op.data));
    const root = rootOfProof(first!);
    if (answer.value) verifyMembership(IAVL_SPEC, first!, { root, key, value: answer.value });
    else verifyNonMembership(IAVL_SPEC, first!, { root, key });
    verifyMembership(TENDERMINT_SPEC, second!, { root: hash, key: utf8(store), value: root });
  }

  async prune(): Promise<void> {
    const base = await this.stores.prune(this.stores.base + this.random.below(4));
    for (const version of this.versions.keys()) if (version < base) this.versions.delete(version);
  }

  async commit(): Promise<void> {
    const running = this.stores.commit();
    await this.db.held();
    this.check();
    if (this.random.chance(40)) await this.prune();
    await this.db.write();
    this.check();
    if (this.random.chance(40)) await this.prune();
    this.check();
    this.db.report();
    const hash = await running;
    assert.deepEqual(hash, await this.slow.commit(), 'the app hash');
    this.versions.set(this.stores.version, { hash, state: copyOf(this.working) });
    this.check();
  }
}

describe('while a commit is being written', () => {
  it('all that can be read is of the version before, and whole', async () => {
    const random = Random.announced('during commits');
    for (let i = 0; i < 3; i++) {
      const run = new Run(random);
      for (let height = 0; height < 10; height++) {
        for (let undecided = random.below(3); undecided > 0; undecided--) {
          run.block();
          run.check();
          if (random.chance(50)) run.stores.workingHash();
          run.rollback();
          run.check();
        }
        run.block();
        await run.commit();
      }
      await run.stores.verify();
    }
  });
});

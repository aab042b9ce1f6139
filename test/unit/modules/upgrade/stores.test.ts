/** A chain on disk whose stores change at a planned height, with restarts and crashes at every step. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountText } from '../../../../node/app/address-text.ts';
import type { Context } from '../../../../node/app/context.ts';
import type { Module } from '../../../../node/app/module.ts';
import { moduleAddress } from '../../../../node/base/address.ts';
import { toHex, uint64ToBytes, utf8 } from '../../../../node/base/bytes.ts';
import type { Upgrades } from '../../../../node/upgrades.ts';
import { readCommit } from '../../../../node/store/boot-check.ts';
import type { Db } from '../../../../node/store/db.ts';
import { decodeProof } from '../../../../node/store/ics23/codec.ts';
import { pruneVersions } from '../../../../node/store/pruning.ts';
import { rootOfProof } from '../../../../node/store/ics23/verify.ts';
import { toText } from '../../../../node/store/kv.ts';
import { LevelDb } from '../../../../node/store/level-db.ts';
import { ChainAuthority } from '../../../../modules/upgrade/authority.ts';
import { upgradeModule } from '../../../../modules/upgrade/module.ts';
import {
  blockAt,
  genesisFor,
  initRequest,
  testApplication,
  testKey,
} from '../../../support/application.ts';
import { proves } from '../../store/ics23/multi-proof.ts';
import { SavedTree } from '../../store/iavl/saved-tree.ts';

const HEIGHT = 6;
const NOTES = 30;

/** Writes into its store in each block, so that no version of it is like another. */
function noteTaker(stores: readonly string[], written: string): Module {
  return {
    name: 'notes',
    stores: stores.map((name) => ({ name, kind: 'iavl' })),
    messages: [],
    queries: [],
    initGenesis: (context) => {
      for (let i = 0; i < NOTES; i++) context.store(written).set(utf8(`note ${i}`), utf8('1'));
    },
    exportGenesis: () => ({}),
    beginBlock: (context) => {
      const { height } = context.block;
      context.store(written).set(utf8(`note ${height % NOTES}`), uint64ToBytes(height));
    },
  };
}

const journal: Module = {
  name: 'journal',
  stores: [{ name: 'journal', kind: 'iavl' }],
  messages: [],
  queries: [],
  initGenesis: () => undefined,
  exportGenesis: () => ({}),
};

const UPGRADES: Upgrades = new Map([
  [
    'v2',
    {
      handler: (context: Context) => context.store('journal').set(utf8('begun'), utf8('v2')),
      stores: { added: ['journal'], renamed: [['notes_v1', 'notes']], deleted: ['scrap'] },
    },
  ],
]);

const OLD = { modules: [noteTaker(['notes_v1', 'scrap'], 'notes_v1')], upgrades: new Map() };
const NEW = { modules: [noteTaker(['notes'], 'notes'), journal], upgrades: UPGRADES };
type Program = { readonly modules: readonly Module[]; readonly upgrades: Upgrades };

function run(db: Db, { modules, upgrades }: Program) {
  const upgrade = upgradeModule({
    addresses: accountText,
    authority: new ChainAuthority(moduleAddress('gov')),
    handlers: new Map([...upgrades].map(([name, { handler }]) => [name, handler])),
    versions: modules.map(({ name }) => ({ name, version: 1n })),
  });
  return testApplication({ db, upgrades, modules: [upgrade, ...modules] }).app;
}

type App = ReturnType<typeof run>;

/** One home, whose programs are closed and opened again as the test goes on. */
class Home {
  readonly #folder = mkdtempSync(join(tmpdir(), 'store-upgrade-'));
  #db: LevelDb | undefined;

  async start(program: Program, wrap: (db: Db) => Db = (db) => db): Promise<App> {
    await this.stop();
    this.#db = await LevelDb.open(this.#folder);
    return run(wrap(this.#db), program);
  }

  get db(): LevelDb {
    assert(this.#db);
    return this.#db;
  }

  async stop(): Promise<void> {
    await this.#db?.close();
    this.#db = undefined;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true });
  }
}

async function block(app: App): Promise<string> {
  app.finalizeBlock(blockAt(app.info().height + 1, []));
  await app.commit();
  return toHex(app.info().appHash);
}

/** The old program up to the block before the upgrade. */
async function oldChain(home: Home): Promise<App> {
  const app = await home.start(OLD);
  const plan = { name: 'v2', height: String(HEIGHT), info: '' };
  app.initChain(initRequest({ ...genesisFor([testKey('ann')]), upgrade: { plan } }));
  while (app.info().height < HEIGHT - 1) await block(app);
  return app;
}

const refused = async (home: Home, program: Program, why: RegExp): Promise<void> =>
  assert.rejects(home.start(program), why);

/** Dies at the next commit: before it is written, or just after. */
function dying(when: 'before' | 'after'): (db: Db) => Db {
  return (db) => ({
    get: (key) => db.get(key),
    iterate: (range) => db.iterate(range),
    close: () => db.close(),
    batch: async (ops, options) => {
      if (when === 'after') await db.batch(ops, options);
      throw new Error('the process died');
    },
  });
}

describe('an upgrade that changes the stores of a chain on disk', () => {
  let home: Home;
  beforeEach(() => (home = new Home()));
  afterEach(() => home.remove());

  it('is made at the planned height, whatever is restarted, killed or tried too early before', async () => {
    const app = await home.start(OLD);
    const plan = { name: 'v2', height: String(HEIGHT), info: '' };
    app.initChain(initRequest({ ...genesisFor([testKey('ann')]), upgrade: { plan } }));
    await block(app);
    await refused(home, NEW, /journal is new/);
    const again = await home.start(OLD);
    while (again.info().height < HEIGHT - 1) {
      assert.equal(again.haltReason(), undefined);
      await block(again);
    }
    for (const old of [again, await home.start(OLD)]) {
      assert.match(old.haltReason()!, /UPGRADE "v2" NEEDED at height: 6/);
    }

    const hashes = new Set<string>();
    // Opened and closed; executed and not committed; executed twice; killed while it commits.
    let next = await home.start(NEW);
    assert.equal(next.haltReason(), undefined);
    next = await home.start(NEW);
    hashes.add(toHex(next.finalizeBlock(blockAt(HEIGHT, [])).appHash));
    hashes.add(toHex(next.finalizeBlock(blockAt(HEIGHT, [])).appHash));
    const unlucky = await home.start(NEW, dying('before'));
    unlucky.finalizeBlock(blockAt(HEIGHT, []));
    await assert.rejects(unlucky.commit(), /died/);
    const old = await home.start(OLD);
    assert.equal(old.info().height, HEIGHT - 1);
    const late = await home.start(NEW, dying('after'));
    hashes.add(toHex(late.finalizeBlock(blockAt(HEIGHT, [])).appHash));
    await assert.rejects(late.commit(), /died/);

    next = await home.start(NEW);
    assert.equal(next.info().height, HEIGHT);
    hashes.add(toHex(next.info().appHash));
    assert.equal(hashes.size, 1, [...hashes].join());
    await block(next);
    await refused(home, OLD, /journal is in the database but not wanted|notes_v1 is new/);
    next = await home.start(NEW);
    assert.equal(next.haltReason(), undefined);
    const resumed = await block(next);

    const other = new Home();
    await oldChain(other);
    const straight = await other.start(NEW);
    while (straight.info().height < HEIGHT + 1) await block(straight);
    assert.equal(resumed, await block(straight), 'a chain without restarts has the same hash');
    await other.remove();
  });

  it('gives the roots of the reference: renamed stores written anew, deleted ones gone, added ones there', async () => {
    await oldChain(home);
    const before = contentOf(await home.start(OLD), 'notes_v1');
    const next = await home.start(NEW);
    const appHash = await block(next);
    const { stores } = readCommit(home.db, HEIGHT);
    const names = stores.map(({ name }) => name);
    assert.ok(names.includes('notes') && names.includes('journal'));
    assert.ok(!names.includes('notes_v1') && !names.includes('scrap'));

    const notes = new SavedTree(HEIGHT);
    for (const [key, value] of before) notes.tree.set(toText(utf8(key)), value);
    notes.tree.set(`note ${HEIGHT % NOTES}`, uint64ToBytes(HEIGHT));
    const added = new SavedTree(HEIGHT);
    added.tree.set('begun', utf8('v2'));
    const proved: [string, string, SavedTree][] = [
      ['notes', 'note 7', notes],
      ['journal', 'begun', added],
    ];
    for (const [store, key, expected] of proved) {
      const request = { path: `/store/${store}/key`, data: utf8(key), height: HEIGHT };
      const { value, proofOps } = next.query({ ...request, prove: true });
      const proofs = proofOps.map(({ data }) => decodeProof(data));
      assert.equal(toHex(rootOfProof(proofs[0]!)), toHex(expected.tree.rootHash()), store);
      const claim = { appHash: next.info().appHash, store, key: utf8(key), value };
      assert.ok(proves(claim, proofs));
    }
    assert.equal(toHex(next.info().appHash), appHash);
  });

  it('leaves history before it readable, and nothing of old stores behind when that is pruned', async () => {
    await oldChain(home);
    let next = await home.start(NEW);
    for (let i = 0; i < 4; i++) await block(next);
    const ask = (height: number, store = 'bank') =>
      next.query({ path: `/store/${store}/key`, data: utf8('any'), height, prove: true });
    assert.equal(ask(HEIGHT - 1).code, 0);
    assert.match(ask(HEIGHT - 1, 'notes').log, /no such store at height 5: notes/);
    assert.equal(ask(HEIGHT, 'notes').code, 0);
    assert.match(ask(HEIGHT, 'scrap').log, /no such store: scrap/);

    await home.stop();
    next = await home.start(NEW);
    await pruneVersions(home.db, 1, HEIGHT + 1);
    next = await home.start(NEW);
    assert.match(ask(HEIGHT - 1).log, /ensure height has not been pruned/);
    assert.equal(ask(HEIGHT + 1, 'notes').code, 0);
    for await (const [key] of home.db.iterate()) {
      assert.doesNotMatch(toText(key), /^[nvd].*(notes_v1|scrap)/s, 'a rest of an old store');
    }
    await block(next);
  });
});

function contentOf(app: App, store: string): [string, Uint8Array][] {
  const keys = Array.from({ length: NOTES }, (_, i) => `note ${i}`).sort();
  return keys.map((key) => {
    const data = utf8(key);
    const { value } = app.query({ path: `/store/${store}/key`, data, height: 0, prove: false });
    return [key, value];
  });
}

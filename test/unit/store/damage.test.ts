import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toHex, utf8 } from '../../../node/base/bytes.ts';
import type { Db, DbOp } from '../../../node/store/db.ts';
import { commitKey, markerKey } from '../../../node/store/layout.ts';
import { LevelDb } from '../../../node/store/level-db.ts';
import { MemoryDb } from '../../../node/store/memory-db.ts';
import { MultiStore } from '../../../node/store/multi-store.ts';
import { STORES, writeBlock } from './crash-writer.ts';
import { Random } from './random.ts';

async function committed(db: Db, blocks: number, random: Random): Promise<string[]> {
  const stores = MultiStore.open(db, STORES);
  const hashes = [''];
  for (let i = 0; i < blocks; i++) {
    writeBlock(stores, stores.nextVersion, random);
    hashes.push(toHex(await stores.commit()));
    if (i % 10 === 9) await stores.prune(stores.version - 15);
  }
  return hashes;
}

describe('a commit is all or nothing', () => {
  it('leaves the state of one whole version wherever the writing stops', async () => {
    const random = Random.announced('stopped writes');
    const hashes = await committed(new MemoryDb(), 12, new Random(random.seed));
    for (let stop = 0; stop < 14; stop++) {
      const db = new MemoryDb();
      const whole = db.batch.bind(db);
      let batches = 0;
      db.batch = (ops: readonly DbOp[]) =>
        batches++ < stop ? whole(ops) : Promise.reject(new Error('the power is gone'));
      await committed(db, 12, new Random(random.seed)).catch(() => undefined);
      const after = MultiStore.open(db.reopen(), STORES);
      await after.verify();
      if (after.version > 0) assert.equal(toHex(after.appHash), hashes[after.version]);
    }
  });

  it('writes everything of a version, the tip included, in one synced batch', async () => {
    const db = new MemoryDb();
    const batches: { letters: Set<string>; sync: boolean | undefined }[] = [];
    const whole = db.batch.bind(db);
    db.batch = (ops: readonly DbOp[], options?: { sync?: boolean }) => {
      const letters = new Set(ops.map((op) => String.fromCharCode(op.key[0]!)));
      batches.push({ letters, sync: options?.sync });
      return whole(ops);
    };
    const stores = MultiStore.open(db, STORES);
    writeBlock(stores, 1, new Random(1));
    await stores.commit([{ type: 'put', key: utf8('x'), value: utf8('1') }]);
    assert.equal(batches.length, 1);
    assert.equal(batches[0]!.sync, true);
    assert.deepEqual([...batches[0]!.letters].sort(), ['b', 'c', 'e', 'h', 'n', 't', 'v']);
  });

  it('survives being killed: no committed version is lost, none is half there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bitscale-kill-'));
    let version = 0;
    for (let run = 0; run < 4; run++) {
      const last = await killedWriter(folder, 40 + run * 60);
      const db = await LevelDb.open(folder);
      const stores = MultiStore.open(db, STORES);
      await stores.verify();
      assert.ok(stores.version >= Math.max(version, last), 'an announced commit is gone');
      version = stores.version;
      await db.close();
    }
    assert.ok(version > 4);
    await rm(folder, { recursive: true });
  });
});

/** Runs a process that commits until it is killed; returns the last version it announced. */
function killedWriter(folder: string, milliseconds: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = fork(join(import.meta.dirname, 'crash-writer.ts'), [folder]);
    let last = 0;
    child.on('message', (version: number) => {
      if (last === 0) setTimeout(() => child.kill('SIGKILL'), milliseconds);
      last = version;
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      if (signal === 'SIGKILL') resolve(last);
      else reject(new Error(`the writer ended with ${code}`));
    });
  });
}

describe('a damaged state database', () => {
  const damages: [string, (db: MemoryDb) => Promise<void>, RegExp][] = [
    ['without a commit record', (db) => del(db, commitKey(18)), /version 18 is missing/],
    ['without the marker of a version', (db) => del(db, markerKey(3)), /version 3 is missing/],
    ['without its tip', (db) => del(db, utf8('t')), /tip record is missing/],
    ['without the oldest version', (db) => del(db, utf8('b')), /oldest version is missing/],
    ['with a changed tip', (db) => flip(db, utf8('t')), /tip record does not match/],
    ['with a changed commit record', (db) => flip(db, commitKey(19)), /checksum/],
    ['with a changed app hash', (db) => flip(db, markerKey(20)), /has app hash/],
  ];
  for (const [name, damage, text] of damages) {
    it(`${name} is refused when it is opened, with the way to repair it`, async () => {
      const db = new MemoryDb();
      await committed(db, 20, new Random(7));
      await damage(db);
      assert.throws(() => MultiStore.open(db, STORES), text);
    });
  }

  it('shows its damage when any single entry is changed or gone', async () => {
    const random = Random.announced('damaged entries');
    const sound = new MemoryDb();
    await committed(sound, 20, random);
    const live = liveKeys(sound);
    const keys: Uint8Array[] = [];
    for await (const [key] of sound.iterate()) keys.push(key);
    for (let i = 0; i < 200; i++) {
      const key = random.pick(keys);
      const db = sound.reopen();
      const deleted = random.chance(50);
      if (deleted) await del(db, key);
      else await flip(db, key);
      const noticed = await refused(db);
      assert.ok(noticed || harmless(key, deleted, live), `${toHex(key)} ${deleted}`);
    }
  });

  it('is never silently wrong, whichever LevelDB file is cut, zeroed or flipped', async () => {
    const random = Random.announced('damaged files');
    const folder = await mkdtemp(join(tmpdir(), 'bitscale-damage-'));
    const sound = join(folder, 'sound');
    const db = await LevelDb.open(sound, { writeBufferBytes: 1 << 17 });
    const hashes = await committed(db, 150, random);
    await db.close();
    const copies: string[] = [];
    for (const file of readdirSync(sound).filter((name) => !/^LOCK|^LOG/.test(name))) {
      for (const mutation of MUTATIONS) {
        const copy = join(folder, `copy${copies.length}`);
        await cp(sound, copy, { recursive: true });
        mutation(join(copy, file), random);
        copies.push(copy);
      }
    }
    const outcomes = { refused: 0, sound: 0, older: 0 };
    for (const { version, appHash } of await openedElsewhere(copies)) {
      if (version === undefined) outcomes.refused++;
      else outcomes[version === 150 ? 'sound' : 'older']++;
      if (version) assert.equal(appHash, hashes[version]);
    }
    console.log(`      ${JSON.stringify(outcomes)}`);
    assert.ok(outcomes.refused > 10);
    await rm(folder, { recursive: true });
  });
});

const MUTATIONS: ((file: string, random: Random) => void)[] = [
  (file) => rmSync(file),
  (file) => writeFileSync(file, ''),
  (file) => change(file, (bytes) => bytes.subarray(0, bytes.length - 7)),
  (file) => change(file, (bytes) => bytes.subarray(0, bytes.length >> 1)),
  (file) =>
    change(file, (bytes) =>
      bytes.fill(0, bytes.length >> 1, Math.min(bytes.length, (bytes.length >> 1) + 4096)),
    ),
  ...Array.from({ length: 4 }, () => flipFile),
];

function change(file: string, how: (bytes: Buffer) => Uint8Array): void {
  writeFileSync(file, how(readFileSync(file)));
}

function flipFile(file: string, random: Random): void {
  change(file, (bytes) => {
    const at = random.below(bytes.length);
    bytes[at] = bytes[at]! ^ (1 << random.below(8));
    return bytes;
  });
}

interface Opened {
  version?: number;
  appHash?: string;
}

/** Opens databases in processes of their own, because LevelDB ends the process on some damage. */
async function openedElsewhere(folders: readonly string[]): Promise<Opened[]> {
  const results: Opened[] = [];
  while (results.length < folders.length) {
    const before = results.length;
    await new Promise<void>((resolve, reject) => {
      const script = join(import.meta.dirname, 'damaged-opener.ts');
      const child = fork(script, folders.slice(before), { stdio: 'ignore' });
      child.on('message', (opened: Opened) => results.push(opened));
      child.on('error', reject);
      // What it said last may come after the news of its end.
      child.on('disconnect', resolve);
    });
    if (results.length < folders.length) results.push({});
  }
  return results;
}

async function del(db: MemoryDb, key: Uint8Array): Promise<void> {
  await db.batch([{ type: 'del', key }]);
}

async function flip(db: MemoryDb, key: Uint8Array): Promise<void> {
  const value = db.get(key)!;
  value[value.length >> 1]! ^= 1;
  await db.batch([{ type: 'put', key, value }]);
}

async function refused(db: MemoryDb): Promise<boolean> {
  try {
    await MultiStore.open(db, STORES).verify();
    return false;
  } catch {
    return true;
  }
}

/**
 * What a check of the newest version does not read: notes for pruning, older nodes (which are
 * checked when they are read), the content of old markers, and the values of plain stores.
 */
function harmless(key: Uint8Array, deleted: boolean, live: Set<string>): boolean {
  const kind = String.fromCharCode(key[0]!);
  if (kind === 'h') return !deleted;
  if (kind === 'v') return !deleted && key[1] === 'index'.length;
  return kind === 'o' || (kind === 'n' && !live.has(toHex(key)));
}

/** Keys of the nodes that the newest version is made of. */
function liveKeys(db: MemoryDb): Set<string> {
  const live = new Set<string>();
  const copy = db.reopen();
  const read = copy.get.bind(copy);
  copy.get = (asked) => {
    live.add(toHex(asked));
    return read(asked);
  };
  const stores = MultiStore.open(copy, STORES);
  for (const name of [...STORES.iavl, ...STORES.plain])
    for (const pair of stores.store(name).iterate()) assert.ok(pair);
  return live;
}

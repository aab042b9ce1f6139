import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { utf8, fromUtf8 } from '../../../node/base/bytes.ts';
import type { Db, DbOp, DbRange } from '../../../node/store/db.ts';
import { LevelDb } from '../../../node/store/level-db.ts';
import { MemoryDb } from '../../../node/store/memory-db.ts';

const put = (key: string, value: string): DbOp => ({
  type: 'put',
  key: utf8(key),
  value: utf8(value),
});
const del = (key: string): DbOp => ({ type: 'del', key: utf8(key) });

async function keysOf(db: Db, range?: DbRange): Promise<string> {
  const keys: string[] = [];
  for await (const [key] of db.iterate(range)) keys.push(fromUtf8(key));
  return keys.join(' ');
}

function compliance(name: string, open: () => Promise<Db>): void {
  describe(`${name} is a database`, () => {
    let db: Db;
    beforeEach(async () => {
      db = await open();
    });
    afterEach(() => db.close());

    it('reads what was written, and nothing else', async () => {
      await db.batch([put('a', '1'), put('b', '2')], { sync: true });
      assert.deepEqual(db.get(utf8('a')), utf8('1'));
      assert.equal(db.get(utf8('c')), undefined);
      await db.batch([del('a'), del('never there'), put('b', '3')]);
      assert.equal(db.get(utf8('a')), undefined);
      assert.deepEqual(db.get(utf8('b')), utf8('3'));
    });

    it('applies the operations of a batch in order', async () => {
      await db.batch([put('k', '1'), del('k'), put('k', '2'), put('x', '1'), del('x')]);
      assert.deepEqual(db.get(utf8('k')), utf8('2'));
      assert.equal(db.get(utf8('x')), undefined);
    });

    it('takes an empty batch and an empty value', async () => {
      await db.batch([]);
      await db.batch([put('e', '')]);
      assert.deepEqual(db.get(utf8('e')), new Uint8Array(0));
    });

    it('iterates in byte order, from the start on and below the end, both ways', async () => {
      await db.batch(['b', 'a', 'ab', 'c', '\u00e9', 'B'].map((key) => put(key, key)));
      assert.equal(await keysOf(db), 'B a ab b c \u00e9');
      assert.equal(await keysOf(db, { start: utf8('a'), end: utf8('c') }), 'a ab b');
      assert.equal(await keysOf(db, { start: utf8('ab') }), 'ab b c \u00e9');
      assert.equal(await keysOf(db, { end: utf8('b'), reverse: true }), 'ab a B');
      assert.equal(await keysOf(db, { start: utf8('c'), end: utf8('a') }), '');
    });

    it('does not show an iterator what is written after it was made', async () => {
      await db.batch([put('a', '1'), put('b', '1')]);
      const keys = db.iterate();
      await db.batch([put('c', '1'), del('a'), put('b', '2')]);
      const seen: string[] = [];
      for await (const [key, value] of keys) seen.push(fromUtf8(key) + fromUtf8(value));
      assert.deepEqual(seen, ['a1', 'b1']);
    });

    it('keeps its content when callers change their arrays', async () => {
      const value = utf8('1');
      await db.batch([{ type: 'put', key: utf8('a'), value }]);
      value.fill(0);
      const read = db.get(utf8('a'))!;
      assert.deepEqual(read, utf8('1'));
      read.fill(0);
      assert.deepEqual(db.get(utf8('a')), utf8('1'));
    });
  });
}

compliance('MemoryDb', () => Promise.resolve(new MemoryDb()));

describe('LevelDb', () => {
  const folders: string[] = [];
  const open = async (): Promise<LevelDb> => {
    const folder = await mkdtemp(join(tmpdir(), 'bitscale-db-'));
    folders.push(folder);
    return LevelDb.open(folder);
  };
  after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

  compliance('LevelDb', open);

  it('keeps its content over a restart', async () => {
    const db = await open();
    await db.batch([put('a', '1')], { sync: true });
    await db.close();
    const again = await LevelDb.open(folders.at(-1)!);
    assert.deepEqual(again.get(utf8('a')), utf8('1'));
    await again.close();
  });

  it('names the folder when another user has it open', async () => {
    const db = await open();
    await assert.rejects(LevelDb.open(folders.at(-1)!), /another process uses the database/);
    await db.close();
  });
});

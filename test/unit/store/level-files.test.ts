/** Files of a real LevelDB, mutilated one at a time: found before LevelDB opens them, or of no consequence. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesToUint64, uint64ToBytes, utf8 } from '../../../node/base/bytes.ts';
import { checkLevelFiles } from '../../../node/store/level/check.ts';
import { crc32c } from '../../../node/store/level/crc32c.ts';
import { DamagedStoreError } from '../../../node/store/errors.ts';
import { PAGE_BYTES, scanLog } from '../../../node/store/level/log-file.ts';
import { unpackSnappy } from '../../../node/store/level/snappy.ts';
import { LevelDb } from '../../../node/store/level-db.ts';
import { Random } from './random.ts';

const BATCHES = 900;

type Mutation = readonly [name: string, apply: (bytes: Buffer) => Uint8Array];

function mutations(random: Random, size: number): Mutation[] {
  const flips = Array.from({ length: 12 }, (): Mutation => {
    const [at, bit] = [random.below(size), random.below(8)];
    return [
      `bit ${bit} of byte ${at} flipped`,
      (bytes) => {
        bytes[at]! ^= 1 << bit;
        return bytes;
      },
    ];
  });
  const cuts = [1, 5, 100, size >> 1].map((missing): Mutation => {
    return [`${missing} bytes cut`, (bytes) => bytes.subarray(0, Math.max(0, size - missing))];
  });
  const zeroed: Mutation = [
    'a page of zeros',
    (bytes) => bytes.fill(0, size >> 1, Math.min(size, (size >> 1) + 4096)),
  ];
  const garbage: Mutation = [
    'garbage appended',
    (bytes) => Buffer.concat([bytes, random.bytes(100)]),
  ];
  return [...flips, ...cuts, zeroed, garbage];
}

function newestLog(folder: string): string {
  const names = readdirSync(folder).filter((name) => name.endsWith('.log'));
  return names.sort().at(-1)!;
}

describe('files of a LevelDB', function () {
  this.timeout(60_000);
  let folder: string;
  let sound: string;
  const random = Random.announced('damaged LevelDB files');

  /** Batch n puts its number under a key of its own and as the newest. */
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bitscale-level-'));
    sound = join(folder, 'sound');
    for (const [first, last] of [
      [0, BATCHES - 200],
      [BATCHES - 200, BATCHES],
    ] as const) {
      const db = await LevelDb.open(sound, { writeBufferBytes: 65_536 });
      for (let number = first; number < last; number += 1) {
        const value = Buffer.concat([uint64ToBytes(number), random.bytes(random.below(600))]);
        await db.batch([
          { type: 'put', key: uint64ToBytes(number * 7919), value: new Uint8Array(value) },
          { type: 'put', key: utf8('newest'), value: uint64ToBytes(number) },
        ]);
      }
      await db.close();
    }
  });
  after(() => rm(folder, { recursive: true }));

  /** How many batches are there, all of them up to the newest one. */
  async function wholeBatches(copy: string): Promise<number> {
    const db = await LevelDb.open(copy);
    try {
      const newest = db.get(utf8('newest'));
      const count = newest === undefined ? 0 : Number(bytesToUint64(newest)) + 1;
      for (let number = 0; number < count; number += 1) {
        const value = db.get(uint64ToBytes(number * 7919));
        assert.equal(value && Number(bytesToUint64(value)), number, `batch ${number}`);
      }
      return count;
    } finally {
      await db.close();
    }
  }

  it('that are sound pass, open or closed, also when only filters and indexes are read', async () => {
    await checkLevelFiles(sound);
    await checkLevelFiles(sound, 0);
    const names = readdirSync(sound);
    assert.ok(names.filter((name) => name.endsWith('.ldb')).length >= 2, names.join());
    const copy = join(folder, 'opened');
    await cp(sound, copy, { recursive: true });
    assert.equal(await wholeBatches(copy), BATCHES);
    await checkLevelFiles(copy);
  });

  it('that are not there yet pass', async () => {
    await checkLevelFiles(join(folder, 'none'));
  });

  it('that are changed anywhere are refused, or lose no more than the newest batches', async () => {
    const outcomes = { refused: 0, whole: 0, shorter: 0 };
    const copy = join(folder, 'copy');
    for (const file of readdirSync(sound).filter((name) => !/^LO(CK|G)/.test(name))) {
      const bytes = readFileSync(join(sound, file));
      for (const [name, apply] of mutations(random, bytes.length)) {
        await rm(copy, { recursive: true, force: true });
        await cp(sound, copy, { recursive: true });
        writeFileSync(join(copy, file), apply(Buffer.from(bytes)));
        try {
          const count = await wholeBatches(copy);
          outcomes[count === BATCHES ? 'whole' : 'shorter'] += 1;
          assert.ok(count === BATCHES || file.endsWith('.log'), `${file}: ${name}`);
        } catch (error) {
          assert.ok(error instanceof DamagedStoreError, `${file}: ${name}: ${String(error)}`);
          assert.ok(error.message.includes(copy), error.message);
          outcomes.refused += 1;
        }
      }
    }
    console.log(`      ${JSON.stringify(outcomes)}`);
    assert.ok(outcomes.refused > outcomes.whole + outcomes.shorter);
  });

  it('that are missing are refused, each by its name', async () => {
    const copy = join(folder, 'missing');
    for (const file of readdirSync(sound).filter((name) => !/^LO(CK|G)/.test(name))) {
      await rm(copy, { recursive: true, force: true });
      await cp(sound, copy, { recursive: true });
      rmSync(join(copy, file));
      const number = /^0*([0-9]+)\.ldb$/.exec(file)?.[1];
      const refusal = await checkLevelFiles(copy).catch((error: unknown) => error);
      if (refusal === undefined) {
        // A table that a compaction had not finished, or the newest of two logs: it is in no MANIFEST yet.
        const count = await wholeBatches(copy);
        assert.ok(count === BATCHES || file.endsWith('.log'), file);
        continue;
      }
      const named = number === undefined ? file : `table ${number}`;
      assert.ok(refusal instanceof DamagedStoreError && refusal.message.includes(named), file);
    }
  });

  it('a torn log passes before empty ones, which are of starts that crashed, and before no other', async () => {
    const copy = join(folder, 'twice');
    await cp(sound, copy, { recursive: true });
    const name = newestLog(copy);
    const bytes = readFileSync(join(copy, name));
    const next = (ahead: number): string => {
      return join(copy, `${String(Number(name.slice(0, 6)) + ahead).padStart(6, '0')}.log`);
    };
    writeFileSync(join(copy, name), bytes.subarray(0, bytes.length - 3));
    writeFileSync(next(2), bytes);
    await assert.rejects(checkLevelFiles(copy), DamagedStoreError);
    for (const ahead of [2, 3]) writeFileSync(next(ahead), '');
    assert.equal(await wholeBatches(copy), BATCHES - 1);
  });

  it('a log torn at any byte of its last page is read up to its last whole record', () => {
    const name = newestLog(sound);
    const bytes = new Uint8Array(readFileSync(join(sound, name)));
    const whole = scanLog(bytes);
    assert.deepEqual([whole.isTorn, whole.isDamagedInside], [false, false]);
    for (let size = Math.max(0, bytes.length - 2000); size < bytes.length; size += 1) {
      const torn = scanLog(bytes.subarray(0, size));
      assert.equal(torn.isDamagedInside, false);
      assert.ok(torn.intactBytes <= size && torn.records.length <= whole.records.length);
      assert.deepEqual(torn.records.at(-1), whole.records[torn.records.length - 1]);
    }
    assert.ok(PAGE_BYTES > 2000);
  });

  it('have the checksum of RFC 3720, B.4', () => {
    assert.equal(crc32c(utf8('123456789')), 0xe3069283);
    assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
    assert.equal(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
    assert.equal(crc32c(Uint8Array.from({ length: 32 }, (_, index) => index)), 0x46dd794e);
  });

  it('packed blocks are unpacked, and refused when they are not whole', () => {
    const packed = Uint8Array.of(11, 0x0c, 0x61, 0x62, 0x63, 0x64, 0x09, 0x04, 0x00, 0x65);
    assert.deepEqual(unpackSnappy(packed, 11), utf8('abcdabcdabe'));
    for (let size = 1; size < packed.length; size += 1) {
      assert.throws(() => unpackSnappy(packed.subarray(0, size), 11), RangeError);
    }
    assert.throws(() => unpackSnappy(packed, 10), RangeError);
  });
});

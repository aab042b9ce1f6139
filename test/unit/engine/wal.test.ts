import assert from 'node:assert/strict';
import { appendFile, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { concat, utf8 } from '../../../node/base/bytes.ts';
import { ExitError } from '../../../node/base/exit.ts';
import { Wal } from '../../../node/engine/wal.ts';
import { encodeFrame } from '../../../node/engine/wal-frame.ts';

const RECORDS = ['first', 'second', 'third'].map(utf8);
const NAME = '0000000000000005.wal';

describe('write-ahead log', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bitscale-wal-'));
    file = join(folder, NAME);
    const wal = await Wal.open(folder);
    assert.deepEqual(await wal.begin(5), []);
    for (const record of RECORDS) await wal.append(record);
    await wal.close();
  });
  afterEach(() => rm(folder, { recursive: true }));

  const reread = async (): Promise<readonly Uint8Array[]> => {
    const wal = await Wal.open(folder);
    try {
      return (await wal.begin(5)).map((record) => new Uint8Array(record));
    } finally {
      await wal.close();
    }
  };

  it('gives back what was appended, in order', async () => {
    assert.deepEqual(await reread(), RECORDS);
  });

  it('goes on after reopening', async () => {
    const wal = await Wal.open(folder);
    await wal.begin(5);
    await wal.append(utf8('fourth'), utf8('fifth'));
    await wal.close();
    assert.deepEqual(await reread(), [...RECORDS, utf8('fourth'), utf8('fifth')]);
  });

  it('a torn tail of any length is cut, everything before it stays', async () => {
    const whole = await readFile(file);
    const lastFrame = 8 + RECORDS[2]!.length;
    for (let missing = 1; missing < lastFrame; missing += 1) {
      await writeFile(file, whole);
      await truncate(file, whole.length - missing);
      assert.deepEqual(await reread(), RECORDS.slice(0, 2), `${missing} bytes missing`);
      assert.equal((await readFile(file)).length, whole.length - lastFrame);
    }
  });

  it('garbage or zeros at the end are cut', async () => {
    for (const garbage of [new Uint8Array(4096), new Uint8Array(100).fill(0xab)]) {
      await appendFile(file, garbage);
      assert.deepEqual(await reread(), RECORDS);
    }
  });

  it('a file that died before its seed was written is empty', async () => {
    await truncate(file, 3);
    assert.deepEqual(await reread(), []);
  });

  it('one changed byte before intact records is refused with exit code 65', async () => {
    const whole = await readFile(file);
    for (let at = 4; at < whole.length - (8 + RECORDS[2]!.length); at += 1) {
      const changed = Buffer.from(whole);
      changed[at]! ^= 1;
      await writeFile(file, changed);
      await assert.rejects(reread(), (error) => {
        return error instanceof ExitError && error.exitCode === 65;
      });
    }
  });

  it('a record that contains a frame of another file is not taken for one', async () => {
    const wal = await Wal.open(folder);
    await wal.begin(5);
    await wal.append(concat(utf8('x'), encodeFrame(0, utf8('planted'))));
    await wal.close();
    const size = (await readFile(file)).length;
    await truncate(file, size - 1);
    assert.deepEqual(await reread(), RECORDS);
  });

  it('a file cut anywhere gives back whole records only, in order', async () => {
    const whole = await readFile(file);
    for (let size = 0; size <= whole.length; size += 1) {
      await writeFile(file, whole.subarray(0, size));
      const records = await reread();
      assert.deepEqual(records, RECORDS.slice(0, records.length), `${size} bytes`);
    }
  });

  it('any changed byte is refused or cuts the end, and never changes a record', async () => {
    const whole = await readFile(file);
    for (let at = 0; at < whole.length; at += 1) {
      const changed = Buffer.from(whole);
      changed[at]! ^= 1 << (at % 8);
      await writeFile(file, changed);
      const records = await reread().catch((error: unknown) => {
        assert.ok(error instanceof ExitError && error.message.includes('--sign-above'));
        return [];
      });
      assert.deepEqual(records, RECORDS.slice(0, records.length), `byte ${at}`);
    }
  });

  it('looking at a height does not cut or make its file', async () => {
    await appendFile(file, 'torn');
    const size = (await readFile(file)).length;
    const wal = await Wal.open(folder);
    assert.equal((await wal.peek(5)).length, RECORDS.length);
    assert.deepEqual(await wal.peek(6), []);
    assert.equal((await readFile(file)).length, size);
    assert.deepEqual(await wal.heights(), [5]);
  });

  it('a file that cannot be read is an error, not an empty log', async () => {
    await rm(file);
    await mkdir(file);
    await assert.rejects(reread(), /EISDIR/);
  });

  it('the file of another height that is missing does not matter', async () => {
    const wal = await Wal.open(folder);
    assert.deepEqual(await wal.begin(9), []);
    assert.deepEqual(await wal.heights(), [9]);
    await wal.close();
  });

  it('keeps the file of the height before and drops older ones', async () => {
    const wal = await Wal.open(folder);
    for (const height of [6, 7]) await wal.begin(height);
    assert.deepEqual(await wal.heights(), [6, 7]);
    await wal.close();
  });
});

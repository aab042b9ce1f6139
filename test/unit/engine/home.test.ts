import assert from 'node:assert/strict';
import { access, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExitError } from '../../../node/base/exit.ts';
import { requireDiskSpace } from '../../../node/engine/disk-space.ts';
import { replaceFile } from '../../../node/engine/durable-file.ts';
import { lockHome } from '../../../node/engine/home-lock.ts';
import { homeAt } from '../../../node/home.ts';
import { comparePlaces, decodeLastSigned } from '../../../node/engine/last-signed.ts';
import { repairHome, signAbove } from '../../../node/repair.ts';

const isIo = (error: unknown): boolean => error instanceof ExitError && error.exitCode === 74;

describe('home of a node', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bitscale-home-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is locked by one process, and free again when released', async () => {
    const lock = await lockHome(folder);
    await assert.rejects(lockHome(folder), isIo);
    lock.release();
    (await lockHome(folder)).release();
    assert.deepEqual(await readdir(folder), []);
  });

  it('the lock of a process that is gone, or of another one with its number, is stale', async () => {
    for (const stale of ['999999999 1\n', `${process.pid} 12345\n`, 'garbage', '']) {
      await writeFile(join(folder, 'node.lock'), stale);
      (await lockHome(folder)).release();
    }
  });

  it('of many that want it at once, one gets it', async () => {
    const tries = Array.from({ length: 10 }, () => lockHome(folder).then(Array.of, () => []));
    assert.equal((await Promise.all(tries)).flat().length, 1);
  });

  it('a replaced file is the new one, and no temporary file stays', async () => {
    const path = join(folder, 'file');
    await replaceFile(path, new Uint8Array([1]));
    await replaceFile(path, new Uint8Array([2]));
    assert.deepEqual([...(await readFile(path))], [2]);
    assert.deepEqual(await readdir(folder), ['file']);
  });

  it('a nearly full disk is refused with exit code 74', async () => {
    await requireDiskSpace(folder, 1);
    await assert.rejects(requireDiskSpace(folder, Number.MAX_SAFE_INTEGER), isIo);
  });

  it('repair moves blocks and state aside and keeps what guards the key', async () => {
    const home = homeAt(folder);
    for (const path of [home.blocks, home.state]) await mkdir(path, { recursive: true });
    await writeFile(home.validatorStateFile, 'kept');
    const { aside, keptBlocks } = await repairHome(folder, 0);
    assert.equal(keptBlocks, false);
    assert.deepEqual((await readdir(aside)).sort(), ['blocks', 'state']);
    assert.equal(await readFile(home.validatorStateFile, 'utf8'), 'kept');
    await assert.rejects(access(home.blocks));
    const lock = await lockHome(home.data);
    await assert.rejects(repairHome(folder, 1), isIo);
    lock.release();
  });

  it('a key that must sign only above a height gets such a file, but never below what it signed', async () => {
    const home = homeAt(folder);
    await mkdir(home.wal, { recursive: true });
    await mkdir(home.config, { recursive: true });
    await writeFile(home.validatorMarkFile, '{ "height": "50", "again": "50" }\n');
    await writeFile(join(home.wal, '0000000000000070.wal'), 'anything');
    await writeFile(home.validatorStateFile, '{ "height": "60", damaged');
    const isUsage = (error: unknown): boolean =>
      error instanceof ExitError && error.exitCode === 64 && error.message.includes('70');
    await assert.rejects(signAbove(folder, 69, 0), isUsage);
    const { aside } = await signAbove(folder, 70, 0);
    assert.deepEqual((await readdir(aside)).sort(), ['priv_validator_state.json', 'wal']);
    const written = await readFile(home.validatorStateFile, 'utf8');
    const last = decodeLastSigned(written, new Uint8Array(32));
    assert.ok(comparePlaces(last, { height: 70, round: 1000, step: 3 }) > 0);
    assert.ok(comparePlaces(last, { height: 71, round: 0, step: 1 }) < 0);
    await assert.rejects(signAbove(folder, 69, 1), isUsage);
    const lock = await lockHome(home.data);
    await assert.rejects(signAbove(folder, 80, 2), isIo);
    lock.release();
  });
});

/** A validator killed at every durable write of its first blocks, before and after it. */
import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from './toy/toy-node.ts';
import { makeToyNetwork, type ToyNetwork } from './toy/toy-network.ts';
import { contradictions, ToyProcess, type Crash } from './toy/toy-process.ts';

/** More than one height takes; every run costs a process start. Odd points die before the write, even after. */
const WRITES = 16;
const POINTS: readonly Crash[] = Array.from({ length: WRITES }, (_, index) => {
  return { at: index + 1, when: index % 2 === 0 ? 'before' : 'after' };
});

describe('crash at a durable write', function () {
  this.timeout(240_000);
  let network: ToyNetwork;
  beforeEach(async () => {
    network = await makeToyNetwork({ nodes: 1, consensus: { blockTimeMs: 0 } });
  });
  afterEach(() => network.remove());

  /** Starts, waits for two more blocks and stops in order. */
  async function goesOn(): Promise<ToyProcess> {
    const node = new ToyProcess(network.homes[0]!);
    const isDone = (): boolean => node.fatal !== undefined || node.appHashes.size > 3;
    await until(isDone, 'blocks follow', 60_000);
    assert.equal(node.fatal, undefined);
    await node.stop();
    return node;
  }

  it('never signs twice, never loses a block and always goes on', async () => {
    const home = network.homes[0]!;
    const known = new Map<number, string>();
    let height = 0;
    const check = (node: ToyProcess, where: string): void => {
      assert.equal(node.fatal, undefined, where);
      assert.ok(node.height === 0 || node.height >= height, `${where}: a block was lost`);
      height = Math.max(height, node.height);
      for (const [at, hash] of node.appHashes) {
        assert.equal(known.get(at) ?? hash, hash, `${where}: state after ${at}`);
        known.set(at, hash);
      }
    };
    for (const point of POINTS) {
      const crashed = new ToyProcess(home, point);
      await crashed.ended;
      check(crashed, `${point.when} write ${point.at}`);
    }
    check(await goesOn(), 'after all crashes');
    assert.deepEqual(contradictions(home), []);
    // Every kind was met: the log, the last-signed file and the databases.
    const kinds = (await readFile(join(home.root, 'crashed.log'), 'utf8')).trim().split('\n');
    assert.equal(kinds.length, POINTS.length);
    assert.deepEqual([...new Set(kinds)].sort(), ['batch', 'fdatasync', 'fsync']);
  });

  it('a lost last-signed file past genesis is refused with exit code 78', async () => {
    await goesOn();
    await rm(network.homes[0]!.validatorStateFile);
    const node = new ToyProcess(network.homes[0]!);
    assert.equal(await node.ended, 78);
    assert.match(node.fatal ?? '', /missing although the chain is past genesis/);
  });

  it('a key file that others can read is refused with exit code 78', async () => {
    const { validatorKeyFile } = network.homes[0]!;
    const text = await readFile(validatorKeyFile, 'utf8');
    await rm(validatorKeyFile);
    await writeFile(validatorKeyFile, text, { mode: 0o644 });
    const node = new ToyProcess(network.homes[0]!);
    assert.equal(await node.ended, 78);
    assert.match(node.fatal ?? '', /can be read by others/);
  });

  it('application data that is ahead of the blocks is refused with exit code 65', async () => {
    await goesOn();
    await rm(network.homes[0]!.blocks, { recursive: true });
    const node = new ToyProcess(network.homes[0]!);
    assert.equal(await node.ended, 65);
    assert.match(node.fatal ?? '', /blocks were lost/);
  });

  it('lost application data is executed again from the stored blocks', async () => {
    const before = await goesOn();
    await rm(network.homes[0]!.state, { recursive: true });
    const after = await goesOn();
    assert.ok(after.height > before.height);
  });
});

/**
 * Crashes and failing disks under a real validator process, by strace. Here about twenty faults; `npm run test:crash`
 * goes through every call that changes a file.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, rmSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemCode } from '../../node/base/exit.ts';
import type { Home } from '../../node/home.ts';
import { Command } from '../damage/command.ts';
import { configure } from '../damage/sound-home.ts';
import { makeToyNetwork, type ToyNetwork } from '../integration/toy/toy-network.ts';
import { until } from '../integration/toy/toy-node.ts';
import { contradictions, signatureCount, ToyProcess } from '../integration/toy/toy-process.ts';
import { Random } from '../unit/store/random.ts';
import { Campaign, spread } from './campaign.ts';
import { requireRecovery } from './recovery.ts';
import { FAULTS, faultName, requireOrderlyEnd } from './faults.ts';
import { hasStrace, straceWords } from './strace.ts';

/** First height, last height, number of crashes in between. */
const STRETCHES = [
  [0, 3, 4],
  [8, 11, 8],
] as const;
/** About so many calls belong to the start. */
const STARTING_CALLS = 60;

describe('crash of a validator process', function () {
  this.timeout(300_000);
  let campaign: Campaign;
  let strace = false;
  const { seed } = Random.announced('crash points');
  before(async () => {
    strace = hasStrace();
    campaign = await Campaign.begin();
    configure(campaign.home, { logLevel: 'error' });
  });
  after(() => campaign.end());

  for (const [from, to, count] of STRETCHES) {
    it(`at ${count} of the calls that write blocks ${from + 1} to ${to}: it recovers`, async () => {
      if (!strace) return;
      if (from > 0) await campaign.advance(from);
      const stretch = await campaign.stretch(from, to);
      for (const [index, call] of spread(stretch.calls, count, seed).entries()) {
        // Every fourth time the next start crashes as well.
        const again = index % 4 === 3 ? [stretch.calls[(seed + index) % STARTING_CALLS]!] : [];
        await campaign.crashAt(stretch, call, ...again).catch((error: unknown) => {
          assert.fail(`${call.name} ${call.number}, ${call.path}: ${String(error)}`);
        });
      }
      assert.ok((campaign.hits.get('not reached') ?? 0) <= 3, 'the calls are found again');
    });
  }

  for (const each of FAULTS.filter(({ isQuick }) => isQuick)) {
    it(`${faultName(each)} ends it with code 74; nothing is tried again`, async () => {
      if (strace) await requireOrderlyEnd(campaign, each);
    });
  }

  it('on a disk that is really full it ends with code 74 and goes on when there is room', async () => {
    const disk = await smallDisk();
    if (disk === undefined) return;
    try {
      const folder = join(disk, 'home');
      await cp(campaign.home, folder, { recursive: true });
      const command = new Command(['start', '--home', folder]);
      await command.shows(folder, 1);
      fill(join(disk, 'filler'));
      const { code, text } = await command.ended;
      assert.equal(code, 74, text);
      assert.match(text, /the disk refuses \(ENOSPC\)|MiB are free/);
      const refused = await new Command(['start', '--home', folder]).ended;
      assert.equal(refused.code, 74, refused.text);
      assert.match(refused.text, /are free on the disk of .*; make room and start again/);
      rmSync(join(disk, 'filler'));
      const nothing = { acknowledged: new Map<number, string>(), signed: new Map() };
      const { height } = await requireRecovery(campaign.examiner, folder, nothing);
      assert.ok(height > 0);
    } finally {
      spawnSync('umount', ['-l', disk]);
      await rm(disk, { recursive: true, force: true });
    }
  });
});

/** Writes until the disk takes no more. */
function fill(path: string): void {
  const chunk = Buffer.alloc(1_048_576);
  try {
    for (;;) appendFileSync(path, chunk);
  } catch (error) {
    assert.equal(systemCode(error), 'ENOSPC');
  }
}

/** A disk in memory with little more than a node demands; undefined where mounting is not permitted. */
async function smallDisk(): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'bitscale-disk-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=300m', 'none', folder]);
  if (status === 0) return folder;
  console.log('      nothing was tested: mounting a disk in memory is not permitted here');
  await rm(folder, { recursive: true });
  return undefined;
}

function signaturesOf(home: Home): number {
  return existsSync(join(home.root, 'signed.log')) ? signatureCount(home) : 0;
}

describe('crash of one of four validators', function () {
  this.timeout(180_000);
  let network: ToyNetwork | undefined;
  let nodes: ToyProcess[] = [];
  afterEach(async () => {
    await Promise.all(nodes.map((node) => node.kill()));
    await network?.remove();
  });

  it('in the middle of writing: it returns to the others, who went on, and signed nothing twice', async () => {
    if (!hasStrace()) return;
    network = await makeToyNetwork({ nodes: 4 });
    const { homes, root } = network;
    const random = Random.announced('crash of one of four');
    nodes = homes.slice(0, 3).map((home) => new ToyProcess(home));
    for (const call of ['write', 'fdatasync'] as const) {
      const when = call === 'write' ? 300 + random.below(300) : 40 + random.below(40);
      const words = straceWords(join(root, 'strace'), { call, when, fault: 'KILL' });
      const crashed = new ToyProcess(homes[3]!, undefined, [
        'env',
        'UV_THREADPOOL_SIZE=1',
        ...words,
      ]);
      nodes[3] = crashed;
      await crashed.ended;
      const seen = crashed.height;
      const before = Math.max(...nodes.map(({ height }) => height));
      const signed = signaturesOf(homes[3]!);
      nodes[3] = new ToyProcess(homes[3]!);
      await until(() => nodes.every(({ height }) => height >= before + 4), 'all go on', 60_000);
      await until(() => signaturesOf(homes[3]!) > signed, 'it votes again', 60_000);
      assert.ok(nodes[3].height > seen);
      const [hash] = [...crashed.appHashes].slice(-1);
      if (hash !== undefined) assert.equal(nodes[0]!.appHashes.get(hash[0]) ?? hash[1], hash[1]);
      await nodes[3].stop();
    }
    for (const home of homes) assert.deepEqual(contradictions(home), []);
  });
});

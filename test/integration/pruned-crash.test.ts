/** A real process that prunes and takes a snapshot at every height, killed again and again. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { homeAt } from '../../node/home.ts';
import { SnapshotFolder } from '../../node/store/snapshot/folder.ts';
import { startSoloNode, type SoloNode } from '../support/solo-node.ts';
import { run } from '../unit/cli/fake-terminal.ts';
import { Random } from '../unit/store/random.ts';

const KILLS = 6;

describe('kill -9 of a node that prunes and takes snapshots', function () {
  this.timeout(240_000);
  let solo: SoloNode;

  before(async () => {
    solo = await startSoloNode({
      genesis: (json) =>
        JSON.parse(
          JSON.stringify(json)
            .replace(/"max_age_num_blocks":"?[0-9]+"?/, '"max_age_num_blocks":"1"')
            .replace(/"max_age_duration":"?[0-9]+"?/, '"max_age_duration":"1"'),
        ) as Record<string, unknown>,
      settings: {
        app: { keepRecent: 2, snapshotInterval: 1, snapshotKeepRecent: 2 },
        blocks: { keepRecent: 3, keepHours: 0 },
        consensus: { blockTimeMs: 10 },
      },
    });
    await solo.stop();
  });
  after(() => solo.remove());

  it('always goes on from where it was; blocks, state and snapshots stay sound', async () => {
    const random = Random.announced('kills');
    let height = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const process_ = spawn(process.execPath, [
        'node/cli/main.ts',
        'start',
        '--home',
        solo.folder,
      ]);
      const ended = once(process_, 'exit');
      const reached = await heightAbove(solo.url, height + 3, () => process_.exitCode !== null);
      assert.ok(reached > height, `${reached} after ${height}`);
      height = reached;
      await sleep(random.below(400));
      process_.kill('SIGKILL');
      await ended;
    }
    const checked = await run(['check', '--home', solo.folder]);
    assert.equal(checked.code, 0, checked.errors);
    const path = homeAt(solo.folder).snapshots;
    const folder = await SnapshotFolder.open(path);
    assert.ok(folder.list().length >= 1);
    for (const snapshot of folder.list()) {
      for (let index = 0; index < snapshot.chunks; index += 1) {
        assert.ok(await folder.chunk(snapshot.height, snapshot.format, index));
      }
    }
    const restored = await run(['snapshot', 'restore', '--home', solo.folder]);
    assert.equal(restored.code, 0, restored.errors);
  });
});

async function heightAbove(url: string, wanted: number, isOver: () => boolean): Promise<number> {
  for (;;) {
    assert.ok(!isOver(), 'the node has ended by itself');
    const height = await fetch(`${url}/status`)
      .then((response) => response.json())
      .then((answer: any) => Number(answer.result.sync_info.latest_block_height))
      .catch(() => 0);
    if (height >= wanted) return height;
    await sleep(50);
  }
}

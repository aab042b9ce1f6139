/** A node that prunes and takes snapshots, and one that starts from such a snapshot; real disks and sockets. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toUpperHex } from '../../node/base/bytes.ts';
import { noMetrics, silentLogger } from '../../node/base/service.ts';
import { createApplication } from '../../node/chain.ts';
import { encodeCommit } from '../../node/consensus/encoding.ts';
import { createNode, SYSTEM_CLOCK } from '../../node/create-node.ts';
import { Engine } from '../../node/engine/engine.ts';
import type { Bootstrap } from '../../node/engine/bootstrap.ts';
import { homeAt, makeHome, type Home } from '../../node/home.ts';
import { consensusNetwork } from '../../node/links.ts';
import { LevelDb } from '../../node/store/level-db.ts';
import { discardUnfinished } from '../../node/store/snapshot/clear.ts';
import { readGenesis } from '../../genesis/validate.ts';
import { run } from '../unit/cli/fake-terminal.ts';
import { startSoloNode, writeSettings, type SoloNode } from '../support/solo-node.ts';

const INTERVAL = 5;
const KEPT = 8;
const BLOCKS = 40;

/** Evidence counts for two blocks only, so that pruning begins soon. */
function shortEvidence(json: Record<string, unknown>): Record<string, unknown> {
  const text = JSON.stringify(json)
    .replace(/"max_age_num_blocks":"?[0-9]+"?/, '"max_age_num_blocks":"2"')
    .replace(/"max_age_duration":"?[0-9]+"?/, '"max_age_duration":"1"');
  return JSON.parse(text) as Record<string, unknown>;
}

describe('a node that prunes and takes snapshots', function () {
  this.timeout(120_000);
  let solo: SoloNode;

  before(async () => {
    solo = await startSoloNode({
      genesis: shortEvidence,
      settings: {
        app: { keepRecent: 4, snapshotInterval: INTERVAL, snapshotKeepRecent: 2 },
        blocks: { keepRecent: KEPT, keepHours: 0 },
        consensus: { blockTimeMs: 20 },
      },
      until: (node) =>
        new Promise((resolve) =>
          node.engine.onCommit(({ block }) => {
            const [oldest] = node.app.listSnapshots().slice(1);
            const isPruned = node.engine.store.base() > 1 && (oldest?.height ?? 0) > INTERVAL;
            if (block.header.height >= BLOCKS && isPruned) resolve();
          }),
        ),
    });
    await solo.node.engine.driver.pause(solo.node.engine.height());
    await solo.node.engine.pruner.idle();
    await solo.node.app.idle();
  });
  after(() => solo.remove());

  const ask = async (path: string): Promise<{ result?: any; error?: { data: string } }> => {
    const response = await fetch(solo.url + path);
    return (await response.json()) as { result?: any; error?: { data: string } };
  };

  it('keeps what it was told to, and what snapshots begin at', () => {
    const { store } = solo.node.engine;
    const oldest = solo.node.app.listSnapshots().at(-1)!;
    assert.equal(oldest.height % INTERVAL, 0);
    assert.equal(solo.node.app.listSnapshots().length, 2);
    assert.ok(store.base() <= store.height() - KEPT + 1);
    assert.ok(store.base() <= oldest.height);
    assert.equal(store.block(store.base() - 1), undefined);
    assert.equal(store.validators(store.base() - 2), undefined);
  });

  it('tells its lowest height, and refuses lower ones in the words of CometBFT', async () => {
    const { store } = solo.node.engine;
    const base = store.base();
    const { sync_info: info } = (await ask('/status')).result;
    assert.equal(info.earliest_block_height, String(base));
    assert.equal(info.earliest_block_hash, toUpperHex(store.block(base)!.blockId.hash));
    const text = `height 1 is not available, lowest height is ${base}`;
    for (const method of ['block', 'block_results', 'commit', 'validators', 'consensus_params']) {
      assert.match((await ask(`/${method}?height=1`)).error!.data, new RegExp(text), method);
      assert.ok((await ask(`/${method}?height=${base}`)).result, method);
    }
    const found = await ask(`/block_search?query=${encodeURIComponent('"block.height <= 1000"')}`);
    assert.equal(found.result.total_count, String(store.height() - base + 1));
  });

  it('gives a new node its state: that goes on with the next block and stays so over restarts', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bitscale-restored-'));
    const home = homeAt(folder);
    await makeHome(home);
    copyFileSync(homeAt(solo.folder).genesisFile, home.genesisFile);
    copyFileSync(homeAt(solo.folder).configFile, home.configFile);
    copyFileSync(homeAt(solo.folder).nodeKeyFile, home.nodeKeyFile);
    const snapshot = solo.node.app.listSnapshots().at(-1);
    const height = snapshot!.height;

    const unlucky = await Opened.at(home);
    await unlucky.restore(solo);
    assert.equal(unlucky.app.info().height, height);
    await unlucky.close();

    // The engine was never told: the restore does not count.
    const opened = await Opened.at(home);
    assert.equal(opened.app.info().height, 0);
    await opened.restore(solo);
    await opened.engine.bootstrap(startOf(solo, height));
    await opened.close();

    const again = await Opened.at(home);
    assert.deepEqual([again.engine.height(), again.app.info().height], [height, height]);
    const { store } = solo.node.engine;
    for (let next = height + 1; next <= store.height(); next += 1) {
      const { commit } = store.commit(next)!;
      await again.engine.applySynced(store.blockBytes(next)!, encodeCommit(commit));
    }
    assert.deepEqual(again.app.info(), solo.node.app.info());
    assert.deepEqual(again.app.brokenInvariants(), []);
    await again.close();

    const url = await writeSettings(folder, { app: { keepRecent: 0, snapshotInterval: 0 } });
    const onFatal = (error: unknown): void => assert.fail(String(error));
    const node = await createNode({ homeFolder: folder, onFatal });
    await node.start();
    const status = (await (await fetch(`${url}/status`)).json()) as { result: any };
    assert.equal(status.result.sync_info.earliest_block_height, String(height));
    assert.equal(status.result.sync_info.latest_block_height, String(store.height()));
    const commit = (await (await fetch(`${url}/commit?height=${height}`)).json()) as any;
    assert.equal(commit.result.signed_header.header.height, String(height));
    await node.stop();
    // The results of the block that came with the state are not known here.
    const reindexed = await run(['reindex', '--home', folder]);
    assert.equal(reindexed.code, 0, reindexed.errors);
    assert.match(reindexed.output, new RegExp(`of blocks ${height} to ${node.engine.height()}`));
    rmSync(folder, { recursive: true });
  });

  it('gets a lost state back from its own snapshot, and takes one by command', async () => {
    await solo.stop();
    const { folder } = solo;
    const heights = solo.node.app.listSnapshots().map(({ height }) => height);
    const listed = await run(['snapshot', 'list', '--home', folder]);
    assert.deepEqual(heightsIn(listed.output), heights);

    rmSync(homeAt(folder).state, { recursive: true });
    const settings = { homeFolder: folder, onFatal: () => undefined };
    const broken = await createNode(settings);
    await assert.rejects(broken.start(), /bitscale snapshot restore/);

    const oldest = String(heights.at(-1));
    const restored = await run(['snapshot', 'restore', '--height', oldest, '--home', folder]);
    assert.equal(restored.code, 0, restored.errors);
    const node = await createNode({ homeFolder: folder, onFatal: settings.onFatal });
    const before = solo.node.engine.height();
    await node.start();
    await new Promise<void>((resolve) => node.engine.onCommit(() => resolve()));
    assert.ok(node.engine.height() > before);
    await node.stop();

    const created = await run(['snapshot', 'create', '--home', folder]);
    assert.equal(created.code, 0, created.errors);
    const after = heightsIn((await run(['snapshot', 'list', '--home', folder])).output);
    assert.equal(after[0], node.engine.height());
    const nothing = await run(['snapshot', 'restore', '--height', '3', '--home', folder]);
    assert.equal(nothing.code, 65);
    assert.match(nothing.errors, /no snapshot of height 3/);
  });
});

const heightsIn = (text: string): number[] =>
  [...text.matchAll(/height ([0-9]+)/g)].map(([, height]) => Number(height));

/** What a light client has verified. */
function startOf({ node }: SoloNode, height: number): Bootstrap {
  const { store } = node.engine;
  const next = store.block(height + 1)!.block;
  const { chainId, appHash, lastResultsHash: resultsHash } = next.header;
  const set = (at: number) => store.validators(at)!;
  const state = {
    chainId,
    initialHeight: 1,
    height,
    blockId: next.header.lastBlockId,
    time: store.block(height)!.block.header.time,
    lastValidators: set(height),
    validators: set(height + 1),
    nextValidators: set(height + 2),
    params: store.consensusParams(height + 1)!,
    appHash,
    resultsHash,
  };
  return { state, commit: next.lastCommit, block: store.blockBytes(height)! };
}

/** The application and the engine of a home, without a network. */
class Opened {
  readonly app;
  readonly engine: Engine;
  readonly #close: () => Promise<void>;

  private constructor(
    app: ReturnType<typeof createApplication>,
    engine: Engine,
    close: () => Promise<void>,
  ) {
    this.app = app;
    this.engine = engine;
    this.#close = close;
  }

  static async at(home: Home): Promise<Opened> {
    const genesis = readGenesis(readFileSync(home.genesisFile, 'utf8'));
    const { chainId, initialHeight, consensusParams: params } = genesis;
    const state = await LevelDb.open(home.state);
    const blocks = await LevelDb.open(home.blocks);
    await discardUnfinished(state);
    const terms = { chainId, initialHeight, version: '0', minGasPrices: [], keepRecent: 0 };
    const app = createApplication({ db: state, ...terms });
    const timeouts = {
      roundMs: 1,
      roundDeltaMs: 1,
      roundMaxMs: 1,
      newRoundMs: 1,
      graceMs: 1,
      resendMs: 1,
    };
    const consensus = { chainId, mode: 'auto' as const, timeouts, blockTimeMs: 1 };
    const txs = { reap: () => [], update: () => undefined };
    const onFatal = (error: unknown): void => assert.fail(String(error));
    const services = { clock: SYSTEM_CLOCK, logger: silentLogger, metrics: noMetrics, onFatal };
    const engine = await Engine.open(
      { consensus, genesis: { ...genesis, params }, walDirectory: home.wal },
      { db: blocks, app, txs, ...services },
    );
    engine.connect({
      signer: undefined,
      network: consensusNetwork(() => undefined),
      blocks: { fetchBlock: () => Promise.resolve(undefined) },
      onBehind: () => undefined,
    });
    return new Opened(app, engine, async () => {
      await engine.stop();
      await app.stop();
      await blocks.close();
      await state.close();
    });
  }

  async restore({ node }: SoloNode): Promise<void> {
    const snapshot = node.app.listSnapshots().at(-1);
    const { height, format, chunks } = snapshot!;
    const { appHash } = node.engine.store.block(height + 1)!.block.header;
    assert.equal(this.app.offerSnapshot(snapshot!, appHash), 'accept');
    for (let index = 0; index < chunks; index += 1) {
      const chunk = await node.app.loadSnapshotChunk(height, format, index);
      assert.equal(await this.app.applySnapshotChunk(index, chunk!), 'accept');
    }
  }

  close(): Promise<void> {
    return this.#close();
  }
}

/** Snapshots of a stopped node: taking one, and getting a lost or damaged state back from one. */
import { mkdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bytes } from './base/bytes.ts';
import { EXIT_DATA, ExitError, systemCode } from './base/exit.ts';
import type { Snapshot } from './app/abci.ts';
import type { Application } from './app/application.ts';
import { applicationAt } from './application-at.ts';
import { BlockStore } from './engine/block-store.ts';
import { checkBlockStore, damaged } from './engine/block-store-check.ts';
import { lockHome } from './engine/home-lock.ts';
import { homeAt, makeHome, type Home } from './home.ts';
import type { Db } from './store/db.ts';
import { LevelDb } from './store/level-db.ts';
import { discardUnfinished } from './store/snapshot/clear.ts';
import { SnapshotFolder } from './store/snapshot/folder.ts';
import { readGenesis } from '../genesis/validate.ts';

/** Newest first; also while the node runs. */
export function listSnapshots(homeFolder: string): Promise<readonly Snapshot[]> {
  return SnapshotFolder.look(homeAt(homeFolder).snapshots);
}

/** Of the newest state. Refuses while a node runs. */
export async function createSnapshot(homeFolder: string): Promise<Snapshot> {
  return withLock(homeFolder, (home) =>
    withApplication(home, async (app) => {
      if (app.info().height === 0) throw new ExitError(EXIT_DATA, 'this node has no block yet');
      return app.takeSnapshot();
    }),
  );
}

export interface StateRestored {
  readonly height: number;
  /** The folder that holds the old state now. */
  readonly aside: string;
}

/**
 * Puts the state of a snapshot of this home in place of the one there; the next start executes the blocks since.
 * The blocks say what its app hash must be.
 */
export async function restoreSnapshot(
  homeFolder: string,
  wanted: number | undefined,
  nowMs: number,
): Promise<StateRestored> {
  return withLock(homeFolder, async (home) => {
    const { snapshot, appHash } = await trustedSnapshot(home, wanted);
    const aside = join(home.data, `replaced-${new Date(nowMs).toISOString().replaceAll(':', '-')}`);
    await mkdir(aside);
    await moveIfThere(home.state, join(aside, 'state'));
    await withApplication(home, (app) => restoreInto(app, snapshot, appHash));
    return { height: snapshot.height, aside };
  });
}

async function restoreInto(app: Application, snapshot: Snapshot, appHash: Bytes): Promise<void> {
  const { height, format, chunks } = snapshot;
  const bad = new ExitError(EXIT_DATA, `the snapshot of height ${height} is damaged`);
  if (app.offerSnapshot(snapshot, appHash) !== 'accept') throw bad;
  for (let index = 0; index < chunks; index += 1) {
    const chunk = await app.loadSnapshotChunk(height, format, index);
    if (!chunk || (await app.applySnapshotChunk(index, chunk)) !== 'accept') throw bad;
  }
}

/** The wanted one, or the newest that the blocks here vouch for and can be executed after. */
async function trustedSnapshot(home: Home, wanted: number | undefined) {
  const db = await LevelDb.open(home.blocks);
  try {
    const store = BlockStore.open(db, damaged);
    checkBlockStore(store);
    for (const snapshot of await SnapshotFolder.look(home.snapshots)) {
      if (wanted !== undefined && snapshot.height !== wanted) continue;
      const appHash = appHashAfter(store, snapshot.height);
      if (appHash !== undefined) return { snapshot, appHash };
    }
  } finally {
    await db.close();
  }
  const which = wanted === undefined ? 'no snapshot' : `no snapshot of height ${wanted}`;
  throw new ExitError(EXIT_DATA, `${which} is here that the blocks here follow`);
}

function appHashAfter(store: BlockStore, height: number): Bytes | undefined {
  if (height === store.height()) return store.state()?.appHash;
  return store.block(height + 1)?.block.header.appHash;
}

async function withApplication<T>(home: Home, work: (app: Application) => Promise<T>): Promise<T> {
  const { chainId, initialHeight } = readGenesis(await readFile(home.genesisFile, 'utf8'));
  const db: Db = await LevelDb.open(home.state);
  try {
    await discardUnfinished(db);
    const folder = await SnapshotFolder.open(home.snapshots);
    const snapshots = { folder, interval: 0, keepRecent: 0 };
    return await work(applicationAt(db, { chainId, initialHeight, snapshots }));
  } finally {
    await db.close();
  }
}

async function withLock<T>(homeFolder: string, work: (home: Home) => Promise<T>): Promise<T> {
  const home = homeAt(homeFolder);
  await makeHome(home);
  const lock = await lockHome(home.data);
  try {
    return await work(home);
  } finally {
    lock.release();
  }
}

async function moveIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}

/**
 * Reads everything a stopped node has on disk: every checksum of the database files, every block and its link
 * to the one before, every node and value of the state. A start reads only what is newest.
 */
import { access } from 'node:fs/promises';
import { equal, toUpperHex } from './base/bytes.ts';
import { BlockStore } from './engine/block-store.ts';
import { checkBlockStore, damaged } from './engine/block-store-check.ts';
import type { Home } from './home.ts';
import { checkDatabase, readBase, readTip } from './store/boot-check.ts';
import type { Db } from './store/db.ts';
import { verifyState } from './store/deep-check.ts';
import { checkLevelFiles } from './store/level/check.ts';
import { LevelDb } from './store/level-db.ts';

/** What one database holds; `problem` is what is wrong with it. */
export interface Finding {
  readonly base: number;
  readonly height: number;
  /** After the newest height, as the database itself says. */
  readonly appHash?: Uint8Array;
  readonly problem?: string;
}

export interface HomeFindings {
  readonly blocks: Finding;
  readonly state: Finding;
  readonly index: Finding;
}

const NOTHING: Finding = { base: 0, height: 0 };

/** The caller holds the lock of the home. */
export async function checkHome(home: Home): Promise<HomeFindings> {
  return {
    blocks: await checkDb(home.blocks, checkBlocks),
    state: await checkDb(home.state, checkState),
    index: await checkDb(home.index, () => Promise.resolve(NOTHING)),
  };
}

/** What is wrong with the home as a whole; nothing when it can be started. */
export function problemsOf({ blocks, state, index }: HomeFindings): string[] {
  const own = [blocks, state, index].flatMap(({ problem }) => problem ?? []);
  if (own.length > 0) return own;
  if (state.height > blocks.height) {
    return [`the state is at height ${state.height}, the newest block is ${blocks.height}`];
  }
  const same = state.height === blocks.height && blocks.appHash && state.appHash;
  if (!same || equal(blocks.appHash, state.appHash)) return [];
  return [
    `the state has hash ${toUpperHex(state.appHash)}, the chain ${toUpperHex(blocks.appHash)}`,
  ];
}

async function checkDb(folder: string, check: (db: Db) => Promise<Finding>): Promise<Finding> {
  try {
    await access(folder);
  } catch {
    return NOTHING;
  }
  try {
    await checkLevelFiles(folder);
    const db = await LevelDb.open(folder);
    try {
      return await check(db);
    } finally {
      await db.close();
    }
  } catch (error) {
    return { ...NOTHING, problem: error instanceof Error ? error.message : String(error) };
  }
}

function checkBlocks(db: Db): Promise<Finding> {
  const store = BlockStore.open(db, damaged);
  checkBlockStore(store, Infinity);
  const appHash = store.state()?.appHash;
  const finding = { base: store.base(), height: store.height() };
  return Promise.resolve(appHash === undefined ? finding : { ...finding, appHash });
}

async function checkState(db: Db): Promise<Finding> {
  const tip = readTip(db);
  if (tip === undefined) return NOTHING;
  const base = readBase(db, tip);
  await verifyState(db, checkDatabase(db, tip, base));
  return { base, height: tip.version, appHash: tip.appHash };
}

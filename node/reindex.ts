/**
 * Makes the index of a stopped node anew, from its blocks and their results. The new one is built beside the old
 * one and takes its place whole, so that a run that is broken off changes nothing.
 */
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { EXIT_DATA, ExitError } from './base/exit.ts';
import { BlockStore } from './engine/block-store.ts';
import { checkBlockStore, damaged } from './engine/block-store-check.ts';
import { lockHome } from './engine/home-lock.ts';
import { explained } from './failure.ts';
import { homeAt, type Home } from './home.ts';
import { Indexer } from './rpc/index/indexer.ts';
import { LevelDb } from './store/level-db.ts';

export interface Reindexed {
  /** The oldest and the newest height that can be searched now. */
  readonly base: number;
  readonly height: number;
  readonly txs: number;
}

/** Told after each block. */
export type OnBlock = (height: number, base: number, last: number) => void;

/** Refuses while a node runs. Throws ExitError 65 when there are no blocks or they are damaged. */
export async function reindexHome(homeFolder: string, onBlock: OnBlock): Promise<Reindexed> {
  const home = homeAt(homeFolder);
  if (!existsSync(home.blocks)) throw new ExitError(EXIT_DATA, `${home.blocks} holds no blocks`);
  await mkdir(home.data, { recursive: true });
  const lock = await lockHome(home.data);
  try {
    return await rebuilt(home, onBlock);
  } catch (error) {
    throw explained(error, home.root);
  } finally {
    lock.release();
  }
}

async function rebuilt(home: Home, onBlock: OnBlock): Promise<Reindexed> {
  const beside = `${home.index}.new`;
  await rm(beside, { recursive: true, force: true });
  const blocks = await LevelDb.open(home.blocks);
  try {
    const store = BlockStore.open(blocks, damaged);
    checkBlockStore(store);
    if (store.height() === 0) throw new ExitError(EXIT_DATA, 'this node has no block yet');
    const db = await LevelDb.open(beside);
    let done: Reindexed;
    try {
      done = await indexAll(store, new Indexer(db), onBlock);
    } finally {
      await db.close();
    }
    // Without an index, as after a crash between these two, the next start indexes everything itself.
    await rm(home.index, { recursive: true, force: true });
    await rename(beside, home.index);
    return done;
  } catch (error) {
    await rm(beside, { recursive: true, force: true });
    throw error;
  } finally {
    await blocks.close();
  }
}

async function indexAll(store: BlockStore, index: Indexer, onBlock: OnBlock): Promise<Reindexed> {
  const [base, last] = [store.base(), store.height()];
  for (let height = base; height <= last; height += 1) {
    // The block whose state came as a snapshot was not executed here.
    if (height !== store.restoredAt()) await indexOne(store, index, height);
    onBlock(height, base, last);
  }
  return { base, height: last, txs: index.txCount(last) };
}

async function indexOne(store: BlockStore, index: Indexer, height: number): Promise<void> {
  const stored = store.block(height);
  const results = store.results(height);
  if (stored === undefined) throw damaged(`block ${height} is missing`);
  if (results === undefined) throw damaged(`the results of block ${height} are missing`);
  await index.index(stored.block, results);
}

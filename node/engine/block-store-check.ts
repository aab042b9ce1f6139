/**
 * The check of the block database at boot. LevelDB can lose records in the middle without an error, so the
 * newest blocks are read, hashed again and linked before anything is signed or served.
 */
import { equal } from '../base/bytes.ts';
import { EXIT_DATA, ExitError } from '../base/exit.ts';
import { BOOT_CHECK_BLOCKS } from '../base/limits.ts';
import { decodeBlock } from '../consensus/decoding.ts';
import { blockIdOf } from '../consensus/hashing.ts';
import type { BlockId } from '../consensus/types.ts';
import { sameBlock } from '../consensus/votes.ts';
import type { BlockStore } from './block-store.ts';

export function damaged(what: string): ExitError {
  return new ExitError(
    EXIT_DATA,
    `the block database is damaged: ${what}. Nothing was signed. Repair it with: bitscale repair ` +
      '(the blocks come from peers again)',
  );
}

/** Reads the newest `count` blocks. Throws ExitError 65 naming the first thing that does not fit. */
export function checkBlockStore(store: BlockStore, count = BOOT_CHECK_BLOCKS): void {
  const state = store.state();
  if (state === undefined || store.height() === 0) return;
  const first = Math.max(store.base(), store.height() - count + 1);
  let expected = state.blockId;
  for (let height = store.height(); height >= first; height -= 1) {
    expected = readable(`block ${height}`, () => checkBlock(store, height, expected));
  }
  readable('the newest block', () => checkTip(store));
}

/** Whatever goes wrong while reading is damage. */
function readable<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ExitError) throw error;
    throw damaged(`${what} cannot be read (${String(error)})`);
  }
}

/** Answers the id that the block before must have. */
function checkBlock(store: BlockStore, height: number, expected: BlockId): BlockId {
  const bytes = store.blockBytes(height);
  const meta = store.meta(height);
  if (bytes === undefined || meta === undefined) throw damaged(`block ${height} is missing`);
  const { header, ...rest } = decodeBlock(bytes);
  const blockId = blockIdOf({ header, ...rest }, bytes);
  if (header.height !== height) throw damaged(`block ${height} has another height`);
  if (!sameBlock(blockId, meta.blockId) || !sameBlock(blockId, expected)) {
    throw damaged(`block ${height} does not have the expected hash`);
  }
  checkSets(store, height, header.validatorsHash);
  return header.lastBlockId;
}

function checkSets(store: BlockStore, height: number, hash: Uint8Array): void {
  const validators = store.validators(height);
  if (validators === undefined || !equal(validators.hash(), hash)) {
    throw damaged(`the validators of height ${height} are missing or wrong`);
  }
  if (height !== store.restoredAt() && store.results(height) === undefined) {
    throw damaged(`the results of height ${height} are missing or wrong`);
  }
}

function checkTip(store: BlockStore): void {
  const state = store.state();
  const height = store.height();
  const commit = store.seenCommit(height);
  if (state === undefined || commit === undefined || !sameBlock(commit.blockId, state.blockId)) {
    throw damaged(`the commit of height ${height} is missing or wrong`);
  }
  if (store.blockBytes(height + 1) !== undefined) {
    throw damaged(`block ${height + 1} is there, but the chain state is older`);
  }
}

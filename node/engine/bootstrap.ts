/** Where a chain begins for a node that got its state as a snapshot. */
import { equal, toUpperHex, type Bytes } from '../base/bytes.ts';
import { BitscaleError, defineError } from '../base/errors.ts';
import { decodeBlock } from '../consensus/decoding.ts';
import { blockIdOf } from '../consensus/hashing.ts';
import type { Commit } from '../consensus/types.ts';
import { verifyCommit } from '../consensus/verify-commit.ts';
import { sameBlock } from '../consensus/votes.ts';
import type { BlockStore } from './block-store.ts';
import type { ChainState } from './chain-state.ts';

export const ErrBootstrap = defineError('engine', 3, 'the chain cannot begin here');

/** The caller has verified `state` against headers it trusts. */
export interface Bootstrap {
  /** After the block of the snapshot's height; `appHash` and `resultsHash` are in the next header. */
  readonly state: ChainState;
  /** More than 2/3 of `state.lastValidators` for `state.blockId`. */
  readonly commit: Commit;
  /** That block, if it could be had: then its header and commit can be asked for here. */
  readonly block?: Bytes;
}

/** Throws engine/3 when the parts do not belong together. */
export async function beginAfterRestore(
  store: BlockStore,
  app: { readonly height: number; readonly appHash: Bytes },
  { state, commit, block: bytes }: Bootstrap,
): Promise<void> {
  const { chainId, height, blockId, lastValidators } = state;
  const before = store.state();
  if (store.height() > 0 || before?.chainId !== chainId) throw refused('there is a chain already');
  if (lastValidators === undefined) throw refused('the validators of the height are missing');
  if (app.height !== height || !equal(app.appHash, state.appHash)) {
    throw refused(`the application is at height ${app.height}, ${toUpperHex(app.appHash)}`);
  }
  verifyCommit({ chainId, validators: lastValidators, height, blockId, commit });
  if (bytes === undefined) {
    await store.beginAt(state, commit);
    return;
  }
  const block = decodeBlock(bytes);
  if (block.header.height !== height || !sameBlock(blockIdOf(block, bytes), blockId)) {
    throw refused('the block is another');
  }
  await store.beginAt(state, commit, { block, blockId, bytes, size: bytes.length });
}

function refused(why: string): BitscaleError {
  return new BitscaleError(ErrBootstrap, why);
}

/** The tree of hashes on a node that starts from a snapshot: built anew from the accounts. */
import type { Context } from '../../node/app/context.ts';
import { assert } from '../../node/base/errors.ts';
import * as accounts from './accounts.ts';
import { OP_REGISTER } from './intent.ts';
import type { LedgerKeeper } from './keeper.ts';

/** Accounts hashed between two rests. */
const STEP_ACCOUNTS = 256;

/**
 * The tree is as old as the newest sealed batch. An account that the open batch has opened is not in it yet, and
 * stays out: whether a node of the tree is there counts in the gas of the next seal. One that the open batch has
 * changed is hashed as it is now, because that seal hashes it again before anybody reads it.
 */
export function* rebuildTree(context: Context, keeper: LedgerKeeper): Iterable<void> {
  const { depth } = keeper.params(context).shape;
  const batch = keeper.openBatch(context);
  const opened = (batch?.operations ?? []).filter(({ op }) => op === OP_REGISTER);
  const fresh = new Set(opened.map(({ rIdx }) => Number(rIdx)));
  let root = accounts.emptyRoot(depth);
  for (const slice of accounts.slices(context, STEP_ACCOUNTS)) {
    root = accounts.rehash(
      context,
      depth,
      slice.filter((index) => !fresh.has(index)),
    );
    yield;
  }
  assert(batch || root === keeper.root(context), 'the accounts do not give the root');
}

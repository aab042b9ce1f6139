/** What holds of the ledger after every block, whatever users do. */
import type { Context } from '../../node/app/context.ts';
import type { Module } from '../../node/app/module.ts';
import { allAccounts } from './accounts.ts';
import type { LedgerKeeper } from './keeper.ts';
import { supplies } from './supply.ts';
import { LedgerTree, leafHash, MemoryNodes } from './tree.ts';

type Invariants = NonNullable<Module['invariants']>;

export function ledgerInvariants(keeper: LedgerKeeper): Invariants {
  return [
    { name: 'conservation', check: (context) => conservation(context, keeper) },
    { name: 'root', check: (context) => rootOfLeaves(context, keeper) },
  ];
}

/**
 * Per token: balances, and what the open batch has taken and not yet given (fees; of quotes what payers
 * paid, less what merchants got), are deposits less withdrawals less the fees of sealed batches.
 */
function conservation(context: Context, keeper: LedgerKeeper): string | undefined {
  const held = new Map<bigint, bigint>();
  const add = (token: bigint, amount: bigint): void =>
    void held.set(token, (held.get(token) ?? 0n) + amount);
  for (const { token, balance } of allAccounts(context)) add(token, balance);
  const batch = keeper.openBatch(context);
  for (const [token, total] of batch?.fees ?? []) add(token, total);
  for (const { quote, totalIn, totalOut } of batch?.quotes ?? []) {
    add(quote.tokenIn, totalIn);
    add(quote.tokenOut, -totalOut);
  }
  const supply = supplies(context);
  for (const token of new Set([...held.keys(), ...supply.keys()])) {
    const [has, owed] = [held.get(token) ?? 0n, supply.get(token) ?? 0n];
    if (has !== owed) return `the accounts hold ${has} of token ${token}, its supply is ${owed}`;
  }
  return undefined;
}

/** Between batches the root is that of the tree built anew from all accounts. */
function rootOfLeaves(context: Context, keeper: LedgerKeeper): string | undefined {
  if (keeper.openBatch(context)) return undefined;
  const tree = new LedgerTree(keeper.params(context).shape.depth, new MemoryNodes());
  const leaves = [...allAccounts(context)].map((one) => [one.index, leafHash(one)] as const);
  tree.update(new Map(leaves));
  const root = keeper.root(context);
  return tree.root === root ? undefined : `root ${root}, the accounts give ${tree.root}`;
}

/** Which transactions may stand in a block: those that pass the ante rules one after the other. */
import type { Bytes } from '../base/bytes.ts';
import { Context, type BlockFacts } from './context.ts';
import { runTx, type RunnerDeps } from './run-tx.ts';
import type { StateBranch } from './state.ts';

interface Proposal {
  readonly txs: readonly Bytes[];
  readonly state: StateBranch;
  readonly deps: RunnerDeps;
}

/** The candidates in order, without those that would be refused or no longer fit. */
export function chooseTxs(block: BlockFacts, maxBytes: number, proposal: Proposal): Bytes[] {
  const context = new Context({ block, mode: 'prepare', state: proposal.state });
  const { maxGas } = block.consensusParams.block;
  const chosen: Bytes[] = [];
  let [bytes, gas] = [0, 0n];
  for (const tx of proposal.txs) {
    // A tx costs up to five more bytes in the block: field tag and length.
    const size = tx.length + 5;
    if (bytes + size > maxBytes) continue;
    const { result } = runTx(context, tx, proposal.deps);
    if (result.code !== 0) continue;
    if (maxGas >= 0n && gas + result.gasWanted > maxGas) break;
    chosen.push(tx);
    bytes += size;
    gas += result.gasWanted;
  }
  return chosen;
}

/** Would every transaction pass, and do they fit the block's gas? The same answer on every node. */
export function acceptsTxs(block: BlockFacts, proposal: Proposal): boolean {
  const context = new Context({ block, mode: 'process', state: proposal.state });
  const { maxGas } = block.consensusParams.block;
  let gas = 0n;
  for (const tx of proposal.txs) {
    const { result } = runTx(context, tx, proposal.deps);
    if (result.code !== 0) return false;
    gas += result.gasWanted;
    if (maxGas >= 0n && gas > maxGas) return false;
  }
  return true;
}

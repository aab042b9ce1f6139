/** Which transactions may stand in a block: those that pass the ante rules when it is executed. */
import type { Bytes } from '../base/bytes.ts';
import { DamagedStoreError } from '../store/errors.ts';
import type { BlockRun } from './block.ts';

/** A tx costs up to five more bytes in the block: field tag and length. */
const OVERHEAD_BYTES = 5;

interface Offer {
  readonly txs: readonly Bytes[];
  readonly maxBytes: number;
  /** One of them meets a bug of this program: it is kept out, for decided it would stop every node. */
  readonly careful: boolean;
}

/** Executes the candidates in order, without those that are refused or no longer fit; answers the others. */
export function chooseTxs(run: BlockRun, { txs, maxBytes, careful }: Offer): Bytes[] {
  const { maxGas } = run.block.consensusParams.block;
  const chosen: Bytes[] = [];
  let [bytes, gas] = [0, 0n];
  for (const tx of txs) {
    const size = tx.length + OVERHEAD_BYTES;
    const wanted = run.gasWanted(tx);
    if (wanted === undefined || bytes + size > maxBytes) continue;
    if (maxGas >= 0n && gas + wanted > maxGas) break;
    if (!(careful ? addApart(run, tx) : run.addIfGood(tx))) continue;
    chosen.push(tx);
    bytes += size;
    gas += wanted;
  }
  return chosen;
}

/** Executes all of them; false when one is refused or they need too much gas. The same on every node. */
export function acceptsTxs(run: BlockRun, txs: readonly Bytes[]): boolean {
  const { maxGas } = run.block.consensusParams.block;
  let gas = 0n;
  for (const tx of txs) {
    gas += run.gasWanted(tx) ?? 0n;
    if (maxGas >= 0n && gas > maxGas) return false;
    if (!run.addIfGood(tx)) return false;
  }
  return true;
}

function addApart(run: BlockRun, tx: Bytes): boolean {
  try {
    return run.addIfGood(tx, true);
  } catch (error) {
    if (error instanceof DamagedStoreError) throw error;
    return false;
  }
}

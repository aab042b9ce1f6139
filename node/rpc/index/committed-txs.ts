/** Transactions with their results, at places that a search has found. */
import type { TxResult } from '../../app/abci.ts';
import type { Bytes } from '../../base/bytes.ts';
import { sha256 } from '../../base/hash.ts';
import type { Header } from '../../consensus/types.ts';
import type { BlockReader } from '../expected.ts';
import type { TxPlace } from './indexer.ts';
import { ordinalOf } from './keys.ts';
import { Stretch } from '../stretch.ts';

export interface CommittedTx extends TxPlace {
  readonly hash: Bytes;
  readonly tx: Bytes;
  readonly result: TxResult;
  readonly header: Header;
}

/** Undefined when the block has been pruned. */
export function txAt(reader: BlockReader, { height, position }: TxPlace): CommittedTx | undefined {
  return atHeight(reader, height, [position])[0];
}

/** In the order of `places`; those whose block has been pruned are left out. Each block is read once. */
export async function txsAt(
  reader: BlockReader,
  places: readonly TxPlace[],
): Promise<CommittedTx[]> {
  const wanted = new Map<number, number[]>();
  for (const { height, position } of places) {
    const positions = wanted.get(height);
    if (positions) positions.push(position);
    else wanted.set(height, [position]);
  }
  const found = new Map<number, CommittedTx>();
  const stretch = new Stretch();
  for (const [height, positions] of wanted) {
    if (stretch.isOver) await stretch.rest();
    positions.sort((a, b) => a - b);
    for (const tx of atHeight(reader, height, positions)) found.set(ordinalOf(tx), tx);
  }
  return places.flatMap((place) => found.get(ordinalOf(place)) ?? []);
}

function atHeight(
  reader: BlockReader,
  height: number,
  positions: readonly number[],
): CommittedTx[] {
  const part = reader.blockPart(height, positions);
  const results = reader.txResults(height, positions);
  if (!part || !results) return [];
  const { header, txs } = part;
  return positions.flatMap((position, i) => {
    const [tx, result] = [txs[i], results[i]];
    return tx && result ? { height, position, hash: sha256(tx), tx, result, header } : [];
  });
}

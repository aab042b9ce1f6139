/** Chains that are made of events, for tests of the index. */
import type { Event, FinalizeBlockResponse } from '../../../../node/app/abci.ts';
import { dataHash } from '../../../../node/consensus/hashing.ts';
import { Indexer } from '../../../../node/rpc/index/indexer.ts';
import { EMPTY_TX_RESULT } from '../../../../node/rpc/json/abci.ts';
import { MemoryDb } from '../../../../node/store/memory-db.ts';
import { FakeBlocks } from '../fake-node.ts';
import { recordedChain, type RecordedHeight } from '../recorded.ts';

export const event = (type: string, ...pairs: readonly (readonly [string, string])[]): Event => ({
  type,
  attributes: pairs.map(([key, value]) => ({ key, value, index: key !== 'hidden' })),
});
export const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

export type TxSpec = readonly [tx: string, events: readonly Event[], code?: number];

export interface BlockSpec {
  readonly txs?: readonly TxSpec[];
  readonly events?: readonly Event[];
}

/** A chain of blocks with these transactions and block events, indexed. */
export async function chainOf(
  blocks: readonly BlockSpec[],
  db = new MemoryDb(),
): Promise<{ reader: FakeBlocks; indexer: Indexer; db: MemoryDb }> {
  const template = recordedChain()[0] as RecordedHeight;
  const { stored } = template;
  const heights = blocks.map(({ txs = [], events = [] }, i): RecordedHeight => {
    const list = txs.map(([tx]) => bytes(tx));
    const header = { ...stored.block.header, height: i + 1, dataHash: dataHash(list) };
    const results: FinalizeBlockResponse = {
      events,
      txResults: txs.map(([, own, code = 0]) => ({ ...EMPTY_TX_RESULT, code, events: own })),
      validatorUpdates: [],
      appHash: new Uint8Array(0),
    };
    return { stored: { ...stored, block: { ...stored.block, header, txs: list } }, results };
  });
  const reader = new FakeBlocks(heights);
  const indexer = new Indexer(db);
  await indexer.catchUp(reader);
  return { reader, indexer, db };
}

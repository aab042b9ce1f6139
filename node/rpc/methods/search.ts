/** Methods that find transactions and blocks: tx, tx_search, block_search. */
import { equal, toUpperHex } from '../../base/bytes.ts';
import { sha256 } from '../../base/hash.ts';
import { assert } from '../../base/errors.ts';
import { txProof } from '../../consensus/hashing.ts';
import { isDescending, perPageOf, skipOf, tipOf, type Backend } from '../backend.ts';
import { refused } from '../errors.ts';
import { searchBlocks } from '../index/block-search.ts';
import type { TxPlace } from '../index/indexer.ts';
import { searchTxs } from '../index/tx-search.ts';
import { indexedTxJson, type IndexedTx } from '../json/abci.ts';
import { storedBlockJson } from '../json/block.ts';
import { int64 } from '../json/scalars.ts';
import { method, type Methods } from '../method.ts';
import { flag, hash, optionalInt, optionalString, string } from '../params.ts';
import { parseQuery } from '../query/query.ts';

export function searchMethods(backend: Backend): Methods {
  const { blocks, indexer } = backend;
  const paging = { page: optionalInt(), per_page: optionalInt(), order_by: optionalString() };
  return {
    tx: method({ hash: hash(), prove: flag() }, (args) => {
      const place = indexer.txByHash(args.hash);
      const found = place && place.height <= tipOf(backend) && txAt(backend, place, args.prove);
      if (!found) throw refused(`tx (${toUpperHex(args.hash)}) not found`);
      assert(equal(found.hash, args.hash), 'the index points to the transaction it names');
      return indexedTxJson(found);
    }),
    tx_search: method({ query: string(), prove: flag(), ...paging }, async (args) => {
      const query = parseQuery(args.query);
      const descending = isDescending(args.order_by, 'asc');
      const found = await searchTxs(indexer, blocks, query, tipOf(backend));
      const perPage = perPageOf(args.per_page);
      const skip = skipOf(args.page, perPage, found.total);
      const places = found.page(skip, perPage, descending);
      const txs = places.flatMap((place) => txAt(backend, place, args.prove) ?? []);
      return { txs: txs.map(indexedTxJson), total_count: int64(found.total) };
    }),
    block_search: method({ query: string(), ...paging }, async (args) => {
      const query = parseQuery(args.query);
      const descending = isDescending(args.order_by, 'desc');
      const found = await searchBlocks(indexer, blocks, query, tipOf(backend));
      const perPage = perPageOf(args.per_page);
      const skip = skipOf(args.page, perPage, found.total);
      const stored = found.page(skip, perPage, descending).flatMap((at) => blocks.block(at) ?? []);
      return { blocks: stored.map(storedBlockJson), total_count: int64(found.total) };
    }),
  };
}

/** Undefined when the block has been pruned. */
function txAt({ blocks }: Backend, place: TxPlace, prove: boolean): IndexedTx | undefined {
  const { height, position } = place;
  const block = blocks.block(height)?.block;
  const tx = block?.txs[position];
  const result = blocks.results(height)?.txResults[position];
  if (!block || !tx || !result) return undefined;
  const found = { hash: sha256(tx), height, index: position, tx, result };
  if (!prove) return found;
  const proof = txProof(block.txs, position);
  return { ...found, proof: { root: block.header.dataHash, proof } };
}

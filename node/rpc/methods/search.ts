/** Methods that find transactions and blocks: tx, tx_search, block_search. */
import { equal, toUpperHex } from '../../base/bytes.ts';
import { assert } from '../../base/errors.ts';
import { Deadline } from '../../base/deadline.ts';
import { MAX_QUERY_MS } from '../../base/limits.ts';
import type { MerkleProof } from '../../base/merkle.ts';
import { txProofs } from '../../consensus/hashing.ts';
import { isDescending, perPageOf, skipOf, tipOf, type Backend } from '../backend.ts';
import { refused } from '../errors.ts';
import type { BlockReader } from '../expected.ts';
import { searchBlocks } from '../index/block-search.ts';
import { txAt, txsAt, type CommittedTx } from '../index/committed-txs.ts';
import { searchTxs } from '../index/tx-search.ts';
import type { Search } from '../index/turns.ts';
import { indexedTxJson } from '../json/abci.ts';
import { storedBlockJson } from '../json/block.ts';
import { texts } from '../json/pieces.ts';
import { JsonText } from '../json/scalars.ts';
import { method, type Methods } from '../method.ts';
import { flag, hash, optionalInt, optionalString, string } from '../params.ts';
import { parseQuery, type Query } from '../query/query.ts';

export function searchMethods(backend: Backend): Methods {
  const { blocks, indexer } = backend;
  const paging = { page: optionalInt(), per_page: optionalInt(), order_by: optionalString() };
  return {
    tx: method(
      { hash: hash(), prove: flag() },
      (args) => {
        const place = indexer.txByHash(args.hash);
        const found = place && place.height <= tipOf(backend) ? txAt(blocks, place) : undefined;
        if (!found) throw refused(`tx (${toUpperHex(args.hash)}) not found`);
        assert(equal(found.hash, args.hash), 'the index points to the transaction it names');
        return txJson(found, args.prove ? new Proofs(blocks) : undefined);
      },
      () => true,
    ),
    tx_search: method({ query: string(), prove: flag(), ...paging }, async (args) => {
      const query = inTime(parseQuery(args.query));
      const descending = isDescending(args.order_by, 'asc');
      const found = await searchTxs(indexer, blocks, query, tipOf(backend));
      const perPage = perPageOf(args.per_page);
      const skip = skipOf(args.page, perPage, found.total);
      const txs = await txsAt(blocks, found.page(skip, perPage, descending));
      const proofs = args.prove ? new Proofs(blocks) : undefined;
      const items = await texts(txs, (tx) => txJson(tx, proofs));
      return new JsonText(`{"txs":[${items.join(',')}],"total_count":"${found.total}"}`);
    }),
    block_search: method({ query: string(), ...paging }, async (args) => {
      const query = inTime(parseQuery(args.query));
      const descending = isDescending(args.order_by, 'desc');
      const found = await searchBlocks(indexer, blocks, query, tipOf(backend));
      const perPage = perPageOf(args.per_page);
      const skip = skipOf(args.page, perPage, found.total);
      const heights = found.page(skip, perPage, descending);
      const items = await texts(heights, (height) => {
        const stored = blocks.block(height);
        return stored && storedBlockJson(stored);
      });
      return new JsonText(`{"blocks":[${items.join(',')}],"total_count":"${found.total}"}`);
    }),
  };
}

const inTime = (query: Query): Search => {
  const late = refused(`the search took longer than ${MAX_QUERY_MS / 1000} seconds; narrow it`);
  return { ...query, deadline: new Deadline(MAX_QUERY_MS, late) };
};

/** Proofs of transactions; those of the block that was asked for last are kept. */
class Proofs {
  readonly #blocks: BlockReader;
  #height = 0;
  #proofs: readonly MerkleProof[] = [];

  constructor(blocks: BlockReader) {
    this.#blocks = blocks;
  }

  of({ height, position }: CommittedTx): MerkleProof | undefined {
    if (height !== this.#height) {
      this.#proofs = txProofs(this.#blocks.block(height)?.block.txs ?? []);
      this.#height = height;
    }
    return this.#proofs[position];
  }
}

function txJson(found: CommittedTx, proofs: Proofs | undefined) {
  const { position, header, ...rest } = found;
  const proof = proofs?.of(found);
  const proven = proof && { proof: { root: header.dataHash, proof } };
  return indexedTxJson({ ...rest, index: position, ...proven });
}

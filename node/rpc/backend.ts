/** What all methods share: the parts of the node they read, and the rules for heights and pages. */
import { DEFAULT_RPC_PAGE, MAX_RPC_PAGE } from '../base/limits.ts';
import { refused } from './errors.ts';
import type { EventBus } from './event-bus.ts';
import type { BlockReader, EvidencePool, NodeView, QueryApp, TxPool } from './expected.ts';
import type { Indexer } from './index/indexer.ts';

export interface Backend {
  readonly blocks: BlockReader;
  readonly node: NodeView;
  readonly app: QueryApp;
  readonly pool: TxPool;
  readonly evidence: EvidencePool;
  readonly indexer: Indexer;
  readonly bus: EventBus;
  readonly commitTimeoutMs: number;
}

/** The newest height clients may see: stored and indexed. */
export function tipOf({ blocks, indexer }: Pick<Backend, 'blocks' | 'indexer'>): number {
  return Math.min(blocks.height(), indexer.height());
}

/** The height a client means: `latest` unless it names one that this node has. */
export function heightOrLatest(
  backend: Backend,
  height: number | undefined,
  latest = tipOf(backend),
): number {
  if (height === undefined) return latest;
  if (height <= 0) throw refused(`height must be greater than 0, but got ${height}`);
  if (height > latest) {
    throw refused(
      `height ${height} must be less than or equal to the current blockchain height ${latest}`,
    );
  }
  const base = backend.blocks.base();
  if (height < base) throw refused(`height ${height} is not available, lowest height is ${base}`);
  return height;
}

/** Is everything about this height settled, also the commit that the next block carries? */
export function isSettled(backend: Backend, height: number | undefined): boolean {
  return height !== undefined && height < tipOf(backend);
}

export function perPageOf(perPage: number | undefined): number {
  if (perPage === undefined || perPage < 1) return DEFAULT_RPC_PAGE;
  return Math.min(perPage, MAX_RPC_PAGE);
}

/** How many items stand before the page asked for. */
export function skipOf(page: number | undefined, perPage: number, total: number): number {
  if (page === undefined) return 0;
  const pages = Math.max(Math.ceil(total / perPage), 1);
  if (page <= 0 || page > pages) {
    throw refused(`page should be within [1, ${pages}] range, given ${page}`);
  }
  return (page - 1) * perPage;
}

/** `fallback` is what an empty order means. */
export function isDescending(orderBy: string, fallback: 'asc' | 'desc'): boolean {
  if (orderBy !== '' && orderBy !== 'asc' && orderBy !== 'desc') {
    throw refused('expected order_by to be either `asc` or `desc` or empty');
  }
  return (orderBy || fallback) === 'desc';
}

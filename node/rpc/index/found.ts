/** The answer of a search: known by length, and cut to the page that is asked for. */
import type { TxPlace } from './indexer.ts';
import { placeAt } from './keys.ts';

export interface Found<T> {
  readonly total: number;
  /** Items `skip` to `skip + count` in the wanted order. */
  page(skip: number, count: number, descending: boolean): readonly T[];
}

export function foundList<T>(items: readonly T[]): Found<T> {
  return {
    total: items.length,
    page: (skip, count, descending) => {
      if (!descending) return items.slice(skip, skip + count);
      const end = items.length - skip;
      return items.slice(Math.max(end - count, 0), Math.max(end, 0)).reverse();
    },
  };
}

/** A stretch of `total` items of which each can be computed. */
export function foundStretch<T>(total: number, at: (position: number) => T): Found<T> {
  return {
    total,
    page: (skip, count, descending) => {
      const length = Math.max(Math.min(count, total - skip), 0);
      return Array.from({ length }, (_, i) => at(descending ? total - 1 - skip - i : skip + i));
    },
  };
}

/** Places by their ordinals, which ascend. */
export function foundPlaces(ordinals: ArrayLike<number>): Found<TxPlace> {
  return foundStretch(ordinals.length, (position) => placeAt(ordinals[position] as number));
}

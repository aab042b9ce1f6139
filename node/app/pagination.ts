/** Pages of a key range, as cosmos.base.query.v1beta1 describes them. */
import type { PageRequest, PageResponse } from 'cosmjs-types/cosmos/base/query/v1beta1/pagination';
import { EMPTY, bigIntToBytes, bytesToBigInt, concat, type Bytes } from '../base/bytes.ts';
import { MAX_PAGE_ENTRIES, MAX_PAGE_OFFSET } from '../base/limits.ts';
import { prefixEnd, type KvReader } from '../store/kv.ts';
import { invalidArgument } from './query-error.ts';

const DEFAULT_LIMIT = 100;

export interface Page<T> {
  readonly entries: readonly T[];
  readonly pagination: PageResponse;
}

/** `take` gets the key without the prefix; returning undefined leaves an entry out of page and count. */
export interface PageSource<T> {
  readonly store: KvReader;
  readonly prefix: Bytes;
  take(key: Bytes, value: Bytes): T | undefined;
}

/** Throws InvalidArgument when key and offset are both given or the offset is absurd. */
export function paginate<T>(source: PageSource<T>, request: PageRequest | undefined): Page<T> {
  const { key, offset, limit, countTotal, reverse } = readRequest(request);
  const { prefix } = source;
  const end = prefixEnd(prefix);
  const from = key.length > 0 ? concat(prefix, key) : undefined;
  const range = reverse
    ? source.store.iterate(prefix, from ? concat(from, Uint8Array.of(0)) : end, true)
    : source.store.iterate(from ?? prefix, end);
  const entries: T[] = [];
  let nextKey: Bytes = EMPTY;
  let seen = 0;
  for (const [fullKey, value] of range) {
    const rest = fullKey.slice(prefix.length);
    const entry = source.take(rest, value);
    if (entry === undefined) continue;
    seen += 1;
    if (seen <= offset) continue;
    if (entries.length < limit) entries.push(entry);
    else if (nextKey.length === 0) nextKey = rest;
    if (nextKey.length > 0 && !countTotal) break;
  }
  return { entries, pagination: { nextKey, total: countTotal ? BigInt(seen) : 0n } };
}

/** Pages of a list already in memory; the key of an entry is its position in the order asked for. */
export function paginateList<T>(list: readonly T[], request: PageRequest | undefined): Page<T> {
  const { key, offset, limit, countTotal, reverse } = readRequest(request);
  if (key.length !== 0 && key.length !== 4) throw invalidArgument('invalid pagination key');
  const ordered = reverse ? list.toReversed() : list;
  const start = key.length > 0 ? Number(bytesToBigInt(key)) : offset;
  const next = start + limit;
  const nextKey = next < ordered.length ? bigIntToBytes(BigInt(next), 4) : EMPTY;
  const total = countTotal ? BigInt(list.length) : 0n;
  return { entries: ordered.slice(start, next), pagination: { nextKey, total } };
}

interface ReadRequest {
  readonly key: Bytes;
  readonly offset: number;
  readonly limit: number;
  readonly countTotal: boolean;
  readonly reverse: boolean;
}

function readRequest(request: PageRequest | undefined): ReadRequest {
  const key = request?.key ?? EMPTY;
  const offset = request?.offset ?? 0n;
  if (key.length > 0 && offset > 0n) {
    throw invalidArgument('invalid request, either offset or key is expected, got both');
  }
  if (offset > BigInt(MAX_PAGE_OFFSET)) throw invalidArgument('offset is too large');
  const asked = request?.limit ?? 0n;
  const limit = asked === 0n ? DEFAULT_LIMIT : asked;
  return {
    key,
    offset: Number(offset),
    limit: limit > BigInt(MAX_PAGE_ENTRIES) ? MAX_PAGE_ENTRIES : Number(limit),
    // As the SDK: without limit the total is counted too.
    countTotal: key.length === 0 && (request?.countTotal === true || asked === 0n),
    reverse: request?.reverse ?? false,
  };
}

/**
 * LevelDB's log format, used for its logs and its MANIFEST: pages of 32 KiB, in them fragments of records with
 * checksum, length and kind. LevelDB skips damaged fragments without a word; this reader tells what was torn
 * at the end (a crash) from what was damaged before intact records.
 */
import { concat, type Bytes } from '../../base/bytes.ts';
import { crc32c, masked, readUint32 } from './crc32c.ts';

export const PAGE_BYTES = 32_768;
const HEADER_BYTES = 7;
/** A whole record; 2 begins one. */
const FULL = 1;
const MIDDLE = 3;
const LAST = 4;

export interface LogScan {
  readonly records: readonly Bytes[];
  /** Where the intact fragments end. */
  readonly intactBytes: number;
  /** Bytes follow that are not an intact record: a write that did not finish, or damage. */
  readonly isTorn: boolean;
  /** Intact fragments follow a damaged one: no crash leaves that behind. */
  readonly isDamagedInside: boolean;
}

interface Fragment {
  readonly kind: number;
  readonly payload: Bytes;
  readonly end: number;
}

function fragmentAt(data: Bytes, at: number): Fragment | undefined {
  const pageEnd = Math.min(data.length, at - (at % PAGE_BYTES) + PAGE_BYTES);
  const start = at + HEADER_BYTES;
  if (start > pageEnd) return undefined;
  const end = start + data[at + 4]! + data[at + 5]! * 256;
  const kind = data[at + 6]!;
  if (kind < FULL || kind > LAST || end > pageEnd) return undefined;
  if (masked(crc32c(data, at + 6, end)) !== readUint32(data, at)) return undefined;
  return { kind, payload: data.subarray(start, end), end };
}

/** The rest of a page that is too short for a header is left empty. */
function skipTrailer(data: Bytes, at: number): number {
  const left = PAGE_BYTES - (at % PAGE_BYTES);
  if (left >= HEADER_BYTES) return at;
  const end = Math.min(data.length, at + left);
  return data.subarray(at, end).every((byte) => byte === 0) ? end : at;
}

export function scanLog(data: Bytes): LogScan {
  const records: Bytes[] = [];
  let open: Bytes[] | undefined;
  let at = 0;
  let whole = 0;
  for (;;) {
    at = skipTrailer(data, at);
    const fragment = fragmentAt(data, at);
    if (fragment === undefined) break;
    const { kind, payload, end } = fragment;
    const continues = kind === MIDDLE || kind === LAST;
    if (continues !== (open !== undefined)) break;
    const parts: Bytes[] = [...(open ?? []), payload];
    open = kind === FULL || kind === LAST ? undefined : parts;
    at = end;
    if (open !== undefined) continue;
    records.push(concat(...parts));
    whole = end;
  }
  const isDamagedInside = at < data.length && anyFragmentAfter(data, at + 1);
  return { records, intactBytes: whole, isTorn: whole < data.length, isDamagedInside };
}

function anyFragmentAfter(data: Bytes, from: number): boolean {
  for (let at = from; at + HEADER_BYTES < data.length; at += 1) {
    if (data[at + 6]! >= FULL && data[at + 6]! <= LAST && hasLength(data, at)) {
      if (fragmentAt(data, at) !== undefined) return true;
    }
  }
  return false;
}

/** LevelDB writes no empty fragments that matter; without this, chance finds take too long. */
function hasLength(data: Bytes, at: number): boolean {
  return data[at + 4]! + data[at + 5]! > 0;
}

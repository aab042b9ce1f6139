/**
 * One record of the write-ahead log: length (4 bytes), CRC-32 (4 bytes), payload. The CRC starts from a
 * random seed of the file, so that a record's content (blocks hold what users send) cannot contain something
 * that reads as an intact record of this file.
 */
import { crc32 } from 'node:zlib';
import { concat, type Bytes } from '../base/bytes.ts';
import { MAX_WAL_RECORD_BYTES } from '../base/limits.ts';
import { assert } from '../base/errors.ts';

const FRAME_HEADER_BYTES = 8;

function checksum(seed: number, length: Bytes, payload: Bytes): number {
  return crc32(payload, crc32(length, seed));
}

export function encodeFrame(seed: number, payload: Bytes): Bytes {
  assert(payload.length > 0, 'a write-ahead log record is never empty');
  assert(payload.length <= MAX_WAL_RECORD_BYTES, 'write-ahead log record too large');
  const header = new Uint8Array(FRAME_HEADER_BYTES);
  const view = new DataView(header.buffer);
  view.setUint32(0, payload.length);
  view.setUint32(4, checksum(seed, header.subarray(0, 4), payload));
  return concat(header, payload);
}

/** The payload of the frame that starts at `offset`, or undefined when none is whole and intact there. */
function frameAt(seed: number, data: Bytes, offset: number): Bytes | undefined {
  if (data.length - offset < FRAME_HEADER_BYTES) return undefined;
  const view = new DataView(data.buffer, data.byteOffset + offset);
  const length = view.getUint32(0);
  if (length === 0 || length > MAX_WAL_RECORD_BYTES) return undefined;
  const start = offset + FRAME_HEADER_BYTES;
  if (data.length - start < length) return undefined;
  const payload = data.subarray(start, start + length);
  const expected = checksum(seed, data.subarray(offset, offset + 4), payload);
  if (expected !== view.getUint32(4)) return undefined;
  return payload;
}

export interface FrameScan {
  readonly payloads: readonly Bytes[];
  /** Where the intact frames end. */
  readonly intactBytes: number;
  /** An intact frame exists after a damaged one: this is not a torn tail. */
  readonly damagedInside: boolean;
}

/** Reads frames from the start; what follows the last intact one is a torn tail unless a frame follows. */
export function scanFrames(seed: number, data: Bytes, from: number): FrameScan {
  const payloads: Bytes[] = [];
  let offset = from;
  for (;;) {
    const payload = frameAt(seed, data, offset);
    if (payload === undefined) break;
    payloads.push(payload);
    offset += FRAME_HEADER_BYTES + payload.length;
  }
  return { payloads, intactBytes: offset, damagedInside: anyFrameAfter(seed, data, offset + 1) };
}

function anyFrameAfter(seed: number, data: Bytes, from: number): boolean {
  for (let offset = from; offset + FRAME_HEADER_BYTES < data.length; offset += 1) {
    if (frameAt(seed, data, offset) !== undefined) return true;
  }
  return false;
}

/**
 * Checks one table of LevelDB: every block's checksum, and that the blocks fill the file without a gap.
 * LevelDB itself reads tables without looking at the checksums, so a changed byte could hide a key.
 */
import type { FileHandle } from 'node:fs/promises';
import type { Bytes } from '../../base/bytes.ts';
import { MAX_LEVEL_BLOCK_BYTES } from '../../base/limits.ts';
import { crc32c, masked, readUint32 } from './crc32c.ts';
import { unpackSnappy } from './snappy.ts';
import { FieldReader } from './varint.ts';

const FOOTER_BYTES = 48;
const MAGIC_BYTES = 8;
const MAGIC = 'db4775248b80fb57';
/** Kind of compression, checksum. */
const TRAILER_BYTES = 5;
const SNAPPY = 1;

interface Handle {
  readonly offset: number;
  readonly size: number;
}

/** Reads `length` bytes at `offset`. */
type Read = (offset: number, length: number) => Promise<Bytes>;

function reads(file: FileHandle): Read {
  return async (offset, length) => {
    const { buffer, bytesRead } = await file.read(new Uint8Array(length), 0, length, offset);
    if (bytesRead !== length) throw new RangeError('the file is too short');
    return buffer;
  };
}

function readHandle(reader: FieldReader): Handle {
  return { offset: reader.varint(), size: reader.varint() };
}

/** The content of a block whose checksum is right. */
async function readBlock(read: Read, handle: Handle): Promise<Bytes> {
  if (handle.size > MAX_LEVEL_BLOCK_BYTES) throw new RangeError('a block is too large');
  const bytes = await read(handle.offset, handle.size + TRAILER_BYTES);
  checkBlock(bytes, 0, handle);
  const content = bytes.subarray(0, handle.size);
  return bytes[handle.size] === SNAPPY ? unpackSnappy(content, MAX_LEVEL_BLOCK_BYTES) : content;
}

function checkBlock(bytes: Bytes, at: number, { offset, size }: Handle): void {
  const end = at + size + 1;
  if (masked(crc32c(bytes, at, end)) !== readUint32(bytes, end)) {
    throw new RangeError(`the block at byte ${offset} does not match its checksum`);
  }
}

/** The values of a block that is an index: where other blocks are. */
function handlesIn(block: Bytes): Handle[] {
  const restarts = readUint32(block, block.length - 4);
  const end = block.length - 4 * (restarts + 1);
  if (!(end >= 0)) throw new RangeError('an index is cut off');
  const reader = new FieldReader(block, 0, end);
  const handles: Handle[] = [];
  while (!reader.isAtEnd) {
    reader.varint();
    const keyBytes = reader.varint();
    const valueBytes = reader.varint();
    reader.take(keyBytes);
    handles.push(readHandle(new FieldReader(reader.take(valueBytes))));
  }
  return handles;
}

/**
 * Throws RangeError naming what is wrong. Without `isFull` only index and filter are read, not the data.
 */
export async function checkTable(file: FileHandle, size: number, isFull: boolean): Promise<void> {
  const read = reads(file);
  const footer = await read(size - FOOTER_BYTES, FOOTER_BYTES);
  const magic = Buffer.from(footer.subarray(FOOTER_BYTES - MAGIC_BYTES)).reverse();
  if (magic.toString('hex') !== MAGIC) throw new RangeError('it does not end as a table does');
  const reader = new FieldReader(footer, 0, FOOTER_BYTES - MAGIC_BYTES);
  const [metaIndex, index] = [readHandle(reader), readHandle(reader)];
  const data = handlesIn(await readBlock(read, index));
  const filters = handlesIn(await readBlock(read, metaIndex));
  checkTiling([...data, ...filters, metaIndex, index], size - FOOTER_BYTES);
  for (const filter of filters) await readBlock(read, filter);
  if (!isFull || data.length === 0) return;
  // The tiling bounds this: the data blocks are the file up to the filter.
  const bytes = await read(0, filters[0]?.offset ?? metaIndex.offset);
  for (const handle of data) checkBlock(bytes, handle.offset, handle);
}

function checkTiling(handles: readonly Handle[], size: number): void {
  let expected = 0;
  for (const { offset, size: length } of handles) {
    if (offset !== expected) throw new RangeError(`no block begins at byte ${expected}`);
    expected = offset + length + TRAILER_BYTES;
  }
  if (expected !== size) throw new RangeError('the blocks do not fill the file');
}

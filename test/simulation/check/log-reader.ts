/** What of the write-ahead log of a height would survive a loss of power now. */
import type { Bytes } from '../../../node/base/bytes.ts';
import type { WalRecord } from '../../../node/consensus/effects.ts';
import { scanFrames } from '../../../node/engine/wal-frame.ts';
import { decodeLogEntry } from '../../../node/engine/wal-record.ts';
import type { Disk } from '../kernel/disk.ts';

const FOLDER = '/home/data/wal';
const SEED_BYTES = 4;

let lastRead: { readonly bytes: Bytes; readonly records: readonly WalRecord[] } | undefined;

export function durableRecords(disk: Disk, height: number): readonly WalRecord[] {
  const bytes = disk.durable(`${FOLDER}/${String(height).padStart(16, '0')}.wal`);
  if (!bytes || bytes.length <= SEED_BYTES) return [];
  if (lastRead?.bytes === bytes) return lastRead.records;
  const seed = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  const records = scanFrames(seed, bytes, SEED_BYTES)
    .payloads.map(decodeLogEntry)
    .flatMap((entry) => (entry.type === 'record' ? [entry.record] : []));
  lastRead = { bytes, records };
  return records;
}

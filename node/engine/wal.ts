/**
 * The write-ahead log of consensus: one file per height, `<height>.wal`, of checksummed records. `append`
 * returns only after the bytes are on the disk. A torn record at the end (a crash in the middle of a write)
 * is cut off; damage before an intact record is refused, because a node that forgot what it signed or
 * locked could contradict itself.
 */
import { mkdir, readdir, readFile, unlink } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { concat, type Bytes } from '../base/bytes.ts';
import { assert } from '../base/errors.ts';
import { EXIT_DATA, ExitError, systemCode } from '../base/exit.ts';
import { MAX_WAL_FILE_BYTES } from '../base/limits.ts';
import { syncDirectory } from './durable-file.ts';
import { open, type QuickFile } from './quick-files.ts';
import { SIGN_ABOVE_HINT } from './signer-files.ts';
import { encodeFrame, scanFrames, type FrameScan } from './wal-frame.ts';

const NAME = /^([0-9]{16})\.wal$/;
const KEPT_HEIGHTS = 2;
/** Each file starts with the random seed of its checksums. */
const SEED_BYTES = 4;

function fileName(height: number): string {
  return `${String(height).padStart(16, '0')}.wal`;
}

export class Wal {
  readonly #directory: string;
  /** Heights that may have a file. */
  readonly #kept = new Set<number>();
  /** Old files on their way out, for which nobody waits: a disk may take its time over them. */
  #dropping: Promise<void> = Promise.resolve();
  #file: QuickFile | undefined;
  #height = 0;
  /** 0 until the first record: the seed is written with it. */
  #bytes = 0;
  #seed = 0;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async open(directory: string): Promise<Wal> {
    await mkdir(directory, { recursive: true });
    const wal = new Wal(directory);
    for (const height of await wal.heights()) wal.#kept.add(height);
    return wal;
  }

  /** Heights that have a file, ascending. */
  async heights(): Promise<number[]> {
    await this.#dropping;
    const names = await readdir(this.#directory);
    const heights = names.flatMap((name) => NAME.exec(name)?.[1] ?? []).map(Number);
    return heights.sort((a, b) => a - b);
  }

  /** The records of `height` as they are on disk, which is left as it is. */
  async peek(height: number): Promise<readonly Bytes[]> {
    return (await scanFile(join(this.#directory, fileName(height))))?.payloads ?? [];
  }

  /** Opens the file of `height` for appending and returns the records it already holds. */
  async begin(height: number): Promise<readonly Bytes[]> {
    await this.close();
    const path = join(this.#directory, fileName(height));
    const file = await open(path, 'a', 0o600);
    this.#file = file;
    this.#height = height;
    this.#bytes = 0;
    this.#seed = randomBytes(SEED_BYTES).readUInt32BE(0);
    const records = (await file.stat()).size === 0 ? [] : await this.#recover(path, file);
    this.#kept.add(height);
    this.#dropping = this.#dropBefore(height - KEPT_HEIGHTS + 1);
    // Whoever waits next hears of it.
    this.#dropping.catch(() => undefined);
    return records;
  }

  /** Appends records to the file of the current height and waits until all are durable. */
  async append(...records: readonly Bytes[]): Promise<void> {
    assert(this.#file !== undefined, 'append to a write-ahead log that is not open');
    const isFirst = this.#bytes === 0;
    const parts = records.map((record) => encodeFrame(this.#seed, record));
    const frames = isFirst ? concat(seedBytes(this.#seed), ...parts) : concat(...parts);
    if (this.#bytes + frames.length > MAX_WAL_FILE_BYTES) {
      throw new ExitError(EXIT_DATA, `the write-ahead log of height ${this.#height} is full`);
    }
    this.#bytes += frames.length;
    await this.#file.appendFile(frames);
    await this.#file.datasync();
    if (isFirst) await syncDirectory(this.#directory);
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
    await this.#dropping;
  }

  /** Cuts what is behind the last record; a file without one begins anew. */
  async #recover(path: string, file: QuickFile): Promise<readonly Bytes[]> {
    const scan = await scanFile(path);
    if (scan === undefined || scan.payloads.length === 0) {
      await file.truncate();
      return [];
    }
    this.#seed = scan.seed;
    this.#bytes = scan.intactBytes;
    if (scan.intactBytes < scan.size) await file.truncate(scan.intactBytes);
    // What is read here may not be on the disk yet: its writer may have ended before its sync.
    await file.datasync();
    await syncDirectory(this.#directory);
    return scan.payloads;
  }

  async #dropBefore(height: number): Promise<void> {
    for (const old of this.#kept) {
      if (old >= height) continue;
      await unlink(join(this.#directory, fileName(old)));
      this.#kept.delete(old);
    }
  }
}

function seedBytes(seed: number): Bytes {
  const bytes = Buffer.alloc(SEED_BYTES);
  bytes.writeUInt32BE(seed);
  return bytes;
}

interface FileScan extends FrameScan {
  readonly seed: number;
  readonly size: number;
}

/** Undefined when there is no file. Throws ExitError 65 when records are damaged that others follow. */
async function scanFile(path: string): Promise<FileScan | undefined> {
  const data = await readFile(path).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (data === undefined) return undefined;
  const size = data.length;
  if (size < SEED_BYTES)
    return { seed: 0, size, payloads: [], intactBytes: 0, damagedInside: false };
  const seed = data.readUInt32BE(0);
  const scan = scanFrames(seed, data, SEED_BYTES);
  if (!scan.damagedInside) return { ...scan, seed, size };
  throw new ExitError(
    EXIT_DATA,
    `the write-ahead log ${path} is damaged at byte ${scan.intactBytes}, before records that are intact; ` +
      `without it the key could contradict itself: ${SIGN_ABOVE_HINT}`,
  );
}

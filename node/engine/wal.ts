/**
 * The write-ahead log of consensus: one file per height, `<height>.wal`, of checksummed records. `append`
 * returns only after the bytes are on the disk. A torn record at the end (a crash in the middle of a write)
 * is cut off; damage before an intact record is refused, because a node that forgot what it signed or
 * locked could contradict itself.
 */
import {
  mkdir,
  open,
  readdir,
  readFile,
  truncate,
  unlink,
  type FileHandle,
} from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { concat, type Bytes } from '../base/bytes.ts';
import { assert } from '../base/errors.ts';
import { EXIT_DATA, ExitError, systemCode } from '../base/exit.ts';
import { MAX_WAL_FILE_BYTES } from '../base/limits.ts';
import { syncDirectory } from './durable-file.ts';
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
  #handle: FileHandle | undefined;
  #height = 0;
  #bytes = 0;
  #seed = 0;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async open(directory: string): Promise<Wal> {
    await mkdir(directory, { recursive: true });
    return new Wal(directory);
  }

  /** Heights that have a file, ascending. */
  async heights(): Promise<number[]> {
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
    const records = await this.#recover(path);
    this.#handle = await open(path, 'a', 0o600);
    this.#bytes = (await this.#handle.stat()).size;
    if (this.#bytes === 0) await this.#writeSeed(this.#handle);
    // What is read here may not be on the disk yet: its writer may have ended before its sync.
    else await this.#handle.datasync();
    await syncDirectory(this.#directory);
    this.#height = height;
    await this.#dropBefore(height - KEPT_HEIGHTS + 1);
    return records;
  }

  /** Appends records to the file of the current height and waits until all are durable. */
  async append(...records: readonly Bytes[]): Promise<void> {
    assert(this.#handle !== undefined, 'append to a write-ahead log that is not open');
    const frames = concat(...records.map((record) => encodeFrame(this.#seed, record)));
    if (this.#bytes + frames.length > MAX_WAL_FILE_BYTES) {
      throw new ExitError(EXIT_DATA, `the write-ahead log of height ${this.#height} is full`);
    }
    this.#bytes += frames.length;
    await this.#handle.appendFile(frames);
    await this.#handle.datasync();
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  async #recover(path: string): Promise<readonly Bytes[]> {
    const scan = await scanFile(path);
    if (scan === undefined) return [];
    this.#seed = scan.seed;
    if (scan.intactBytes < scan.size) await cut(path, scan.intactBytes);
    return scan.payloads;
  }

  async #writeSeed(handle: FileHandle): Promise<void> {
    const seed = randomBytes(SEED_BYTES);
    await handle.appendFile(seed);
    await handle.datasync();
    this.#seed = seed.readUInt32BE(0);
    this.#bytes = SEED_BYTES;
  }

  async #dropBefore(height: number): Promise<void> {
    for (const old of await this.heights()) {
      if (old < height) await unlink(join(this.#directory, fileName(old)));
    }
  }
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

async function cut(path: string, length: number): Promise<void> {
  await truncate(path, length);
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

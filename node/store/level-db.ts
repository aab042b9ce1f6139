/** LevelDB as a Db. One process at a time owns a folder. */
import { ClassicLevel } from 'classic-level';
import type { Bytes } from '../base/bytes.ts';
import { MAX_CHECKED_TABLE_BYTES } from '../base/limits.ts';
import type { Db, DbDisk, DbOp, DbRange } from './db.ts';
import { DamagedStoreError } from './errors.ts';
import { checkLevelFiles } from './level/check.ts';

const ENCODING = { keyEncoding: 'view', valueEncoding: 'view' } as const;

export interface LevelDbOptions {
  /** Cache of uncompressed blocks, bytes. */
  readonly cacheBytes?: number;
  /** Writes gathered in memory before they become a table, bytes. */
  readonly writeBufferBytes?: number;
}

export class LevelDb implements Db {
  readonly #level: ClassicLevel<Bytes, Bytes>;
  readonly disk: DbDisk = {
    sizeOf: (start, end) => this.#level.approximateSize(start, end),
    compact: (start, end) => this.#level.compactRange(start, end),
  };

  private constructor(level: ClassicLevel<Bytes, Bytes>) {
    this.#level = level;
  }

  /** Refuses a folder whose files are damaged, and one that another process has open. */
  static async open(folder: string, options: LevelDbOptions = {}): Promise<LevelDb> {
    await checkLevelFiles(folder, MAX_CHECKED_TABLE_BYTES);
    const level = new ClassicLevel<Bytes, Bytes>(folder, ENCODING);
    try {
      await level.open({
        cacheSize: options.cacheBytes ?? 64 * 1024 * 1024,
        writeBufferSize: options.writeBufferBytes ?? 8 * 1024 * 1024,
      });
    } catch (error) {
      throw explained(error, folder);
    }
    return new LevelDb(level);
  }

  get(key: Bytes): Bytes | undefined {
    try {
      const value = this.#level.getSync(key);
      return value && plain(value);
    } catch (error) {
      throw explained(error, this.#level.location);
    }
  }

  iterate(range: DbRange = {}): AsyncIterableIterator<[Bytes, Bytes]> {
    const iterator = this.#level.iterator({
      ...(range.start && { gte: range.start }),
      ...(range.end && { lt: range.end }),
      reverse: range.reverse ?? false,
    });
    return entries(iterator, this.#level.location);
  }

  async batch(ops: readonly DbOp[], options: { readonly sync?: boolean } = {}): Promise<void> {
    if (ops.length === 0) return;
    try {
      // Op by op: an array of them would be copied, each with its options, at three times the cost.
      const batch = this.#level.batch();
      for (const op of ops) {
        if (op.type === 'put') batch.put(op.key, op.value);
        else batch.del(op.key);
      }
      await batch.write({ sync: options.sync ?? false });
    } catch (error) {
      throw explained(error, this.#level.location);
    }
  }

  async close(): Promise<void> {
    await this.#level.close();
  }
}

async function* entries(
  iterator: AsyncIterable<[Bytes, Bytes]>,
  folder: string,
): AsyncIterableIterator<[Bytes, Bytes]> {
  try {
    for await (const [key, value] of iterator) yield [plain(key), plain(value)];
  } catch (error) {
    throw explained(error, folder);
  }
}

/** LevelDB answers with Buffers that nobody else has, whose slice() would share memory: callers get plain arrays. */
function plain(value: Bytes): Bytes {
  return new Uint8Array(value.buffer, value.byteOffset, value.length);
}

/** What the operating system says when the disk, not the data, is the trouble. */
const DISK_TROUBLE: readonly (readonly [RegExp, string])[] = [
  [/no space left/i, 'ENOSPC'],
  [/input\/output error/i, 'EIO'],
  [/read-only file system/i, 'EROFS'],
  [/disk quota exceeded/i, 'EDQUOT'],
  [/too many open files/i, 'EMFILE'],
  [/permission denied/i, 'EACCES'],
];

/** LevelDB hides its reason in `cause`; damage and trouble with the disk become errors of their own. */
function explained(error: unknown, folder: string): unknown {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = (cause as { code?: string }).code ?? '';
  const text = cause instanceof Error ? cause.message : String(cause);
  if (code === 'LEVEL_LOCKED') {
    return new Error(`another process uses the database ${folder}`, { cause });
  }
  const trouble = DISK_TROUBLE.find(([pattern]) => pattern.test(text));
  if (trouble !== undefined) {
    return Object.assign(new Error(`${folder}: ${text}`, { cause }), { code: trouble[1] });
  }
  if (code === 'LEVEL_CORRUPTION' || code === 'LEVEL_IO_ERROR') {
    return new DamagedStoreError(`${folder}: ${text}`, { cause });
  }
  return error;
}

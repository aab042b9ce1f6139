/**
 * Snapshots on disk: one folder each, named by height and format, with the chunks and the list of their hashes.
 * A snapshot is written under another name and renamed when all of it is on the disk, so that whatever is
 * there under its own name is whole.
 */
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { concat, equal, type Bytes } from '../../base/bytes.ts';
import { sha256 } from '../../base/hash.ts';
import { MAX_SNAPSHOT_CHUNKS } from '../../base/limits.ts';
import { BadSnapshot } from './bad-snapshot.ts';
import { Chunker } from './chunker.ts';
import { HASH_BYTES, listedHash, SNAPSHOT_FORMAT, type Snapshot } from './format.ts';

const LIST = 'list';
const UNFINISHED = '.unfinished';
const NAME = /^([1-9][0-9]{0,15})-1$/;

export class SnapshotFolder {
  readonly #path: string;
  #known: readonly Snapshot[] = [];

  private constructor(path: string) {
    this.#path = path;
  }

  /** What is whole in a folder that another process may be writing to; newest first. */
  static async look(path: string): Promise<readonly Snapshot[]> {
    const names = await readdir(path).catch((): string[] => []);
    const found = await Promise.all(names.map((name) => readSnapshot(path, name)));
    return found.flatMap((one) => one ?? []).sort((a, b) => b.height - a.height);
  }

  /** Removes what a crash has left half-written, and what can no longer be read. */
  static async open(path: string): Promise<SnapshotFolder> {
    await mkdir(path, { recursive: true });
    const folder = new SnapshotFolder(path);
    folder.#known = await SnapshotFolder.look(path);
    const whole = new Set(folder.#known.map(({ height }) => nameOf(height)));
    for (const name of await readdir(path)) {
      if (whole.has(name) || !(NAME.test(name) || name.endsWith(UNFINISHED))) continue;
      await remove(join(path, name));
    }
    return folder;
  }

  /** Newest first. */
  list(): readonly Snapshot[] {
    return this.#known;
  }

  /** Undefined when it is not there or its bytes have changed. */
  async chunk(height: number, format: number, index: number): Promise<Bytes | undefined> {
    const snapshot = this.#known.find((one) => one.height === height && one.format === format);
    if (!snapshot || !Number.isSafeInteger(index) || index < 0 || index >= snapshot.chunks) {
      return undefined;
    }
    const bytes = await readFile(join(this.#path, nameOf(height), String(index))).catch(
      () => undefined,
    );
    if (!bytes || !equal(sha256(bytes), listedHash(snapshot, index))) return undefined;
    return new Uint8Array(bytes);
  }

  /** Writes a snapshot from its pieces. Whoever makes the pieces decides how fast they come. */
  async write(height: number, pieces: AsyncIterable<Bytes>): Promise<Snapshot> {
    const unfinished = join(this.#path, nameOf(height) + UNFINISHED);
    await remove(unfinished);
    await mkdir(unfinished);
    try {
      const metadata = await writeChunks(unfinished, pieces);
      await writeDurably(join(unfinished, LIST), concat(metadata, sha256(metadata)));
      const place = join(this.#path, nameOf(height));
      await remove(place);
      await rename(unfinished, place);
      await syncFolder(this.#path);
      const snapshot = describe(height, metadata);
      this.#known = [snapshot, ...this.#known.filter((one) => one.height !== height)].sort(
        (a, b) => b.height - a.height,
      );
      return snapshot;
    } catch (error) {
      await remove(unfinished);
      throw error;
    }
  }

  /** Removes all but the newest `count`. */
  async keepNewest(count: number): Promise<void> {
    const gone = this.#known.slice(count);
    this.#known = this.#known.slice(0, count);
    for (const { height } of gone) await remove(join(this.#path, nameOf(height)));
  }
}

const nameOf = (height: number): string => `${height}-${SNAPSHOT_FORMAT}`;

function describe(height: number, metadata: Bytes): Snapshot {
  const chunks = metadata.length / HASH_BYTES;
  return { height, format: SNAPSHOT_FORMAT, chunks, hash: sha256(metadata), metadata };
}

async function writeChunks(folder: string, pieces: AsyncIterable<Bytes>): Promise<Bytes> {
  const chunker = new Chunker();
  const hashes: Bytes[] = [];
  const write = async (chunks: Iterable<Bytes>): Promise<void> => {
    for (const chunk of chunks) {
      if (hashes.length >= MAX_SNAPSHOT_CHUNKS) {
        throw new BadSnapshot(`the state needs more than ${MAX_SNAPSHOT_CHUNKS} chunks`);
      }
      await writeDurably(join(folder, String(hashes.length)), chunk);
      hashes.push(sha256(chunk));
    }
  };
  for await (const piece of pieces) await write(chunker.push(piece));
  await write(chunker.end());
  return concat(...hashes);
}

async function readSnapshot(path: string, name: string): Promise<Snapshot | undefined> {
  const height = Number(NAME.exec(name)?.[1]);
  if (!Number.isSafeInteger(height)) return undefined;
  const folder = join(path, name);
  const list = await readFile(join(folder, LIST)).catch(() => undefined);
  if (!list || list.length <= HASH_BYTES || list.length % HASH_BYTES !== 0) return undefined;
  const metadata = new Uint8Array(list.subarray(0, -HASH_BYTES));
  if (!equal(sha256(metadata), list.subarray(-HASH_BYTES))) return undefined;
  const snapshot = describe(height, metadata);
  for (let index = 0; index < snapshot.chunks; index += 1) {
    const isThere = await stat(join(folder, String(index))).catch(() => undefined);
    if (!isThere) return undefined;
  }
  return snapshot;
}

async function writeDurably(path: string, bytes: Bytes): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(bytes);
    await file.datasync();
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function remove(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}

/** The toy application with snapshots: taken in memory every so many heights, a few pairs in each chunk. */
import { concat, utf8, type Bytes } from '../../../node/base/bytes.ts';
import { sha256 } from '../../../node/base/hash.ts';
import { ProtoReader } from '../../../node/base/proto-reader.ts';
import { ProtoWriter } from '../../../node/base/proto-writer.ts';
import type * as abci from '../../../node/app/abci.ts';
import type { Db, DbOp } from '../../../node/store/db.ts';
import { HASH_BYTES, judgeOffer } from '../../../node/store/snapshot/format.ts';
import { TIP, ToyApp } from './toy-app.ts';

/** The tip as it was restored; of this database only. */
const RESTORED = utf8('restored');
const PAIRS_PER_CHUNK = 4;
const KEPT = 3;

interface Taken {
  readonly snapshot: abci.Snapshot;
  readonly chunks: readonly Bytes[];
}

function encodePairs(pairs: readonly (readonly [Bytes, Bytes])[]): Bytes {
  const writer = new ProtoWriter();
  for (const [key, value] of pairs) {
    const pair = new ProtoWriter().bytes(1, key).bytes(2, value).finish();
    writer.message(1, pair, { always: true });
  }
  return writer.finish();
}

function decodePairs(chunk: Bytes): DbOp[] {
  const reader = new ProtoReader(chunk, { repeated: [1] });
  const ops: DbOp[] = [];
  while (reader.next()) {
    if (reader.field !== 1) reader.unknown();
    ops.push(
      reader.message((pair): DbOp => {
        let [key, value] = [new Uint8Array(0), new Uint8Array(0)] as [Bytes, Bytes];
        while (pair.next()) {
          if (pair.field === 1) key = pair.bytes();
          else if (pair.field === 2) value = pair.bytes();
          else pair.unknown();
        }
        return { type: 'put', key, value };
      }),
    );
  }
  return ops;
}

export function snapshotOf(height: number, chunks: readonly Bytes[]): abci.Snapshot {
  const metadata = concat(...chunks.map(sha256));
  return { height, format: 1, chunks: chunks.length, hash: sha256(metadata), metadata };
}

export class SnapshotApp extends ToyApp {
  readonly #db: Db;
  readonly #every: number;
  #taken: readonly Taken[] = [];
  #restore: { snapshot: abci.Snapshot; appHash: Bytes; ops: DbOp[] } | undefined;

  constructor(db: Db, every: number) {
    super(db);
    this.#db = db;
    this.#every = every;
  }

  override async commit(): Promise<{ retainHeight: number }> {
    const done = await super.commit();
    const { height } = this.info();
    if (this.#every === 0 || height % this.#every !== 0) return done;
    const pairs: [Bytes, Bytes][] = [];
    for await (const [key, value] of this.#db.iterate()) {
      if (!Buffer.from(key).equals(RESTORED)) pairs.push([key, value]);
    }
    const chunks: Bytes[] = [];
    for (let at = 0; at < pairs.length; at += PAIRS_PER_CHUNK) {
      chunks.push(encodePairs(pairs.slice(at, at + PAIRS_PER_CHUNK)));
    }
    this.#taken = [{ snapshot: snapshotOf(height, chunks), chunks }, ...this.#taken].slice(0, KEPT);
    return done;
  }

  override listSnapshots(): readonly abci.Snapshot[] {
    return this.#taken.map(({ snapshot }) => snapshot);
  }

  override async loadSnapshotChunk(
    height: number,
    _format: number,
    index: number,
  ): Promise<Bytes | undefined> {
    return this.#taken.find(({ snapshot }) => snapshot.height === height)?.chunks[index];
  }

  override offerSnapshot(snapshot: abci.Snapshot, appHash: Bytes): abci.OfferVerdict {
    this.#restore = undefined;
    const verdict = this.info().height === 0 ? judgeOffer(snapshot) : 'reject';
    if (verdict === 'accept') this.#restore = { snapshot, appHash, ops: [] };
    return verdict;
  }

  override async applySnapshotChunk(index: number, chunk: Bytes): Promise<abci.ChunkVerdict> {
    if (this.#restore === undefined) throw new Error('no snapshot was offered');
    const { snapshot, appHash, ops } = this.#restore;
    const listed = snapshot.metadata.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
    if (!Buffer.from(sha256(chunk)).equals(listed)) return 'retry';
    ops.push(...decodePairs(chunk));
    if (index < snapshot.chunks - 1) return 'accept';
    this.#restore = undefined;
    const tip = ops.find(({ key }) => Buffer.from(key).equals(TIP));
    const isTrusted = tip?.type === 'put' && Buffer.from(tip.value.slice(8)).equals(appHash);
    if (!isTrusted) return 'reject';
    ops.push({ type: 'put', key: RESTORED, value: tip.value });
    await this.#db.batch(ops, { sync: true });
    this.reload();
    return 'accept';
  }

  override async forgetSnapshot(): Promise<boolean> {
    const [tip, restored] = [this.#db.get(TIP), this.#db.get(RESTORED)];
    if (tip === undefined || restored === undefined || !Buffer.from(tip).equals(restored)) {
      return false;
    }
    const ops: DbOp[] = [];
    for await (const [key] of this.#db.iterate()) ops.push({ type: 'del', key });
    await this.#db.batch(ops, { sync: true });
    this.reload();
    return true;
  }
}

export const pair = (key: string, value: string): readonly [Bytes, Bytes] => [
  utf8(key),
  utf8(value),
];
export { encodePairs };

/** Stores with random content, their snapshots as items, and restores of whatever is made of them. */
import { concat, equal, utf8, type Bytes } from '../../../../node/base/bytes.ts';
import { BitscaleError, defineError } from '../../../../node/base/errors.ts';
import { sha256 } from '../../../../node/base/hash.ts';
import { SNAPSHOT_CHUNK_BYTES } from '../../../../node/base/limits.ts';
import type { KvPair } from '../../../../node/store/kv.ts';
import { MemoryDb } from '../../../../node/store/memory-db.ts';
import { MultiStore } from '../../../../node/store/multi-store.ts';
import { exportState } from '../../../../node/store/snapshot/export.ts';
import type { ChunkVerdict, Snapshot } from '../../../../node/store/snapshot/format.ts';
import { ItemReader, ItemWriter, type Item } from '../../../../node/store/snapshot/items.ts';
import type { PlainOwner } from '../../../../node/store/snapshot/plain-owner.ts';
import type { Random } from '../random.ts';

export const CHAIN = 'test-1';
export const STORES = { iavl: ['acc', 'bank'], plain: ['data', 'index'], cachedNodes: 50 };

const ERR_PLAIN = defineError('test-plain', 1, 'not what the trees say');

/**
 * `data` holds what `bank` has hashes of, and is carried. `index` holds the keys of `acc` turned round, and is
 * built anew.
 */
export const OWNER: PlainOwner = {
  *carried(state, store) {
    if (store !== 'data') return;
    for (const [key] of state.tree('bank').iterate()) {
      const value = state.plain('data').get(key);
      if (value) yield [key, value];
    }
  },
  accept(state, store, [key, value]) {
    const expected = state.tree('bank').get(key);
    const isKnown = state.plain('data').has(key);
    if (store !== 'data' || isKnown || !expected || !equal(sha256(value), expected)) {
      throw new BitscaleError(ERR_PLAIN, 'data');
    }
    state.plain('data').set(key, value);
  },
  *finish(state) {
    for (const [key] of state.tree('bank').iterate()) {
      if (!state.plain('data').has(key)) throw new BitscaleError(ERR_PLAIN, 'missing');
    }
    for (const [key] of state.tree('acc').iterate()) {
      state.plain('index').set(key.slice().reverse(), Uint8Array.of(1));
      yield;
    }
  },
};

/** A few blocks of random changes; `bank` only grows, as what is carried must. */
export async function randomStores(random: Random, blocks = 12): Promise<Chain> {
  const chain = new Chain(random);
  for (let i = 0; i < blocks; i += 1) await chain.block();
  return chain;
}

export class Chain {
  readonly db = new MemoryDb();
  readonly stores = MultiStore.open(this.db, STORES);
  readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  async block(): Promise<void> {
    writeBlock(this.random, [this.stores]);
    await this.stores.commit();
  }
}

/** The same random changes in each of the stores. */
export function writeBlock(random: Random, targets: readonly MultiStore[]): void {
  for (let i = random.below(30); i >= 0; i -= 1) {
    const key = random.bytes(1 + random.below(3));
    const remove = random.chance(25);
    const value = random.bytes(1 + random.below(40));
    const carried = concat(utf8(`${random.below(1e9)}`), key);
    for (const stores of targets) {
      if (remove) {
        stores.store('acc').delete(key);
        stores.store('index').delete(key.slice().reverse());
        continue;
      }
      stores.store('acc').set(key, value);
      stores.store('index').set(key.slice().reverse(), Uint8Array.of(1));
      stores.store('bank').set(carried, sha256(value));
      stores.store('data').set(carried, value);
    }
  }
}

export function piecesOf(stores: MultiStore, version = stores.version): Bytes {
  return concat(...exportState(stores.source(version), CHAIN, OWNER));
}

export function itemsOf(bytes: Bytes): Item[] {
  const reader = new ItemReader();
  reader.push(bytes);
  const items: Item[] = [];
  for (let item = reader.next(); item; item = reader.next()) items.push(item);
  return items;
}

export function bytesOf(items: readonly Item[]): Bytes {
  const writer = new ItemWriter(1000);
  const pieces = items.flatMap((item) => writer.write(item) ?? []);
  return concat(...pieces, writer.rest());
}

/** Chunks and the offer whoever made them would make: its hashes are right. */
export function offerOf(height: number, bytes: Bytes, size = SNAPSHOT_CHUNK_BYTES) {
  const chunks: Bytes[] = [];
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
  return { offer: offerOfChunks(height, chunks), chunks };
}

export function offerOfChunks(height: number, chunks: readonly Bytes[]): Snapshot {
  const metadata = concat(...chunks.map((chunk) => sha256(chunk)));
  return { height, format: 1, chunks: chunks.length, hash: sha256(metadata), metadata };
}

export interface Restored {
  readonly verdict: ChunkVerdict;
  readonly stores: MultiStore;
  readonly db: MemoryDb;
}

/** Feeds the chunks to a new database until one is not accepted. */
export async function restore(
  { offer, chunks }: { readonly offer: Snapshot; readonly chunks: readonly Bytes[] },
  appHash: Bytes,
): Promise<Restored> {
  const db = new MemoryDb();
  const stores = MultiStore.open(db, STORES);
  const running = stores.restore({ offer, appHash, chainId: CHAIN, owner: OWNER });
  let verdict: ChunkVerdict = 'accept';
  for (const [index, chunk] of chunks.entries()) {
    verdict = await running.apply(index, chunk);
    if (verdict !== 'accept') break;
  }
  stores.reopen();
  return { verdict, stores, db };
}

export async function contentOf(db: MemoryDb): Promise<KvPair[]> {
  const pairs: KvPair[] = [];
  for await (const pair of db.iterate()) pairs.push(pair);
  return pairs;
}

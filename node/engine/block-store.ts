/**
 * Blocks, commits, results, validator sets and the chain state, in one database. Each block arrives in one
 * synced atomic batch together with the state after it, so that the tip is always whole.
 */
import { bytesToUint64, equal, uint64ToBytes, type Bytes } from '../base/bytes.ts';
import { assert } from '../base/errors.ts';
import { MAX_CACHED_BLOCKS } from '../base/limits.ts';
import { ProtoReader } from '../base/proto-reader.ts';
import { ProtoWriter } from '../base/proto-writer.ts';
import type { ConsensusParams, Event, FinalizeBlockResponse, TxResult } from '../app/abci.ts';
import { decodeBlock, decodeCommit, readBlockId } from '../consensus/decoding.ts';
import { encodeBlockId, encodeCommit } from '../consensus/encoding.ts';
import { blockIdOf, partSetHeader } from '../consensus/hashing.ts';
import type { Block, BlockId, Commit, Header } from '../consensus/types.ts';
import type { ValidatorSet } from '../consensus/validator-set.ts';
import { NIL_BLOCK_ID, sameBlock } from '../consensus/votes.ts';
import type { Db, DbOp } from '../store/db.ts';
import * as keys from './block-keys.ts';
import type { ChainState } from './chain-state.ts';
import { encodeParams, readParams } from './params-codec.ts';
import { readBlockPart, type BlockPart } from './partial-reads.ts';
import { ResultsStore } from './results-store.ts';
import { decodeChainState, encodeChainState, sealed, unsealed } from './state-codec.ts';
import { ValidatorHistory } from './validator-history.ts';

export interface StoredBlock {
  readonly block: Block;
  readonly blockId: BlockId;
  /** Bytes of the encoded block. */
  readonly size: number;
}

export interface StoredCommit {
  readonly header: Header;
  readonly commit: Commit;
  /** False at the tip, where only the commit this node saw is known. */
  readonly canonical: boolean;
}

/** All that becomes durable with one block. */
export interface DecidedBlock {
  readonly block: Block;
  readonly bytes: Bytes;
  readonly blockId: BlockId;
  readonly seenCommit: Commit;
  readonly results: FinalizeBlockResponse;
  readonly next: ChainState;
  /** Written in the same batch: evidence that is no longer pending. */
  readonly extra?: readonly DbOp[];
}

const ALWAYS = { always: true } as const;

export class BlockStore {
  readonly #db: Db;
  readonly #damaged: (what: string) => Error;
  readonly #sets: ValidatorHistory;
  readonly #results: ResultsStore;
  readonly #cache = new Map<number, StoredBlock>();
  #state: ChainState | undefined;
  #base = 0;
  #restoredAt: number | undefined;

  private constructor(db: Db, damaged: (what: string) => Error) {
    this.#db = db;
    this.#damaged = damaged;
    this.#sets = new ValidatorHistory(db);
    this.#results = new ResultsStore(db);
  }

  /** `damaged` names what is wrong with a record that cannot be read. */
  static open(db: Db, damaged: (what: string) => Error): BlockStore {
    const store = new BlockStore(db, damaged);
    const stored = db.get(keys.STATE_KEY);
    if (stored !== undefined) {
      const record = unsealed(stored);
      if (record === undefined) throw damaged('the chain state');
      store.#state = decodeChainState(record);
    }
    const base = db.get(keys.BASE_KEY);
    store.#base = base === undefined ? 0 : Number(bytesToUint64(base));
    const restored = db.get(keys.RESTORED_KEY);
    if (restored !== undefined) store.#restoredAt = Number(bytesToUint64(restored));
    return store;
  }

  get db(): Db {
    return this.#db;
  }

  /** Undefined before `begin`. */
  state(): ChainState | undefined {
    return this.#state;
  }

  /** Height of the newest block; 0 when there is none. */
  height(): number {
    return this.#base === 0 ? 0 : (this.#state?.height ?? 0);
  }

  /** Height of the oldest block, or of the first to come after a restore; 0 when there is none. */
  base(): number {
    return this.#base;
  }

  /** The height whose state came as a snapshot: nothing before it was executed here, nor it itself. */
  restoredAt(): number | undefined {
    return this.#restoredAt;
  }

  /** Stores the state before the first block. */
  async begin(genesis: ChainState): Promise<void> {
    assert(this.#state === undefined, 'the chain has begun already');
    const ops: DbOp[] = [
      put(keys.STATE_KEY, sealed(encodeChainState(genesis))),
      this.#sets.put(genesis.height + 1, genesis.validators),
      put(keys.paramsKey(genesis.height + 1), encodeParams(genesis.params)),
    ];
    await this.#db.batch(ops, { sync: true });
    this.#state = genesis;
  }

  /** Instead of all blocks up to that of `state`, whose results and predecessors nobody here knows. */
  async beginAt(state: ChainState, commit: Commit, block?: StoredBlock & { bytes: Bytes }) {
    const { height, lastValidators, validators, initialHeight } = state;
    assert(this.height() === 0 && lastValidators !== undefined, 'only an empty store begins anew');
    const base = block === undefined ? height + 1 : height;
    const ops: DbOp[] = [
      { type: 'del', key: keys.validatorsKey(initialHeight) },
      { type: 'del', key: keys.paramsKey(initialHeight) },
      put(keys.STATE_KEY, sealed(encodeChainState(state))),
      put(keys.BASE_KEY, uint64ToBytes(base)),
      put(keys.RESTORED_KEY, uint64ToBytes(height)),
      put(keys.seenCommitKey(height), encodeCommit(commit)),
      this.#sets.put(height, lastValidators),
      this.#sets.put(height + 1, validators),
      put(keys.paramsKey(height), encodeParams(state.params)),
      put(keys.paramsKey(height + 1), encodeParams(state.params)),
      ...(block === undefined ? [] : blockOps(block.block, block.bytes, block.blockId)),
    ];
    await this.#db.batch(ops, { sync: true });
    this.#state = state;
    this.#base = base;
    this.#restoredAt = height;
  }

  async save(decided: DecidedBlock): Promise<void> {
    const { block, bytes, blockId, seenCommit, results, next, extra = [] } = decided;
    const { height } = block.header;
    const before = this.#state;
    assert(before !== undefined && height === before.height + 1, 'blocks are stored in order');
    const ops: DbOp[] = [
      ...blockOps(block, bytes, blockId),
      put(keys.seenCommitKey(height), encodeCommit(seenCommit)),
      { type: 'del', key: keys.seenCommitKey(height - 1) },
      ...this.#results.puts(height, results),
      this.#sets.put(height + 1, next.validators, before.validators),
      put(keys.paramsKey(height + 1), encodeParams(next.params)),
      put(keys.STATE_KEY, sealed(encodeChainState(next))),
      ...extra,
    ];
    if (this.#base === 0) ops.push(put(keys.BASE_KEY, uint64ToBytes(height)));
    await this.#db.batch(ops, { sync: true });
    this.#state = next;
    if (this.#base === 0) this.#base = height;
    this.#remember(height, { block, blockId, size: bytes.length });
  }

  block(height: number): StoredBlock | undefined {
    const cached = this.#cache.get(height);
    if (cached !== undefined) return cached;
    const bytes = this.blockBytes(height);
    const meta = this.meta(height);
    if (bytes === undefined || meta === undefined) return undefined;
    const stored = { block: decodeBlock(bytes), blockId: meta.blockId, size: bytes.length };
    if (!sameBlock(blockIdOf(stored.block, bytes), meta.blockId)) {
      throw this.#damaged(`block ${height} does not have the hash it was stored with`);
    }
    this.#remember(height, stored);
    return stored;
  }

  blockBytes(height: number): Bytes | undefined {
    return this.#db.get(keys.blockKeyOf(height));
  }

  meta(height: number): { readonly blockId: BlockId; readonly size: number } | undefined {
    const bytes = this.#db.get(keys.metaKey(height));
    if (bytes === undefined) return undefined;
    const reader = new ProtoReader(bytes);
    let [blockId, size] = [NIL_BLOCK_ID, 0];
    while (reader.next()) {
      if (reader.field === 1) blockId = reader.message(readBlockId);
      else if (reader.field === 2) size = reader.safeInteger();
      else reader.unknown();
    }
    return { blockId, size };
  }

  seenCommit(height: number): Commit | undefined {
    const bytes = this.#db.get(keys.seenCommitKey(height));
    return bytes && decodeCommit(bytes);
  }

  /** The commit inside the next block, or the seen one at the tip. */
  commit(height: number): StoredCommit | undefined {
    const stored = this.block(height);
    if (stored === undefined) return undefined;
    const { header } = stored.block;
    const seen = height < this.height() ? undefined : this.seenCommit(height);
    if (seen !== undefined) return { header, commit: seen, canonical: false };
    // Also of the newest: its seen commit goes with the write of the next block, a moment before that one counts.
    const next = this.block(height + 1);
    if (next !== undefined) return { header, commit: next.block.lastCommit, canonical: true };
    const commit = this.seenCommit(height);
    return commit && { header, commit, canonical: false };
  }

  heightByHash(hash: Bytes): number | undefined {
    const bytes = this.#db.get(keys.hashKey(hash));
    return bytes && Number(bytesToUint64(bytes));
  }

  /** Known up to one height above the newest block, and down to one below the oldest. */
  validators(height: number): ValidatorSet | undefined {
    return this.#sets.at(height);
  }

  results(height: number): FinalizeBlockResponse | undefined {
    return this.#results.all(height);
  }

  /** Header and single transactions of a block; `positions` ascend, and those it does not have are left out. */
  blockPart(height: number, positions: readonly number[]): BlockPart | undefined {
    const cached = this.#cache.get(height)?.block;
    if (cached !== undefined) {
      return { header: cached.header, txs: positions.flatMap((at) => cached.txs[at] ?? []) };
    }
    const bytes = this.blockBytes(height);
    const meta = this.meta(height);
    if (bytes === undefined || meta === undefined) return undefined;
    if (!equal(partSetHeader(bytes).hash, meta.blockId.parts.hash)) {
      throw this.#damaged(`block ${height} does not have the hash it was stored with`);
    }
    return readBlockPart(bytes, positions);
  }

  /** Results of single transactions; `positions` as above. */
  txResults(height: number, positions: readonly number[]): readonly TxResult[] | undefined {
    return this.#results.some(height, positions);
  }

  /** The events of a block itself, without those of its transactions. */
  blockEvents(height: number): readonly Event[] | undefined {
    return this.#results.events(height);
  }

  consensusParams(height: number): ConsensusParams | undefined {
    const bytes = this.#db.get(keys.paramsKey(height));
    return bytes && readParams(new ProtoReader(bytes));
  }

  /** Forgets blocks below `keepFrom` and all that goes with them; the newest block always stays. */
  async prune(keepFrom: number): Promise<void> {
    const end = Math.min(keepFrom, this.height());
    if (this.#base === 0 || end <= this.#base) return;
    // Block `end` is checked against the validators of the one before it.
    const sets = end - 1;
    const ops: DbOp[] = [put(keys.BASE_KEY, uint64ToBytes(end)), ...this.#sets.rebase(sets)];
    for (let height = this.#base; height < end; height += 1) {
      const hash = this.meta(height)?.blockId.hash;
      if (hash !== undefined) ops.push(del(keys.hashKey(hash)));
      ops.push(del(keys.metaKey(height)), del(keys.blockKeyOf(height)));
      ops.push(...this.#results.dels(height));
      for (const key of [keys.validatorsKey, keys.paramsKey]) ops.push(del(key(height - 1)));
      this.#cache.delete(height);
    }
    await this.#db.batch(ops, { sync: false });
    this.#base = end;
  }

  #remember(height: number, stored: StoredBlock): void {
    this.#cache.set(height, stored);
    if (this.#cache.size <= MAX_CACHED_BLOCKS) return;
    const oldest = this.#cache.keys().next();
    if (!oldest.done) this.#cache.delete(oldest.value);
  }
}

function put(key: Bytes, value: Bytes): DbOp {
  return { type: 'put', key, value };
}

function del(key: Bytes): DbOp {
  return { type: 'del', key };
}

function blockOps({ header: { height } }: Block, bytes: Bytes, blockId: BlockId): DbOp[] {
  const meta = new ProtoWriter().message(1, encodeBlockId(blockId), ALWAYS);
  return [
    put(keys.metaKey(height), meta.int64(2, bytes.length).finish()),
    put(keys.blockKeyOf(height), bytes),
    put(keys.hashKey(blockId.hash), uint64ToBytes(height)),
  ];
}
